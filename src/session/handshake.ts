/**
 * The messages that open a session: INIT, RESPONSE, CONFIRM, which are those of
 * a Noise pattern with a hello of each side in their payloads. Short patterns
 * have no CONFIRM: there the first sealed packet says as much.
 *
 * Over datagrams they may be lost, doubled, late or forged: the initiator
 * repeats until it is answered, the responder repeats only when it is asked
 * again, and a message that does not fit changes nothing by itself.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { AMPLIFICATION_MAX, RETRIES_MAX } from "../limits.ts";
import { constantTimeEqual } from "../noise/constant_time.ts";
import type { HandshakeState } from "../noise/handshake_state.ts";
import {
  COOKIE_BYTES,
  HANDSHAKE_ID_BYTES,
  type HandshakeBody,
  handshakeBody,
  HEADER_BYTES,
  KIND_CONFIRM,
  KIND_INIT,
  KIND_REFUSAL,
  KIND_RESPONSE,
  KIND_RETRY,
  parseHandshakeBody,
} from "../wire/header.ts";
import { DH_BYTES } from "../noise/dh.ts";
import { commonVersion, decodeHello, encodeHello, type Hello, type Version } from "../wire/hello.ts";
import type { EarlyData } from "./early_guard.ts";
import { Patience } from "./patience.ts";
import { beginNoise, type HandshakeOptions, initHello } from "./handshake_side.ts";
import { type HandshakePattern, isHybrid, numbersOf, patternByNumber, patternOf } from "./patterns.ts";
import {
  errorOfPattern,
  errorOfRefusal,
  failedRefusal,
  mismatch,
  notAdmitted,
  patternRefusal,
  peerRefusal,
  unexpected,
} from "./refusal.ts";

/** What came of a message: it was passed over, it wants an answer, it says who the peer is, or it was seen before. */
export type HandshakeOutcome = "ignored" | "answer" | "identified" | "repeated";

/** One side of the handshake. */
export class Handshake {
  readonly #options: HandshakeOptions;
  // A responder learns from INIT which it is.
  #pattern: HandshakePattern | undefined;
  #noise: HandshakeState | undefined;
  #id: Uint8Array;
  // The last body we sent, to be sent again; and for a responder the INIT that it answers.
  #sent: Uint8Array | undefined;
  #pending: Uint8Array | undefined;
  // What is pending tells the peer why it is over, so it leaves even then.
  #isLastWord = false;
  #initMessage: Uint8Array | undefined;
  #expects: number | undefined;
  readonly #patience: Patience;
  #sentAt: number | undefined;
  #retries = 0;
  #peerHello: Hello | undefined;
  #version: Version | undefined;
  /** Round trip of INIT and RESPONSE, where it could be measured. */
  roundTripMs: number | undefined;

  /** An initiator has its INIT pending at once. */
  constructor(options: HandshakeOptions, now: number) {
    this.#options = options;
    this.#patience = new Patience(options.random);
    this.#expects = options.initiator ? KIND_RESPONSE : KIND_INIT;
    this.#id = options.initiator ? options.random(HANDSHAKE_ID_BYTES) : new Uint8Array(HANDSHAKE_ID_BYTES);
    if (options.initiator) this.#sendInit(now);
  }

  /** The hello of the peer, once it is identified. */
  get peerHello(): Hello {
    return known(this.#peerHello);
  }

  /** The version in use, once the peer is identified. */
  get version(): Version {
    return known(this.#version);
  }

  /** The static key of the peer, once it is identified; `undefined` in patterns where it has none. */
  get peerKey(): Uint8Array | undefined {
    return known(this.#noise).remoteStaticKey;
  }

  /** Which handshake it is, once INIT has said so. */
  get pattern(): HandshakePattern {
    return known(this.#pattern);
  }

  /** Responder: what came along with INIT. Whoever sends it may only have recorded it. */
  get early(): EarlyData | undefined {
    const isSealed = !this.#options.initiator && this.pattern.isResponderKnown;
    const early = isSealed ? this.#peerHello?.early : undefined;
    // INIT begins with the key that the initiator made for it alone, and nothing of INIT can be changed.
    return early && { ...early, initKey: known(this.#initMessage).subarray(0, DH_BYTES) };
  }

  /** Initiator, once the peer is identified: whether it took what went along with INIT. */
  get isEarlyTaken(): boolean {
    const wasSent = this.#options.early !== undefined && this.pattern.isResponderKnown;
    return wasSent && this.peerHello.takesEarly === true;
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
    const expected = this.#expects;
    try {
      if (parts === undefined) {
        throw new HawserError("handshake-failed", "a packet of the handshake is malformed");
      }
      return this.#handleParts(parts, now);
    } catch (error) {
      this.#handleFault(error, parts, expected, now);
      throw error;
    }
  }

  /** Initiator: the responder is welcome. CONFIRM becomes pending, or in short patterns a sealed packet must say so. */
  confirm(now: number): void {
    if (this.pattern.isShort) return this.#repeat(now);
    this.#send(KIND_CONFIRM, known(this.#noise).writeMessage(encodeHello(this.#options.hello)), now);
    this.#sentAt = undefined;
  }

  /** Responder, short patterns: RESPONSE becomes pending, which says whether the initiator and its early data are welcome. */
  respond(isWelcome: boolean, takesEarly = false): void {
    const { hello } = this.#options;
    this.#sendResponse(isWelcome ? { ...hello, takesEarly } : { ...hello, refuses: true });
    this.#isLastWord = !isWelcome;
  }

  /** Initiator: the responder is not welcome, and is told so. */
  refuse(): void {
    this.#sendRefusal(this.#id, peerRefusal());
    this.#isLastWord = true;
  }

  /** The keys of both directions, 32 bytes each: first the initiator's for sending. */
  secretKeys(): [Uint8Array, Uint8Array] {
    return known(this.#noise).secretKeys();
  }

  /** The peer has shown that it heard our last message. */
  stopResending(): void {
    this.#expects = undefined;
    this.#patience.settle();
  }

  /** Whether the peer has yet to show that it heard our last message. */
  get isUnheard(): boolean {
    return this.#expects !== undefined || this.#patience.isRepeating;
  }

  /** When `handleTimeout` has something to do. */
  deadline(): number {
    return this.#patience.deadline();
  }

  /**
   * Initiator on datagram links: makes the unanswered message pending again. Returns whether it is one that the session
   * has to seal.
   * @throws {HawserError} for what was refused a while ago, if nothing better has come.
   */
  handleTimeout(now: number): boolean {
    if (!this.#patience.handleTimeout(now)) return false;
    this.#pending = this.#sent;
    this.#sentAt = undefined;
    return this.#sent === undefined;
  }

  /** Wipes what is secret. A last word that is pending still leaves. */
  dispose(): void {
    this.#patience.settle();
    if (!this.#isLastWord) this.#pending = undefined;
    this.#noise?.dispose();
  }

  #handleParts(parts: HandshakeBody, now: number): HandshakeOutcome {
    const isFirst = this.#expects === KIND_INIT;
    if (!isFirst && !constantTimeEqual(parts.id, this.#id)) throw unexpected();
    if (parts.kind === KIND_RETRY) return this.#handleRetry(parts.rest, now);
    if (parts.kind === KIND_REFUSAL) return this.#handleRefusal(parts.rest, now);
    if (parts.kind !== this.#expects) return this.#handleRepeat(parts);
    if (parts.kind === KIND_INIT) return this.#handleInit(parts);
    return parts.kind === KIND_RESPONSE
      ? this.#handleResponse(parts.rest, now)
      : this.#handleConfirm(parts.rest);
  }

  // What a stranger sends before it has begun a handshake is not answered.
  #handleFault(
    error: unknown,
    parts: HandshakeBody | undefined,
    expected: number | undefined,
    now: number,
  ): void {
    const { initiator, datagram, terms } = this.#options;
    if (!(error instanceof HawserError) || this.#isLastWord || parts?.kind === KIND_REFUSAL) return;
    const isFirst = expected === KIND_INIT;
    if (expected === undefined || (isFirst || datagram) && parts?.kind !== expected) return;
    if (datagram) this.#patience.doubt(error, now);
    if (error.code !== "handshake-failed" || (datagram && initiator)) return;
    const numbers = isFirst ? numbersOf(terms) : [];
    const isTaken = !isFirst || numbers.includes(parts!.pattern);
    this.#sendRefusal(isFirst ? parts!.id : this.#id, isTaken ? failedRefusal() : patternRefusal(numbers));
    this.#isLastWord = !datagram;
  }

  #sendInit(now: number): void {
    const pattern = this.#pattern = patternOf(this.#options.terms);
    this.#noise = beginNoise(this.#options, pattern);
    this.#initMessage = this.#noise.writeMessage(initHello(this.#options, pattern));
    this.#send(KIND_INIT, this.#initMessage, now, new Uint8Array(0));
  }

  #handleInit({ id, pattern: number, rest: message }: HandshakeBody): HandshakeOutcome {
    const { terms, hello } = this.#options;
    const numbers = numbersOf(terms);
    const pattern = patternByNumber(number);
    if (pattern === undefined || !numbers.includes(number)) throw errorOfPattern(number, numbers);
    const theirs = this.#readInit(pattern, message);
    this.#pattern = pattern;
    this.#id = new Uint8Array(id);
    this.#initMessage = new Uint8Array(message);
    this.#expects = KIND_CONFIRM;
    this.#patience.settle();
    const meets = commonVersion(hello.versions, theirs.versions) !== undefined;
    // There INIT says who sends it, and RESPONSE whether that is welcome: only the application can tell.
    if (pattern.isShort && meets) {
      this.#identify(theirs);
      return "identified";
    }
    this.#sendResponse(hello);
    // The answer goes out all the same: it tells the initiator, authentically, which versions there are. A datagram
    // that is not sealed proves nothing, so there the responder goes on waiting for a CONFIRM.
    if (!meets && (pattern.isShort || !this.#options.datagram)) {
      this.#isLastWord = true;
      throw mismatch(theirs);
    }
    return "answer";
  }

  // INIT is not authentic: one that makes no sense is passed over, as if it had not come.
  #readInit(pattern: HandshakePattern, message: Uint8Array): Hello {
    this.#noise?.dispose();
    const noise = this.#noise = beginNoise(this.#options, pattern);
    try {
      return decodeHello(noise.readMessage(message));
    } catch (cause) {
      noise.dispose();
      const what = pattern.isShort ? "keys or seeds differ, or somebody changed it" : "it is malformed";
      throw new HawserError("handshake-failed", `an INIT of ${pattern.name} cannot be read: ${what}`, {
        cause,
      });
    }
  }

  #sendResponse(hello: Hello): void {
    const message = known(this.#noise).writeMessage(encodeHello(hello));
    const bytesMax = AMPLIFICATION_MAX * known(this.#initMessage).length;
    this.#isLastWord = this.#options.datagram && message.length > bytesMax;
    if (this.#isLastWord) {
      throw new HawserError(
        "handshake-failed",
        "an INIT is too short for its answer: the address may be forged",
      );
    }
    this.#send(KIND_RESPONSE, message, 0);
  }

  #handleResponse(message: Uint8Array, now: number): HandshakeOutcome {
    const hello = decodeHello(known(this.#noise).readMessage(message));
    this.#identify(hello);
    if (hello.refuses) throw notAdmitted();
    if (this.#sentAt !== undefined) this.roundTripMs = now - this.#sentAt;
    this.#sent = undefined;
    this.stopResending();
    return "identified";
  }

  #handleConfirm(message: Uint8Array): HandshakeOutcome {
    if (this.pattern.isShort) throw unexpected();
    this.#identify(decodeHello(known(this.#noise).readMessage(message)));
    this.stopResending();
    return "identified";
  }

  #handleRetry(cookie: Uint8Array, now: number): HandshakeOutcome {
    const awaited = this.#options.initiator && this.#options.datagram && this.#expects === KIND_RESPONSE;
    if (!awaited || cookie.length !== COOKIE_BYTES || this.#retries >= RETRIES_MAX) throw unexpected();
    this.#retries++;
    this.#send(KIND_INIT, known(this.#initMessage), now, cookie);
    return "answer";
  }

  #handleRefusal(refusal: Uint8Array, now: number): HandshakeOutcome {
    const { initiator, datagram } = this.#options;
    if (this.#expects === KIND_INIT || (datagram && !this.isUnheard)) throw unexpected();
    const error = errorOfRefusal(refusal, this.pattern, initiator);
    if (!datagram) throw error;
    this.#patience.doubt(error, now);
    return "ignored";
  }

  #handleRepeat(parts: HandshakeBody): HandshakeOutcome {
    const { kind, rest: message } = parts;
    if (!this.#options.datagram) throw unexpected();
    if (this.#options.initiator) return "ignored";
    if (kind !== KIND_INIT) return kind === KIND_CONFIRM ? "repeated" : "ignored";
    if (this.#expects !== KIND_CONFIRM) return "ignored";
    if (constantTimeEqual(message, known(this.#initMessage))) {
      this.#pending = this.#sent;
      return "answer";
    }
    // The first INIT was changed on its way, or this one is: only CONFIRM will tell, so the newest counts. Where INIT is
    // sealed, the first that could be read is the one.
    if (this.pattern.isShort) return "ignored";
    this.#expects = KIND_INIT;
    return this.#handleInit(parts);
  }

  #identify(hello: Hello): void {
    this.#version = commonVersion(this.#options.hello.versions, hello.versions);
    if (this.#version === undefined) throw mismatch(hello);
    this.#peerHello = hello;
  }

  #sendRefusal(id: Uint8Array, refusal: Uint8Array): void {
    this.#pending = handshakeBody(KIND_REFUSAL, id, refusal);
  }

  #send(kind: number, message: Uint8Array, now: number, cookie?: Uint8Array): void {
    const number = kind === KIND_INIT ? this.pattern.number : 0;
    const body = handshakeBody(kind, this.#id, message, cookie, number);
    const { mtu } = this.#options;
    if (mtu !== undefined && HEADER_BYTES + body.length > mtu) {
      throw new HawserError(
        "packet-too-large",
        `the hello does not fit a packet of ${mtu} bytes: shorten the metadata${
          this.#options.early === undefined ? "" : " or earlyData"
        }${isHybrid(this.pattern.number) ? ", or leave out postQuantum" : ""}`,
      );
    }
    this.#sent = this.#pending = body;
    this.#sentAt = now;
    this.#repeat(now);
  }

  // A responder repeats only what it is asked for again, and ordered links lose nothing.
  #repeat(now: number): void {
    const { initiator, datagram } = this.#options;
    if (initiator && datagram) this.#patience.repeat(now);
  }
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError("the handshake has not come that far");
  return value;
}
