/**
 * The three messages that open a session: INIT, RESPONSE, CONFIRM, which are
 * the messages of Noise XX with a hello of each side in their payloads.
 *
 * Over datagrams they may be lost, doubled, late or forged: the initiator
 * repeats until it is answered, the responder repeats only when it is asked
 * again, and a message that does not fit changes nothing.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { AMPLIFICATION_MAX, HANDSHAKE_RETRANSMIT_MS, INIT_BYTES_MIN, RETRIES_MAX } from "../limits.ts";
import type { NoiseAead } from "../noise/cipher.ts";
import { constantTimeEqual } from "../noise/constant_time.ts";
import type { KeyPair } from "../noise/dh.ts";
import { HandshakeState } from "../noise/handshake_state.ts";
import { SHA256 } from "../noise/hash.ts";
import { parsePattern } from "../noise/pattern.ts";
import {
  COOKIE_BYTES,
  HANDSHAKE_ID_BYTES,
  HANDSHAKE_PREFIX_BYTES,
  handshakeBody,
  HEADER_BYTES,
  KIND_CONFIRM,
  KIND_INIT,
  KIND_RESPONSE,
  KIND_RETRY,
  parseHandshakeBody,
} from "../wire/header.ts";
import { commonVersion, decodeHello, encodeHello, type Hello, type Version } from "../wire/hello.ts";

// The parts one by one, not by parsing the name: so a browser loads no other pattern, cipher or hash.
const PROTOCOL = {
  name: "Noise_XX_25519_ChaChaPoly_SHA256",
  pattern: parsePattern(["-> e", "<- e, ee, s, es", "-> s, se"]),
  hash: SHA256,
  pskCount: 0,
};
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
  readonly hello: Hello;
  readonly random: (length: number) => Uint8Array;
}

/** What came of a message: it was passed over, it wants an answer, it proves who the peer is, or it was seen before. */
export type HandshakeOutcome = "ignored" | "answer" | "identified" | "repeated";

/** One side of the handshake. */
export class Handshake {
  readonly #options: HandshakeOptions;
  #noise: HandshakeState;
  #id: Uint8Array;
  // The last body we sent, to be sent again; and for a responder the INIT that it answers.
  #sent: Uint8Array | undefined;
  #pending: Uint8Array | undefined;
  #initMessage: Uint8Array | undefined;
  #expects: number | undefined;
  #resendAt = Infinity;
  #resendMs = HANDSHAKE_RETRANSMIT_MS;
  #sentAt: number | undefined;
  #retries = 0;
  #peerHello: Hello | undefined;
  #version: Version | undefined;
  /** Round trip of INIT and RESPONSE, where it could be measured. */
  roundTripMs: number | undefined;

  /** An initiator has its INIT pending at once. */
  constructor(options: HandshakeOptions, now: number) {
    this.#options = options;
    this.#noise = begin(options);
    this.#expects = options.initiator ? KIND_RESPONSE : KIND_INIT;
    this.#id = options.initiator ? options.random(HANDSHAKE_ID_BYTES) : new Uint8Array(HANDSHAKE_ID_BYTES);
    if (options.initiator) this.#sendInit(now);
  }

  /** The hello of the peer, once it is identified. */
  get peerHello(): Hello {
    return this.#known(this.#peerHello);
  }

  /** The version in use, once the peer is identified. */
  get version(): Version {
    return this.#known(this.#version);
  }

  /** The static key of the peer, once it is identified. */
  get peerKey(): Uint8Array {
    return this.#known(this.#noise.remoteStaticKey);
  }

  /** The body of the next packet to send; `undefined` if there is none. */
  takePending(): Uint8Array | undefined {
    const body = this.#pending;
    this.#pending = undefined;
    return body;
  }

  /** How many bytes the next packet will have; 0 if there is none. */
  get pendingBytes(): number {
    return this.#pending === undefined ? 0 : HEADER_BYTES + this.#pending.length;
  }

  /**
   * Takes the body of a handshake packet.
   * @throws {HawserError} for a message that does not fit, or a version that does not meet. On datagram links the
   * former is to be passed over: nothing has changed.
   */
  handle(body: Uint8Array, now: number): HandshakeOutcome {
    const parts = parseHandshakeBody(body);
    if (parts === undefined) {
      throw new HawserError("handshake-failed", "a packet of the handshake is malformed");
    }
    const isFirst = this.#expects === KIND_INIT;
    if (!isFirst && !constantTimeEqual(parts.id, this.#id)) throw unexpected();
    if (parts.kind === KIND_RETRY) return this.#handleRetry(parts.rest, now);
    if (parts.kind !== this.#expects) return this.#handleRepeat(parts.kind, parts.rest);
    if (parts.kind === KIND_INIT) return this.#handleInit(parts.id, parts.rest);
    return parts.kind === KIND_RESPONSE
      ? this.#handleResponse(parts.rest, now)
      : this.#handleConfirm(parts.rest);
  }

  /** Initiator: the responder is welcome; CONFIRM becomes pending. */
  confirm(now: number): void {
    this.#send(KIND_CONFIRM, this.#noise.writeMessage(encodeHello(this.#options.hello)), now);
    this.#sentAt = undefined;
  }

  /** The keys of both directions, 32 bytes each: first the initiator's for sending. */
  secretKeys(): [Uint8Array, Uint8Array] {
    return this.#noise.secretKeys();
  }

  /** The peer has shown that it heard our last message. */
  stopResending(): void {
    this.#resendAt = Infinity;
  }

  /** When `handleTimeout` has something to do. */
  deadline(): number {
    return this.#resendAt;
  }

  /** Initiator on datagram links: makes the unanswered message pending again. */
  handleTimeout(now: number): void {
    if (now < this.#resendAt) return;
    this.#pending = this.#sent;
    this.#sentAt = undefined;
    this.#resendMs *= 2;
    this.#resendAt = now + this.#jittered(this.#resendMs);
  }

  /** Wipes what is secret. */
  dispose(): void {
    this.#resendAt = Infinity;
    this.#pending = undefined;
    this.#noise.dispose();
  }

  #sendInit(now: number): void {
    const hello = {
      ...this.#options.hello,
      capabilities: [],
      windowBytes: 0,
      messageBytesMax: 0,
      metadata: {},
    };
    const bare = encodeHello(hello);
    // The padding makes room for the answer, which may have three times the size.
    const length = HEADER_BYTES + HANDSHAKE_PREFIX_BYTES + 1 + 32 + bare.length;
    const padding = this.#options.datagram ? Math.max(0, INIT_BYTES_MIN - length) : 0;
    this.#initMessage = this.#noise.writeMessage(encodeHello(hello, padding));
    this.#send(KIND_INIT, this.#initMessage, now, new Uint8Array(0));
  }

  #handleInit(id: Uint8Array, message: Uint8Array): HandshakeOutcome {
    const theirs = this.#readInit(message);
    this.#id = new Uint8Array(id);
    this.#initMessage = new Uint8Array(message);
    this.#expects = KIND_CONFIRM;
    const answer = this.#noise.writeMessage(encodeHello(this.#options.hello));
    if (this.#options.datagram && answer.length > AMPLIFICATION_MAX * message.length) {
      throw new HawserError(
        "handshake-failed",
        "an INIT is too short for its answer: the address may be forged",
      );
    }
    this.#send(KIND_RESPONSE, answer, 0);
    // The answer goes out all the same: it tells the initiator, authentically, which versions there are. A datagram
    // proves nothing, so there the responder goes on waiting for a CONFIRM.
    const meets = commonVersion(this.#options.hello.versions, theirs.versions) !== undefined;
    if (!meets && !this.#options.datagram) throw mismatch(theirs);
    return "answer";
  }

  // INIT is not authentic: one that makes no sense is passed over, as if it had not come.
  #readInit(message: Uint8Array): Hello {
    try {
      return decodeHello(this.#noise.readMessage(message));
    } catch (cause) {
      this.#noise.dispose();
      this.#noise = begin(this.#options);
      throw new HawserError("handshake-failed", "an INIT is malformed", { cause });
    }
  }

  #handleResponse(message: Uint8Array, now: number): HandshakeOutcome {
    this.#identify(decodeHello(this.#noise.readMessage(message)));
    if (this.#sentAt !== undefined) this.roundTripMs = now - this.#sentAt;
    this.#expects = undefined;
    this.#resendAt = Infinity;
    return "identified";
  }

  #handleConfirm(message: Uint8Array): HandshakeOutcome {
    this.#identify(decodeHello(this.#noise.readMessage(message)));
    this.#expects = undefined;
    return "identified";
  }

  #handleRetry(cookie: Uint8Array, now: number): HandshakeOutcome {
    const awaited = this.#options.initiator && this.#options.datagram && this.#expects === KIND_RESPONSE;
    if (!awaited || cookie.length !== COOKIE_BYTES || this.#retries >= RETRIES_MAX) throw unexpected();
    this.#retries++;
    this.#send(KIND_INIT, this.#known(this.#initMessage), now, cookie);
    return "answer";
  }

  #handleRepeat(kind: number, message: Uint8Array): HandshakeOutcome {
    if (!this.#options.datagram) throw unexpected();
    if (this.#options.initiator) return "ignored";
    if (
      kind === KIND_INIT && this.#expects === KIND_CONFIRM &&
      constantTimeEqual(message, this.#known(this.#initMessage))
    ) {
      this.#pending = this.#sent;
      return "answer";
    }
    // The first INIT was changed on its way, or this one is: only CONFIRM will tell, so the newest counts.
    if (kind === KIND_INIT && this.#expects === KIND_CONFIRM) {
      this.#noise.dispose();
      this.#noise = begin(this.#options);
      this.#expects = KIND_INIT;
      return this.#handleInit(this.#id, message);
    }
    return kind === KIND_CONFIRM ? "repeated" : "ignored";
  }

  #identify(hello: Hello): void {
    this.#version = commonVersion(this.#options.hello.versions, hello.versions);
    if (this.#version === undefined) throw mismatch(hello);
    this.#peerHello = hello;
  }

  #send(kind: number, message: Uint8Array, now: number, cookie?: Uint8Array): void {
    const body = handshakeBody(kind, this.#id, message, cookie);
    const { mtu, initiator, datagram } = this.#options;
    if (mtu !== undefined && HEADER_BYTES + body.length > mtu) {
      throw new HawserError(
        "packet-too-large",
        `the hello does not fit a packet of ${mtu} bytes: shorten the metadata`,
      );
    }
    this.#sent = this.#pending = body;
    this.#sentAt = now;
    this.#resendMs = HANDSHAKE_RETRANSMIT_MS;
    this.#resendAt = initiator && datagram ? now + this.#jittered(this.#resendMs) : Infinity;
  }

  // From three quarters to five quarters: a crowd that was turned away together does not come back together.
  #jittered(ms: number): number {
    return ms * (0.75 + this.#options.random(1)[0] / 512);
  }

  #known<T>(value: T | undefined): T {
    if (value === undefined) throw new TypeError("the handshake has not come that far");
    return value;
  }
}

function begin(options: HandshakeOptions): HandshakeState {
  return new HandshakeState({ ...PROTOCOL, aead: options.aead }, {
    initiator: options.initiator,
    prologue: PROLOGUE,
    staticKey: options.staticKey,
    randomBytes: options.random,
  });
}

/** The error for a packet of the handshake that nobody waits for. */
export function unexpected(): HawserError {
  return new HawserError("handshake-failed", "a packet of the handshake came at the wrong time");
}

function mismatch(theirs: Hello): HawserError {
  const list = theirs.versions.map(({ major, minor }) => `${major}.${minor}`).join(", ") || "none";
  return new HawserError(
    "version-mismatch",
    `the peer speaks protocol version ${list}, which has no major in common`,
  );
}
