/**
 * The cipher functions of Noise (§4.2, §12.3): ChaCha20-Poly1305 (RFC 8439).
 *
 * @module
 */

/** An AEAD for one key, nonce of 12 bytes and associated data: @noble/ciphers and every codec have it in this form. */
export type NoiseAead = (
  key: Uint8Array,
  nonce: Uint8Array,
  ad: Uint8Array,
) => { encrypt(plaintext: Uint8Array): Uint8Array; decrypt(ciphertext: Uint8Array): Uint8Array };

/** Bytes of a key. */
export const CIPHER_KEY_BYTES = 32;

/** Bytes that sealing adds. */
export const TAG_BYTES = 16;

/** The nonce that no message may have: rekeying uses it (§4.2, §5.1). */
export const REKEY_NONCE: bigint = 2n ** 64n - 1n;

/** ENCRYPT(k, n, ad, plaintext): the ciphertext with its tag. */
export function encrypt(
  aead: NoiseAead,
  key: Uint8Array,
  nonce: bigint,
  ad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  return aead(key, encodeNonce(nonce), ad).encrypt(plaintext);
}

/** DECRYPT(k, n, ad, ciphertext). Throws if the tag does not fit. */
export function decrypt(
  aead: NoiseAead,
  key: Uint8Array,
  nonce: bigint,
  ad: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  return aead(key, encodeNonce(nonce), ad).decrypt(ciphertext);
}

/** REKEY(k) as §4.2 has it where the cipher defines nothing else. */
export function rekey(aead: NoiseAead, key: Uint8Array): Uint8Array {
  const zeros = new Uint8Array(CIPHER_KEY_BYTES);
  return encrypt(aead, key, REKEY_NONCE, new Uint8Array(0), zeros).slice(0, CIPHER_KEY_BYTES);
}

// §12.3: 32 zero bits, then the nonce in little-endian order.
function encodeNonce(nonce: bigint): Uint8Array {
  const bytes = new Uint8Array(12);
  new DataView(bytes.buffer).setBigUint64(4, nonce, true);
  return bytes;
}
