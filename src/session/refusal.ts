/**
 * How a handshake fails, and REFUSAL: one side tells the other that it gives the handshake up, so that nobody has to wait for a deadline.
 *
 * It is not authentic, so it decides nothing by itself: on ordered links it says why the link is about to end, and over
 * datagrams an authentic message that comes in time still counts.
 *
 * ```
 * reason 1   1 it failed, 2 the pattern is not taken, 3 the peer is not accepted
 * patterns   only with reason 2: the number of each handshake that is taken, 1 byte each
 * ```
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { REFUSAL_NUMBERS_MAX } from "../handshake_limits.ts";
import type { Hello } from "../wire/hello.ts";
import { type HandshakePattern, isHybrid, isSeeded, patternByNumber } from "./patterns.ts";

const REASON_FAILED = 1;
const REASON_PATTERN = 2;
const REASON_PEER = 3;

/** What failed is not told: one word for every cause. */
export function failedRefusal(): Uint8Array {
  return Uint8Array.of(REASON_FAILED);
}

/** The pattern that was asked for is none of `numbers`. */
export function patternRefusal(numbers: readonly number[]): Uint8Array {
  return Uint8Array.of(REASON_PATTERN, ...numbers);
}

/** The peer is not one that is talked to. */
export function peerRefusal(): Uint8Array {
  return Uint8Array.of(REASON_PEER);
}

/** What a REFUSAL means to the side that gets it. */
export function errorOfRefusal(
  refusal: Uint8Array,
  { number, name, isResponderKnown }: HandshakePattern,
  isInitiator: boolean,
): HawserError {
  const [reason, ...numbers] = refusal.subarray(0, 1 + REFUSAL_NUMBERS_MAX);
  if (reason === REASON_PATTERN && isInitiator) {
    return new HawserError("handshake-failed", `the listener ${notTaken(number, numbers)}`);
  }
  if (reason === REASON_PEER) {
    return new HawserError(
      "not-authorised",
      "the peer does not accept our identity: it wants another peer id",
    );
  }
  const causes = ["somebody changed it on the way"];
  if (isResponderKnown) causes.unshift("the peer id that was dialled is not the listener's");
  if (isSeeded(number)) causes.unshift("the seeds of the two sides differ");
  return new HawserError(
    "handshake-failed",
    `the peer refused the handshake ${name}: ${causes.join(", or ")}`,
  );
}

/** The error of a responder that was asked for the handshake `number`. */
export function errorOfPattern(number: number, numbers: readonly number[]): HawserError {
  return new HawserError("handshake-failed", `this listener ${notTaken(number, numbers)}`);
}

/** The error for a packet of the handshake that nobody waits for. */
export function unexpected(): HawserError {
  return new HawserError("handshake-failed", "a packet of the handshake came at the wrong time");
}

/** The error for a peer that speaks no version of ours. */
export function mismatch(theirs: Hello): HawserError {
  const list = theirs.versions.map(({ major, minor }) => `${major}.${minor}`).join(", ") || "none";
  return new HawserError(
    "version-mismatch",
    `the peer speaks protocol version ${list}, which has no major in common`,
  );
}

/** The error for a responder that says, authentically, that it does not admit us. */
export function notAdmitted(): HawserError {
  return new HawserError(
    "not-authorised",
    "the peer does not accept our identity: ask it to admit our peer id",
  );
}

function notTaken(number: number, numbers: readonly number[]): string {
  const names = numbers.map((each) => patternByNumber(each)?.name).filter((name) => name !== undefined);
  const asked = patternByNumber(number)?.name ?? `number ${number}`;
  const advice: string[] = [];
  if (names.length > 0 && numbers.some(isSeeded) !== isSeeded(number)) {
    advice.push(isSeeded(number) ? "leave out the seed" : "give the listener's seed");
  }
  if (names.length > 0 && numbers.some(isHybrid) !== isHybrid(number)) {
    advice.push(isHybrid(number) ? "leave out postQuantum" : "give postQuantum");
  }
  const rest = advice.length === 0 ? "" : `: the initiator must ${advice.join(" and ")}`;
  return `does not take the handshake ${asked}, but ${names.join(", ") || "none that is known here"}${rest}`;
}
