/**
 * The one source of randomness.
 *
 * Vocabulary level: imports nothing. What must be repeatable (the session, simulations) takes a
 * {@linkcode RandomBytes} as an argument; this is the default that it gets in real use.
 *
 * @module
 */

/** Makes `length` bytes that nobody can guess. */
export type RandomBytes = (length: number) => Uint8Array;

/** Makes `length` (at most 65,536) bytes with the runtime's cryptographic generator. */
export function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
