/**
 * The one error of a handshake that fails.
 *
 * @module
 */

import { HawserError } from "../errors.ts";

/**
 * Makes the error of every failed read, and of every Diffie-Hellman result that
 * must be refused. It is the same whatever the cause, and carries none: what a peer
 * could learn from a difference would be an oracle.
 */
export function handshakeFailed(): HawserError {
  return new HawserError(
    "handshake-failed",
    "the handshake message was refused: check that both sides use the same protocol, prologue, keys and " +
      "pre-shared keys; otherwise somebody changed it on the way",
  );
}
