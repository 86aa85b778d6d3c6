/**
 * What lets a session outlive its link.
 *
 * Each side counts the packets that it said and that it heard since the handshake, keeps what the other has not
 * acknowledged, and knows a token that only the two can know: it follows from the keys. Over a new link, after a new
 * handshake, the initiator shows the token and says how many packets it has; the responder answers with its own number
 * (RESUMED), and both say again what is missing. So every packet is taken exactly once, in order. RESUMED, and ACK by
 * itself, are not counted: who needed an acknowledgement of each acknowledgement would never be done.
 *
 * @module
 */

import { constantTimeEqual } from "../noise/constant_time.ts";
import { deriveKey } from "../noise/key_derivation.ts";
import { ACK_BYTES, ACK_MS_MAX, ACK_PACKETS, TOKENS_MAX } from "../resume_limits.ts";
import { FRAME_ACK, FRAME_RESUMED, writeNumberFrame } from "../wire/frames.ts";
import type { Controls } from "./controls.ts";
import { ReplayLog } from "./replay_log.ts";

const NUMBER_FRAME_BYTES_MAX = 9;

/** What an initiator shows to go on with an earlier session. */
export interface Claim {
  /** The token of that session, 32 bytes. */
  readonly token: Uint8Array;
  /** How many packets the initiator has heard. */
  readonly received: number;
}

/** The token of the session that begins with these keys. */
export function resumptionToken(initiatorKey: Uint8Array, responderKey: Uint8Array): Uint8Array {
  const token = deriveKey(initiatorKey, "hawser resumption initiator");
  const other = deriveKey(responderKey, "hawser resumption responder");
  for (let at = 0; at < token.length; at++) token[at] ^= other[at];
  other.fill(0);
  return token;
}

/** One side's books. */
export class Resumption {
  /** What the peer has not acknowledged. */
  readonly log: ReplayLog;
  /** How many packets were heard. */
  received = 0;
  #token: Uint8Array;
  // Of responders, until something has come over this link: the one that the initiator showed, and those of later links,
  // of which it may have heard if what it did arrived in another order.
  #earlier: readonly Uint8Array[] = [];
  #unacknowledgedBytes = 0;
  #unacknowledged = 0;
  #ackAt = Infinity;
  #isResumedDue = false;

  constructor(token: Uint8Array, replayBytesMax: number) {
    this.log = new ReplayLog(replayBytesMax);
    this.#token = token;
  }

  /** What the responder knows the session by: the token of this link last, and those that the initiator may still have. */
  get tokens(): readonly Uint8Array[] {
    return [...this.#earlier, this.#token];
  }

  /** What an initiator shows to go on. */
  get claim(): Claim {
    return { token: this.#token, received: this.received };
  }

  /** Whether who shows `token` may go on: it is of this link, or of an earlier one if nothing came over this one yet. */
  admits(token: Uint8Array): boolean {
    return this.tokens.some((known) => constantTimeEqual(known, token));
  }

  /** The peer has sealed a packet: it knows the token of this link. */
  handleAuthentic(): void {
    if (this.#earlier.length === 0) return;
    for (const token of this.#earlier) token.fill(0);
    this.#earlier = [];
  }

  /** A packet of `length` bytes was taken that counts: it asks for an acknowledgement. */
  handleReceive(length: number, now: number): void {
    this.received++;
    this.#unacknowledged++;
    this.#unacknowledgedBytes += length;
    if (this.#ackAt === Infinity) this.#ackAt = now + ACK_MS_MAX;
  }

  /** Puts ACK among what is to be said; to be called when anything is about to be. */
  compose(controls: Controls): void {
    if (this.#unacknowledged > 0) controls.ack = this.#takeAck();
  }

  #takeAck(): number {
    this.#unacknowledged = this.#unacknowledgedBytes = 0;
    this.#ackAt = Infinity;
    return this.received;
  }

  /** Whether ACK must be said even if nothing else is. */
  get isDue(): boolean {
    return this.#unacknowledged >= ACK_PACKETS || this.#unacknowledgedBytes >= ACK_BYTES;
  }

  /** When `handleTimeout` has something to do. */
  deadline(): number {
    return this.#ackAt;
  }

  /** ACK must be said by itself when it has waited for long. */
  handleTimeout(now: number): void {
    if (now < this.#ackAt) return;
    this.#unacknowledgedBytes = ACK_BYTES;
    this.#ackAt = Infinity;
  }

  /**
   * Goes on over a new link, whose handshake gives `token`; the peer has heard `received` packets. A responder was shown
   * the token `claimed`, and tells first what it has heard.
   * @throws {HawserError} `protocol` if so many were never said.
   */
  resume(token: Uint8Array, received: number, claimed: Uint8Array | undefined): void {
    this.log.rewind(received);
    this.#isResumedDue = claimed !== undefined;
    this.#earlier = claimed === undefined ? [] : this.#withoutTwice(claimed);
    this.#token = token;
  }

  #withoutTwice(claimed: Uint8Array): readonly Uint8Array[] {
    const others = this.tokens.filter((known) => !constantTimeEqual(known, claimed));
    return [claimed, ...others.slice(1 - TOKENS_MAX)];
  }

  /**
   * How long a packet is, at most, that must go out before anything new: what is said again, or ACK where the peer has to
   * acknowledge before anything else may be said; 0 if there is none.
   */
  get againBytesMax(): number {
    if (this.#isResumedDue) return NUMBER_FRAME_BYTES_MAX;
    if (this.log.toReplay > 0) return this.log.replayLength;
    return this.#isAckDueAlone ? NUMBER_FRAME_BYTES_MAX : 0;
  }

  /** Writes that packet into `target`; returns its length. It counts no more: it did before, or never does. */
  composeAgain(target: Uint8Array): number {
    if (this.#isResumedDue) {
      this.#isResumedDue = false;
      return writeNumberFrame(target, 0, FRAME_RESUMED, this.received);
    }
    if (this.log.toReplay > 0) return this.log.replay(target);
    return this.#isAckDueAlone ? writeNumberFrame(target, 0, FRAME_ACK, this.#takeAck()) : 0;
  }

  // Both may have said all that they may, each waiting for the other's word.
  get #isAckDueAlone(): boolean {
    return this.isDue && this.log.isFull;
  }

  /** Wipes what is secret, and forgets the rest. */
  dispose(): void {
    this.handleAuthentic();
    this.#token.fill(0);
    this.log.clear();
  }
}
