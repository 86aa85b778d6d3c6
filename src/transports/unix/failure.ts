/**
 * What the system says about sockets that are files, as errors with a code and advice.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Address } from "../../link.ts";
import { failure } from "../failure.ts";

const FORBIDDEN = new Set(["EACCES", "EPERM", "EROFS", "NotCapable"]);

/** The error of a dial that failed with `cause`. */
export function dialFailure(cause: unknown, address: Address): HawserError {
  const doing = `cannot dial ${address.href}`;
  if (has(cause, "ENOENT", "ENOTDIR", "ENOTSOCK")) {
    const advice = "nobody listens there; check the path and that the listener runs";
    return new HawserError("connection-refused", `${doing}: ${advice}`, { cause });
  }
  if (has(cause, "EAGAIN", "WouldBlock")) {
    return new HawserError("connection-refused", `${doing}: too many wait for the listener; try later`, {
      cause,
    });
  }
  return forbidden(cause, doing) ?? failure(cause, doing);
}

/** The error of a listen that failed with `cause`. */
export function listenFailure(cause: unknown, address: Address): HawserError {
  const doing = `cannot listen on ${address.href}`;
  if (has(cause, "ENOENT", "ENOTDIR")) {
    return new HawserError("invalid-address", `${doing}: its folder does not exist; make it first`, {
      cause,
    });
  }
  return forbidden(cause, doing) ?? failure(cause, doing);
}

/** Whether the system gave one of these codes, or the runtime named its error so. */
export function has(cause: unknown, ...codes: string[]): boolean {
  const { code = "", name = "" } = (cause ?? {}) as { code?: string; name?: string };
  return codes.includes(code) || codes.includes(name);
}

function forbidden(cause: unknown, doing: string): HawserError | undefined {
  if (!has(cause, ...FORBIDDEN)) return undefined;
  const advice =
    "not permitted; check who owns file and folder, and give Deno --allow-read and --allow-write";
  return new HawserError("io", `${doing}: ${advice}`, { cause, retryable: false });
}
