/**
 * X25519 (RFC 7748) by the Montgomery ladder of @noble/curves, given the numbers of Curve25519.
 *
 * Its ready-made `x25519` brings Edwards curves, which a browser would have to load for nothing.
 *
 * @module
 */

import { montgomery } from "@noble/curves/abstract/montgomery.js";

/** RFC 7748 §4.1. */
const P = 2n ** 255n - 19n;

/** The functions of X25519. */
export interface Curve25519 {
  /** The 32 bytes of the public key that belongs to 32 secret bytes. */
  getPublicKey(secret: Uint8Array): Uint8Array;
  /** 32 bytes. Throws where they are all zero: the public key is of low order. */
  getSharedSecret(secret: Uint8Array, publicKey: Uint8Array): Uint8Array;
}

/** X25519. */
export const curve25519: Curve25519 = /* @__PURE__ */ montgomery({
  P,
  type: "x25519",
  powPminus2: invert,
  adjustScalarBytes: clamp,
});

/** RFC 7748 §5: decodeScalar25519. */
function clamp(bytes: Uint8Array): Uint8Array {
  bytes[0] &= 248;
  bytes[31] = bytes[31] & 127 | 64;
  return bytes;
}

/** x^(p-2), the inverse (RFC 7748 §5): the exponent has 255 bits, all of them set but two. */
function invert(x: bigint): bigint {
  let power = x;
  for (let bit = 253; bit >= 0; bit--) {
    power = power * power % P;
    if (bit !== 4 && bit !== 2) power = power * x % P;
  }
  return power;
}
