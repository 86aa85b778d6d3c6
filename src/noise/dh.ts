/**
 * The DH functions of Noise (§4.1, §12.1): X25519 (RFC 7748), by the runtime where it can, else by @noble/curves.
 *
 * @module
 */

import { nativeX25519, type NativeX25519Key } from "../native.ts";
import { type RandomBytes, randomBytes } from "../random.ts";
import { curve25519 } from "./curve25519.ts";
import { handshakeFailed } from "./failure.ts";

/** DHLEN: bytes of a secret key, a public key and a shared secret. */
export const DH_BYTES = 32;

/** A secret key made ready for use, with its public key. */
export interface KeyPair {
  /** The 32 bytes of the public key. */
  readonly publicKey: Uint8Array;
  /**
   * DH with the public key of the other side.
   * @throws {HawserError} `handshake-failed` if the result is all zero: the public key is of low order.
   */
  dh(publicKey: Uint8Array): Uint8Array;
  /** Wipes what is held of the secret key. Safe to call twice. */
  dispose(): void;
}

/**
 * Makes a key pair of a 32-byte secret key, which is copied.
 *
 * @throws {RangeError} if it is not 32 bytes.
 *
 * @example
 * ```ts
 * import { createHandshake, createKeyPair } from "@hawser/hawser/noise";
 *
 * const staticKey = createKeyPair(crypto.getRandomValues(new Uint8Array(32)));
 * const protocolName = "Noise_XX_25519_ChaChaPoly_SHA256";
 * for (let count = 0; count < 3; count++) createHandshake({ protocolName, initiator: true, staticKey });
 * staticKey.dispose();
 * ```
 */
export function createKeyPair(secret: Uint8Array): KeyPair {
  requireKeyBytes("a secret key", secret);
  return nativeX25519 === undefined
    ? createNobleKeyPair(secret)
    : nativeKeyPair(nativeX25519.importKey(secret));
}

/** Makes a new key pair, from `random` where that is not the runtime's own generator. */
export function generateKeyPair(random: RandomBytes): KeyPair {
  if (nativeX25519 !== undefined && random === randomBytes) return nativeKeyPair(nativeX25519.generateKey());
  return createKeyPair(random(DH_BYTES));
}

function nativeKeyPair(key: NativeX25519Key): KeyPair {
  return {
    publicKey: key.publicKey(),
    dh: (publicKey) => refuseZero(() => key.sharedSecret(publicKey)),
    dispose: () => {}, // The runtime wipes its own copy.
  };
}

/** As {@linkcode createKeyPair}, by @noble/curves: slower, and the same on every runtime. */
export function createNobleKeyPair(secret: Uint8Array): KeyPair {
  requireKeyBytes("a secret key", secret);
  const copy = new Uint8Array(secret); // Not slice, which is no copy where somebody hands in a Buffer.
  return {
    publicKey: curve25519.getPublicKey(copy),
    dh: (publicKey) => refuseZero(() => curve25519.getSharedSecret(copy, publicKey)),
    dispose: () => copy.fill(0),
  };
}

/**
 * The X25519 public key of a 32-byte secret key.
 *
 * @throws {RangeError} if it is not 32 bytes.
 */
export function x25519PublicKey(secret: Uint8Array): Uint8Array {
  const pair = createKeyPair(secret);
  pair.dispose();
  return pair.publicKey;
}

/**
 * The X25519 shared secret (RFC 7748 §6.1) of our 32-byte secret key and their 32-byte public key.
 *
 * @throws {HawserError} `handshake-failed` if it is all zero: the public key is of low order.
 * @throws {RangeError} if a key is not 32 bytes.
 */
export function x25519(secret: Uint8Array, publicKey: Uint8Array): Uint8Array {
  requireKeyBytes("a public key", publicKey);
  const pair = createKeyPair(secret);
  try {
    return pair.dh(publicKey);
  } finally {
    pair.dispose();
  }
}

/** @throws {RangeError} if `key` is not 32 bytes. */
export function requireKeyBytes(what: string, key: Uint8Array): void {
  if (key.length !== DH_BYTES) throw new RangeError(`${what} is 32 bytes, not ${key.length}`);
}

// Libraries that refuse an all-zero result (RFC 7748 §6.1) throw; the others are checked here.
function refuseZero(multiply: () => Uint8Array): Uint8Array {
  let shared: Uint8Array;
  try {
    shared = multiply();
  } catch {
    throw handshakeFailed();
  }
  let bits = 0;
  for (let i = 0; i < shared.length; i++) bits |= shared[i];
  if (bits === 0) throw handshakeFailed();
  return shared;
}
