/**
 * From the path of an address to what the system calls the socket.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { PIPE_NAME_CHARS_MAX, UNIX_PATH_BYTES_MAX, UNIX_PATH_BYTES_MAX_BSD } from "../../limits.ts";
import type { Address } from "../../link.ts";

/** The address of an end without one: who dials has no file. */
export const UNNAMED = "unix://";

/** What a listener's private folder adds to the folder of its socket: `/.XXXXXX/s`. */
const PRIVATE_BYTES = 10;

/**
 * The path of the socket file; on Windows the name of a pipe: `unix:///run/app.sock` is `\\.\pipe\run\app.sock`.
 *
 * @param platform as `process.platform` names it
 * @throws {HawserError} `invalid-address` if there is no path, or it is not text, or too long for the system
 */
export function socketPath(address: Address, platform: string): string {
  const path = decode(address);
  if (path.length < 2) {
    throw new HawserError("invalid-address", `${address.href} names no file; write unix:///run/app.sock`);
  }
  return platform === "win32" ? pipeName(path, address) : checkedPath(path, address, platform);
}

/** The folder of a socket file, without a slash at its end. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function decode(address: Address): string {
  let path = "";
  try {
    path = decodeURIComponent(address.path);
  } catch (cause) {
    throw new HawserError("invalid-address", `the path of ${address.href} is not percent-encoded UTF-8`, {
      cause,
    });
  }
  if (!path.includes("\0")) return path;
  throw new HawserError("invalid-address", `the path of ${address.href} holds a zero; choose another name`);
}

function pipeName(path: string, address: Address): string {
  const name = `\\\\.\\pipe${path.replaceAll("/", "\\")}`;
  if (name.length <= PIPE_NAME_CHARS_MAX) return name;
  throw new HawserError(
    "invalid-address",
    `${address.href} makes a pipe's name of ${name.length} characters; Windows takes ${PIPE_NAME_CHARS_MAX}`,
  );
}

function checkedPath(path: string, address: Address, platform: string): string {
  const max = platform === "linux" || platform === "android" ? UNIX_PATH_BYTES_MAX : UNIX_PATH_BYTES_MAX_BSD;
  const length = utf8Length(path);
  const folderMax = max - PRIVATE_BYTES;
  if (length <= max && utf8Length(folderOf(path)) <= folderMax) return path;
  throw new HawserError(
    "invalid-address",
    `the path of ${address.href} has ${length} bytes; a socket takes at most ${max}, of which its folder ` +
      `at most ${folderMax}: choose a shorter one`,
  );
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
