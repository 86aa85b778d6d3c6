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

/** x^(p-2), the inverse (RFC 7748 §5): p-2 is 2^255 - 21, built from exponents 2^n - 1. */
function invert(x: bigint): bigint {
  const x9 = square(x, 3) * x % P;
  const x11 = x9 * square(x, 1) % P;
  const ones5 = square(x11, 1) * x9 % P;
  const ones10 = square(ones5, 5) * ones5 % P;
  const ones20 = square(ones10, 10) * ones10 % P;
  const ones40 = square(ones20, 20) * ones20 % P;
  const ones50 = square(ones40, 10) * ones10 % P;
  const ones100 = square(ones50, 50) * ones50 % P;
  const ones200 = square(ones100, 100) * ones100 % P;
  const ones250 = square(ones200, 50) * ones50 % P;
  return square(ones250, 5) * x11 % P;
}

/** Squares so many times. */
function square(x: bigint, times: number): bigint {
  let power = x;
  for (let i = 0; i < times; i++) power = power * power % P;
  return power;
}
