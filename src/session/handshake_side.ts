/**
 * What one side of a handshake is given, and what it makes of it for Noise.
 *
 * @module
 */

import { INIT_BYTES_MIN } from "../limits.ts";
import type { NoiseAead } from "../noise/cipher.ts";
import { DH_BYTES, type KeyPair } from "../noise/dh.ts";
import { HandshakeState } from "../noise/handshake_state.ts";
import { HANDSHAKE_PREFIX_BYTES, HEADER_BYTES } from "../wire/header.ts";
import { encodeHello, type Hello } from "../wire/hello.ts";
import type { HandshakePattern, HandshakeTerms } from "./patterns.ts";

const PROLOGUE: Uint8Array = new TextEncoder().encode("hawser/1");

/** What a handshake is given. */
export interface HandshakeOptions {
  readonly initiator: boolean;
  readonly datagram: boolean;
  /** The most bytes of one packet; `undefined` where there is no bound. */
  readonly mtu: number | undefined;
  /** ChaCha20-Poly1305. */
  readonly aead: NoiseAead;
  /** Ours; shared by all that use it, and not disposed of here. */
  readonly staticKey: KeyPair;
  readonly terms: HandshakeTerms;
  readonly hello: Hello;
  /** Initiators: what goes along with an INIT that is sealed for the responder. */
  readonly early?: Hello["early"];
  readonly random: (length: number) => Uint8Array;
}

/** Begins our side of a pattern. */
export function beginNoise(options: HandshakeOptions, pattern: HandshakePattern): HandshakeState {
  const { initiator, aead, staticKey, terms, random } = options;
  return new HandshakeState({ ...pattern.protocol, aead, kem: terms.kem }, {
    initiator,
    prologue: PROLOGUE,
    staticKey,
    remoteStaticKey: initiator && pattern.isResponderKnown ? terms.responderKey : undefined,
    psks: terms.seed && [terms.seed],
    randomBytes: random,
  });
}

/** The payload of INIT. */
export function initHello(
  { hello, early, datagram, terms }: HandshakeOptions,
  { isShort, isResponderKnown }: HandshakePattern,
): Uint8Array {
  // In long patterns INIT travels in the clear; in short ones it can be said again by whoever has recorded it.
  const ours = isShort
    ? { ...hello, claim: undefined, early: isResponderKnown ? early : undefined }
    : { ...hello, capabilities: [], windowBytes: 0, messageBytesMax: 0, metadata: {}, claim: undefined };
  const bare = encodeHello(ours);
  if (!datagram) return bare;
  // The padding makes room for the answer, which may have three times the size.
  const keys = DH_BYTES + (terms.kem?.publicKeyBytes ?? 0);
  const length = HEADER_BYTES + HANDSHAKE_PREFIX_BYTES + 1 + keys + bare.length;
  return encodeHello(ours, Math.max(0, INIT_BYTES_MIN - length));
}
