/**
 * What a hash function of Noise is (§4.3), its HMAC and HKDF, and SHA-256 (§12.5) for all of Hawser.
 *
 * @module
 */

import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import type { CHash } from "@noble/hashes/utils.js";
import { nativeSha256 } from "../native.ts";

/** One hash function, as Noise needs it. */
export interface NoiseHash {
  /** HASHLEN: bytes of its output, 32 or 64. */
  readonly hashLength: number;
  /** HASH of all parts, read as one run of bytes. */
  hash(...parts: Uint8Array[]): Uint8Array;
  /** HMAC-HASH (RFC 2104) of all parts, read as one run of bytes. */
  hmac(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array;
}

/** SHA-256, by the runtime where that is faster. */
export const SHA256: NoiseHash = nativeSha256 === undefined ? fromNoble(nobleSha256) : {
  hashLength: 32,
  hash: (...parts) => nativeSha256!.hash(parts),
  hmac: (key, ...parts) => nativeSha256!.hmac(key, parts),
};

/** SHA-256 (FIPS 180-4) of all parts, read as one run of bytes. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  return SHA256.hash(...parts);
}

/** HMAC-SHA256 (RFC 2104) of all parts, read as one run of bytes. */
export function hmacSha256(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  return SHA256.hmac(key, ...parts);
}

/** HKDF of Noise §4.3: two or three outputs of HASHLEN bytes from a chaining key and input key material. */
export function noiseHkdf(
  hash: NoiseHash,
  chainingKey: Uint8Array,
  inputKeyMaterial: Uint8Array,
  outputs: 2 | 3,
): Uint8Array[] {
  const temporaryKey = hash.hmac(chainingKey, inputKeyMaterial);
  const first = hash.hmac(temporaryKey, Uint8Array.of(1));
  const second = hash.hmac(temporaryKey, first, Uint8Array.of(2));
  const result = [first, second];
  if (outputs === 3) result.push(hash.hmac(temporaryKey, second, Uint8Array.of(3)));
  temporaryKey.fill(0);
  return result;
}

/** A hash function of @noble/hashes as Noise needs it; its HMAC would cost a browser more bytes than this one. */
export function fromNoble(algorithm: CHash): NoiseHash {
  const hash = (...parts: Uint8Array[]): Uint8Array => {
    const state = algorithm.create();
    for (const part of parts) state.update(part);
    return state.digest();
  };
  // RFC 2104 §2: H(K XOR opad, H(K XOR ipad, text)).
  const hmac = (key: Uint8Array, ...parts: Uint8Array[]): Uint8Array => {
    const pad = new Uint8Array(algorithm.blockLen);
    pad.set(key.length > pad.length ? hash(key) : key);
    for (let i = 0; i < pad.length; i++) pad[i] ^= 0x36;
    const inner = hash(pad, ...parts);
    for (let i = 0; i < pad.length; i++) pad[i] ^= 0x36 ^ 0x5c;
    const tag = hash(pad, inner);
    pad.fill(0);
    return tag;
  };
  return { hashLength: algorithm.outputLen, hash, hmac };
}
