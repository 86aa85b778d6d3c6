/**
 * Keys from keys: HKDF with SHA-256 (RFC 5869).
 *
 * @module
 */

import { hmacSha256 } from "./hash.ts";

const HASH_BYTES = 32;

/**
 * HKDF-SHA256 (RFC 5869 §2): extracts from `inputKeyMaterial` and `salt` (empty: 32 zero bytes), then expands
 * with `info` to `length` bytes.
 *
 * @throws {RangeError} if `length` is over 255 * 32.
 *
 * @example
 * ```ts
 * import { hkdfSha256 } from "@hawser/hawser/noise";
 *
 * const key = hkdfSha256(new Uint8Array(32), new Uint8Array(0), new TextEncoder().encode("cookie"), 32);
 * console.log(key.length); // 32
 * ```
 */
export function hkdfSha256(
  inputKeyMaterial: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  if (!Number.isSafeInteger(length) || length < 0 || length > 255 * HASH_BYTES) {
    throw new RangeError(`HKDF-SHA256 makes 0 to 8160 bytes, not ${length}`);
  }
  const extracted = hmacSha256(salt.length === 0 ? new Uint8Array(HASH_BYTES) : salt, inputKeyMaterial);
  const output = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  for (let at = 0, counter = 1; at < length; at += HASH_BYTES, counter++) {
    block = hmacSha256(extracted, block, info, Uint8Array.of(counter));
    output.set(block.subarray(0, length - at), at);
  }
  extracted.fill(0);
  block.fill(0);
  return output;
}

/** A 32-byte key for the purpose that `label` names, from a 32-byte key: HKDF-SHA256 without salt. */
export function deriveKey(key: Uint8Array, label: string): Uint8Array {
  return hkdfSha256(key, new Uint8Array(0), new TextEncoder().encode(label), HASH_BYTES);
}
