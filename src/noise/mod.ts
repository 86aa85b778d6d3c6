/**
 * The Noise Protocol Framework, revision 34: authenticated key agreement between two sides.
 *
 * All fundamental, one-way and deferred patterns with any psk modifiers; 25519; ChaChaPoly; SHA256, SHA512, BLAKE2s
 * and BLAKE2b. X25519 is the runtime's own where it has it synchronously.
 *
 * @example
 * ```ts
 * import { createHandshake } from "@hawser/hawser/noise";
 *
 * const protocolName = "Noise_XX_25519_ChaChaPoly_SHA256";
 * const key = () => crypto.getRandomValues(new Uint8Array(32));
 * const client = createHandshake({ protocolName, initiator: true, staticKey: key() });
 * const server = createHandshake({ protocolName, initiator: false, staticKey: key() });
 *
 * server.readMessage(client.writeMessage());
 * client.readMessage(server.writeMessage());
 * server.readMessage(client.writeMessage(new TextEncoder().encode("hello")));
 *
 * console.log(client.complete, server.complete); // true true
 * ```
 *
 * @module
 */

import { type HandshakeSide, HandshakeState } from "./handshake_state.ts";
import { parseProtocolName } from "./protocol_name.ts";

export { CipherState } from "./cipher_state.ts";
export { constantTimeEqual } from "./constant_time.ts";
export { createKeyPair, type KeyPair, x25519, x25519PublicKey } from "./dh.ts";
export type { HandshakeSide } from "./handshake_state.ts";
export { hmacSha256, sha256 } from "./hash.ts";
export { deriveKey, hkdfSha256 } from "./key_derivation.ts";
export type { RandomBytes } from "../random.ts";

/** What a handshake needs to know. */
export interface HandshakeOptions extends HandshakeSide {
  /** `Noise_XX_25519_ChaChaPoly_SHA256`, say; the same on both sides. */
  readonly protocolName: string;
}

/** One side of a handshake in progress. */
export type Handshake = HandshakeState;

/**
 * Begins one side of a handshake.
 *
 * @throws {TypeError} if the protocol name is none, or a key is missing or has no use.
 * @throws {RangeError} if a key is not 32 bytes.
 * @throws {HawserError} `unsupported` for a protocol that Hawser does not have.
 *
 * @example
 * ```ts
 * import { createHandshake, x25519PublicKey } from "@hawser/hawser/noise";
 *
 * const serverKey = crypto.getRandomValues(new Uint8Array(32));
 * const clientKey = crypto.getRandomValues(new Uint8Array(32));
 * const client = createHandshake({
 *   protocolName: "Noise_IK_25519_ChaChaPoly_SHA256",
 *   initiator: true,
 *   staticKey: clientKey,
 *   remoteStaticKey: x25519PublicKey(serverKey),
 * });
 * console.log(client.writeMessage().length); // 96
 * ```
 */
export function createHandshake(options: HandshakeOptions): Handshake {
  return new HandshakeState(parseProtocolName(options.protocolName), options);
}
