/**
 * Small messages there and back: many at once for the rate, one after another for the round trip.
 *
 * Every answer is compared byte by byte with what was sent.
 *
 * @module
 */

import type { Channel } from "./channel.ts";
import { RESEND_MS, RESENDS_MAX, trySend } from "./delivery.ts";
import { Gate } from "./gate.ts";
import { makeRecord, numberOf, RECORD_ECHO, RECORD_HEADER_BYTES } from "./records.ts";

/** Bytes of a small message. */
export const MESSAGE_BYTES = 64;

/** Round trips under way at once. */
const WINDOW_MESSAGES = 256;

/** Under way at once where messages may be lost: what the kernel's default buffer holds of datagrams. */
const DATAGRAM_WINDOW_MESSAGES = 64;

/** The number of the first message that goes alone: a late answer to one of many is not taken for its own. */
const ONE_BY_ONE_FIRST = 2 ** 31;

const CHECK_MS = 50;

/** What came of many messages. */
export interface MessagesResult {
  readonly count: number;
  readonly seconds: number;
  /** Messages that were lost on the way there or back, and sent again. */
  readonly lost: number;
}

/**
 * Sends `count` messages, a window of them at once, and waits for every answer.
 * @throws {Error} when an answer is not what was sent, comes twice, or the channel ends.
 */
export async function sendMany(
  channel: Channel,
  count: number,
  onProgress: (messages: number) => void,
): Promise<MessagesResult> {
  const startedAt = performance.now();
  using trips = new RoundTrips(channel, onProgress);
  const window = channel.reliable ? WINDOW_MESSAGES : DATAGRAM_WINDOW_MESSAGES;
  for (let number = 0; number < count; number++) {
    // Half a window at a time: one wait for many messages.
    if (trips.underWay >= window) await trips.atMost(window / 2);
    if (!trips.send(number)) await channel.drained();
  }
  await trips.atMost(0);
  return { count, lost: trips.lost, seconds: (performance.now() - startedAt) / 1000 };
}

/**
 * Sends one message after another; each waits for the answer to the one before.
 * @returns the round trips in milliseconds; where a message was lost, with the time until it was sent again.
 * @throws {Error} as {@linkcode sendMany}.
 */
export async function sendOneByOne(
  channel: Channel,
  count: number,
  onProgress: (messages: number) => void,
): Promise<{ roundTripsMs: Float64Array; lost: number }> {
  const roundTripsMs = new Float64Array(count);
  using trips = new RoundTrips(channel, onProgress);
  for (let index = 0; index < count; index++) {
    const startedAt = performance.now();
    trips.send(ONE_BY_ONE_FIRST + index);
    await trips.atMost(0);
    roundTripsMs[index] = performance.now() - startedAt;
  }
  return { roundTripsMs, lost: trips.lost };
}

class RoundTrips implements Disposable {
  lost = 0;
  readonly #channel: Channel;
  readonly #onProgress: (messages: number) => void;
  readonly #gate = new Gate();
  readonly #underWay: Map<number, { sentAt: number; resends: number }> = new Map();
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #waitingFor = -1;

  constructor(channel: Channel, onProgress: (messages: number) => void) {
    this.#channel = channel;
    this.#onProgress = onProgress;
    channel.onMessage((message) => this.#handleAnswer(message));
    void channel.ended.then((reason) => this.#gate.fail(new Error(reason)));
    if (!channel.reliable) this.#timer = setInterval(() => this.#resend(), CHECK_MS);
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  send(number: number): boolean {
    this.#underWay.set(number, { sentAt: this.#channel.reliable ? 0 : performance.now(), resends: 0 });
    return this.#channel.send(makeMessage(number));
  }

  /** Resolves when no more than this many are under way. */
  async atMost(count: number): Promise<void> {
    this.#waitingFor = count;
    while (this.#underWay.size > count) await this.#gate.wait();
    this.#waitingFor = -1;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #handleAnswer(answer: Uint8Array): void {
    if (answer[0] !== RECORD_ECHO) return;
    const number = numberOf(answer);
    if (!isMessage(answer, number)) {
      return this.#gate.fail(new Error(`the answer to message ${number} is not what was sent`));
    }
    if (!this.#underWay.delete(number)) {
      // Where messages are sent again, so are answers; elsewhere nothing comes twice.
      if (!this.#channel.reliable) return;
      return this.#gate.fail(new Error(`an answer to message ${number} came that was not waited for`));
    }
    this.#onProgress(1);
    if (this.#underWay.size <= this.#waitingFor) this.#gate.open();
  }

  #resend(): void {
    const now = performance.now();
    for (const [number, trip] of this.#underWay) {
      if (now - trip.sentAt < RESEND_MS) continue;
      if (trip.resends++ >= RESENDS_MAX) {
        return this.#gate.fail(
          new Error(`message ${number} was sent ${RESENDS_MAX} times and never answered`),
        );
      }
      trip.sentAt = now;
      this.lost++;
      if (!trySend(this.#channel, makeMessage(number))) return;
    }
  }
}

/** Message `number`: its bytes differ from those of every other. */
export function makeMessage(number: number): Uint8Array {
  const message = makeRecord(RECORD_ECHO, number, MESSAGE_BYTES - RECORD_HEADER_BYTES);
  for (let index = RECORD_HEADER_BYTES; index < MESSAGE_BYTES; index++) {
    message[index] = byteAt(number, index);
  }
  return message;
}

/** Whether these are the bytes of message `number`. */
export function isMessage(message: Uint8Array, number: number): boolean {
  if (message.length !== MESSAGE_BYTES) return false;
  for (let index = RECORD_HEADER_BYTES; index < MESSAGE_BYTES; index++) {
    if (message[index] !== byteAt(number, index)) return false;
  }
  return true;
}

// Knuth's multiplicative hash (The Art of Computer Programming 3, §6.4) over number and place.
function byteAt(number: number, index: number): number {
  return Math.imul(number * MESSAGE_BYTES + index, 0x9e3779b1) >>> 24;
}
