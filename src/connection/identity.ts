/**
 * Identities: an X25519 key pair whose public half is the peer id.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { randomBytes } from "../random.ts";
import { decodeBase64Url, encodeBase64Url, peerIdOf, publicKeyOf } from "../session/mod.ts";

const PREFIX = "hawser-identity-1:";

/** Who one is: whoever has the secret key is this peer. */
export interface Identity {
  /** The public key, base64url: what others call this peer. */
  readonly id: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 32 bytes; keep them to yourself. */
  readonly secretKey: Uint8Array;
}

/**
 * Makes a new identity, or the one that belongs to a secret key of 32 bytes.
 *
 * @throws {RangeError} if the key is not 32 bytes.
 *
 * @example
 * ```ts
 * import { createIdentity } from "@hawser/hawser";
 *
 * const identity = createIdentity();
 * console.log(identity.id.length); // 43
 * ```
 */
export function createIdentity(secretKey: Uint8Array = randomBytes(32)): Identity {
  const publicKey = publicKeyOf(secretKey);
  return { id: peerIdOf(publicKey), publicKey, secretKey: new Uint8Array(secretKey) };
}

/**
 * Writes an identity as one line of text, to be saved where nobody else can read it.
 *
 * @example
 * ```ts
 * import { createIdentity, exportIdentity, importIdentity } from "@hawser/hawser";
 *
 * const identity = createIdentity();
 * const text = exportIdentity(identity);
 * console.log(importIdentity(text).id === identity.id); // true
 * ```
 */
export function exportIdentity(identity: Identity): string {
  return PREFIX + encodeBase64Url(identity.secretKey);
}

/**
 * Reads back what {@linkcode exportIdentity} wrote.
 *
 * @throws {HawserError} `serialization` if the text is anything else.
 */
export function importIdentity(text: string): Identity {
  const line = text.trim();
  const encoded = line.startsWith(PREFIX) ? line.slice(PREFIX.length) : "";
  if (!/^[A-Za-z0-9_-]{43}$/.test(encoded)) {
    throw new HawserError(
      "serialization",
      `this is no saved identity: it must be "${PREFIX}" and 43 characters`,
    );
  }
  return createIdentity(decodeBase64Url(encoded));
}
