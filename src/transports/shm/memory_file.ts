/**
 * Files of `/dev/shm`, which live in memory and which two processes map.
 *
 * The listener makes one for each link, for its owner alone and under a name that nobody can guess; the dialler maps it
 * and takes the name away, so that it goes with the two processes, however they end.
 *
 * @module
 */

import { constants } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import process from "node:process";
import { HawserError } from "../../errors.ts";
import { failure } from "../failure.ts";
import { runtime } from "../runtime.ts";

/** A file that is mapped. */
export interface Mapping {
  /** The bytes of the file, shared with all who map it. Never to be touched after `unmap`. */
  readonly memory: ArrayBufferLike;
  /** Gives the memory back. */
  unmap(): void;
}

/** What each runtime's file offers: maps an open file. Throws what the runtime says. */
export interface Mapper {
  /** Maps the first `bytes` bytes of the file `fd`, shared, for reading and writing. */
  map(fd: number, bytes: number): Mapping;
}

const FOLDER = "/dev/shm";
const OWNER_ALONE = 0o600;
const NAME = /^[0-9a-f]{32}$/;

/**
 * How this runtime maps files.
 * @throws {HawserError} `unsupported` where it cannot, with what to install or to permit
 */
export async function loadMapper(): Promise<Mapper> {
  if (process.platform !== "linux") {
    throw new HawserError(
      "unsupported",
      `${process.platform} has no ${FOLDER}: processes share memory on Linux only; use unix://`,
    );
  }
  if (runtime === "deno") return (await import("./map_deno.ts")).loadDenoMapper();
  return runtime === "bun"
    ? await import("./map_bun.ts")
    : await (await import("./map_node.ts")).loadNodeMapper();
}

/** Makes a file of zeros with an unguessable `name` and maps it. */
export async function createMemory(mapper: Mapper, name: string, bytes: number): Promise<Mapping> {
  const path = pathOf(name);
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = await open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, OWNER_ALONE);
  try {
    await file.truncate(bytes);
    return mapper.map(file.fd, bytes);
  } catch (cause) {
    await removeMemory(name);
    throw failure(cause, `cannot share memory through ${path}`);
  } finally {
    await file.close();
  }
}

/**
 * Maps a file that somebody else made, and takes its name away.
 * @throws {HawserError} `protocol` if it is not one that `createMemory` made for us
 */
export async function openMemory(mapper: Mapper, name: string, bytes: number): Promise<Mapping> {
  if (!NAME.test(name)) throw foreign(JSON.stringify(name));
  const path = pathOf(name);
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
  } catch (cause) {
    const message = `the listener took back the memory that it offered (${path}); dial again`;
    throw new HawserError("io", message, { cause });
  }
  try {
    const found = await file.stat();
    const isOwn = found.uid === process.getuid?.() && (found.mode & 0o777) === OWNER_ALONE;
    if (!isOwn || !found.isFile() || found.size !== bytes) throw foreign(path);
    return mapper.map(file.fd, bytes);
  } finally {
    await removeMemory(name);
    await file.close();
  }
}

/** Takes the name of a file away; who has mapped it keeps the memory. Never throws. */
export async function removeMemory(name: string): Promise<void> {
  await unlink(pathOf(name)).catch(() => {});
}

function pathOf(name: string): string {
  return `${FOLDER}/hawser-${name}`;
}

function foreign(what: string): HawserError {
  return new HawserError("protocol", `${what} is no memory for a link; both sides must run the same Hawser`);
}
