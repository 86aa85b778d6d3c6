/**
 * What ends an HTTP/3 connection whose peer breaks the rules.
 *
 * @module
 */

import { HawserError } from "../../../errors.ts";

/** Codes that a connection or stream is ended with (RFC 9114 §8.1, RFC 9204 §6). */
export const HTTP3_CODES = {
  /** Nothing is wrong. */
  done: 0x100,
  /** There is no room, or nobody listens any more. */
  refused: 0x10b,
  /** The link was given up. */
  cancelled: 0x10c,
  /** The peer broke a rule. */
  broken: 0x101,
} as const;

/** The error of a peer that speaks something else. */
export function http3Error(what: string): HawserError {
  return new HawserError("protocol", `the peer does not speak HTTP/3 as it must: ${what}`);
}
