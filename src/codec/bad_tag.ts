/**
 * The one error of every AEAD.
 *
 * @module
 */

import { HawserError } from "../errors.ts";

/** The error for a ciphertext whose tag is wrong. */
export function badTag(cause?: unknown): HawserError {
  return new HawserError(
    "open-failed",
    "the ciphertext was changed, or made with another key, nonce or associated data; do not use it",
    { cause },
  );
}
