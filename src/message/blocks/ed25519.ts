/**
 * Ed25519 (RFC 8032) for blocks: who signs, and whether somebody did.
 *
 * All runtimes decide alike, or a chain would hold on one and break on another: keys of low order are refused
 * everywhere, and what a runtime lacks is computed as the others do it, without the cofactor.
 *
 * @module
 */

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { type NativeEd25519, nativeEd25519 } from "../../native_signing.ts";
import { HASH_BYTES, SIGNATURE_BYTES } from "./block.ts";

/** Whoever signs blocks: a key in memory, or a device that never gives it away. */
export interface BlockSigner {
  /** The Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The Ed25519 signature of a text, 64 bytes. */
  sign(text: Uint8Array): Uint8Array;
}

/** Ed25519 in JavaScript, for runtimes without one. */
export const portableEd25519: NativeEd25519 = {
  publicKey: (secretKey) => ed25519.getPublicKey(secretKey),
  sign: (secretKey, text) => ed25519.sign(text, secretKey),
  verify: verifyPortably,
};

const native = nativeEd25519 ?? portableEd25519;

/** The prime of the field, 2^255 - 19, and what RFC 8032 calls L. */
const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

// The y of the points of low order: of order 1 (1), 2 (-1), 4 (0), and 8 (both signs of the last).
const Y_ORDER_8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
const Y_LOW_ORDER: ReadonlySet<bigint> = new Set([0n, 1n, P - 1n, Y_ORDER_8, P - Y_ORDER_8]);

/**
 * Signs with a secret key of 32 bytes, of which a copy is kept.
 *
 * @throws {RangeError} if the key is not 32 bytes.
 */
export function blockSigner(secretKey: Uint8Array): BlockSigner {
  if (!(secretKey instanceof Uint8Array) || secretKey.length !== HASH_BYTES) {
    throw new RangeError("the secret key of an Ed25519 signer is 32 bytes");
  }
  const key = new Uint8Array(secretKey);
  return { publicKey: native.publicKey(key), sign: (text) => native.sign(key, text) };
}

/** Whether `signature` is one of `publicKey` over `text`; `false` too for keys that are none. */
export function verifyEd25519(
  publicKey: Uint8Array,
  text: Uint8Array,
  signature: Uint8Array,
  by: Pick<NativeEd25519, "verify"> = native,
): boolean {
  if (publicKey.length !== HASH_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  const y = littleEndian(publicKey) & (2n ** 255n - 1n);
  if (y >= P || Y_LOW_ORDER.has(y) || littleEndian(signature.subarray(HASH_BYTES)) >= L) return false;
  try {
    return by.verify(publicKey, text, signature);
  } catch {
    return false; // The key is no point of the curve.
  }
}

// RFC 8032 §5.1.7 by comparing encodings, as the native ones do: S·B - k·A must be written as R.
function verifyPortably(publicKey: Uint8Array, text: Uint8Array, signature: Uint8Array): boolean {
  const { Point } = ed25519;
  const point = Point.fromBytes(publicKey);
  const r = signature.subarray(0, HASH_BYTES);
  const s = littleEndian(signature.subarray(HASH_BYTES));
  const hash = sha512.create().update(r).update(publicKey).update(text).digest();
  const k = littleEndian(hash) % L;
  const expected = times(Point.BASE, s).subtract(times(point, k)).toBytes();
  return expected.every((byte, index) => byte === r[index]);
}

type Point = InstanceType<typeof ed25519.Point>;

// The library's points take no zero.
function times(point: Point, factor: bigint): Point {
  return factor === 0n ? ed25519.Point.ZERO : point.multiplyUnsafe(factor);
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let index = bytes.length - 1; index >= 0; index--) value = value << 8n | BigInt(bytes[index]);
  return value;
}
