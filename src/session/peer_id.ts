/**
 * Peer ids: the 32-byte X25519 static key of a peer, written base64url (RFC 4648 §5) without padding.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { x25519PublicKey } from "../noise/dh.ts";

const PEER_ID_PATTERN = /^[A-Za-z0-9_-]{43}$/;

/**
 * The static key (32 bytes) that belongs to a secret key of 32 bytes.
 * @throws {RangeError} if the secret key has another length.
 */
export function publicKeyOf(secretKey: Uint8Array): Uint8Array {
  return x25519PublicKey(secretKey);
}

/** Writes a static key (32 bytes) as a peer id. */
export function peerIdOf(publicKey: Uint8Array): string {
  return encodeBase64Url(publicKey);
}

/**
 * Reads a peer id back into the static key.
 * @throws {HawserError} `invalid-address` if it is not 32 bytes of base64url.
 */
export function parsePeerId(id: string): Uint8Array {
  const bytes = PEER_ID_PATTERN.test(id) ? decodeBase64Url(id) : undefined;
  if (bytes === undefined || encodeBase64Url(bytes) !== id) {
    throw new HawserError("invalid-address", `"${id}" is no peer id: it must be 43 characters of base64url`);
  }
  return bytes;
}

/** Writes bytes as base64url without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Reads base64url without padding. Throws a DOMException on other characters. */
export function decodeBase64Url(text: string): Uint8Array {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}
