/**
 * All messages of a session that wait to be sent.
 *
 * There is one queue for raw messages of which nothing special is said, and as
 * long as there is no other it is asked directly. Others are made when they are
 * needed: one for each channel, one for each priority, and typed messages have
 * theirs apart from raw ones. From then on the scheduler decides between them.
 *
 * @module
 */

import {
  CHANNEL_CHARS_MAX,
  PRIORITY_DEFAULT,
  PRIORITY_MAX,
  QUEUES_KEPT,
  WINDOW_RESERVE_SHARE,
} from "../scheduler_limits.ts";
import type { SessionSendOptions } from "./config.ts";
import type { SendWindow } from "./flow.ts";
import { Scheduler } from "./scheduler.ts";
import { PLAIN, type QueueKind, SendQueue, SendState, type Terms } from "./send_queue.ts";

const UNCOMPRESSED: Terms = { ...PLAIN, compress: false };

/** The queues of one session. */
export class Outbox {
  /** What they share. */
  readonly state: SendState;
  readonly #plain: SendQueue;
  #queues: Map<string | number, SendQueue> | undefined;
  #queuesMax = QUEUES_KEPT;
  #scheduler: Scheduler | undefined;
  // The queue of the message that was pushed last, unless that was dropped at once.
  #last: SendQueue | undefined;
  #expiresAt = Infinity;
  /** Whether what `compose` wrote last may be compressed. */
  isCompressible = true;

  /** Messages over `wholeBytesMax` are cut. */
  constructor(window: SendWindow, wholeBytesMax: number) {
    this.state = new SendState(window, wholeBytesMax);
    this.#plain = this.#last = new SendQueue(this.state, "raw");
  }

  /** Decides between the queues, and what else has a {@linkcode Flow}: made when it is first asked for. */
  get scheduler(): Scheduler {
    if (this.#scheduler === undefined) {
      this.#scheduler = new Scheduler();
      this.#plain.slot = this.#scheduler.add(this.#plain);
      this.#plain.unblock();
    }
    return this.#scheduler;
  }

  /** Takes ownership of `message`, which is dropped at once if its time is over. */
  push(message: Uint8Array, options: SessionSendOptions | undefined): void {
    if (options !== undefined) return this.#pushSpecial(message, options);
    this.#last = this.#plain;
    this.#plain.push(message, PLAIN);
  }

  /** Takes ownership of a whole frame of the application. */
  pushFrame(frame: Uint8Array): void {
    this.#last = this.#other("frames", "frames");
    this.#last.push(frame, PLAIN);
  }

  /** Puts a copy in place of the message that was pushed last, if any of it still waits. */
  keepLast(copy: () => Uint8Array): void {
    if (this.#last !== undefined && this.#last.messages > 0) this.#last.replaceLast(copy());
  }

  /** Whether anything may want to leave: messages, or another flow. */
  get isPending(): boolean {
    return this.#scheduler === undefined ? this.state.messages > 0 : this.#scheduler.waiting > 0;
  }

  /** No less than `compose` would write now, up to `max`. */
  bytesMax(max: number): number {
    if (this.#scheduler !== undefined) return this.#scheduler.bytesMax(max);
    return this.state.messages === 0 ? 0 : Math.min(max, this.#plain.bytesMax);
  }

  /**
   * Writes frames into `target` from `at` up to `end`: messages as the window lets them, and what other flows have.
   * Returns the position behind them.
   */
  compose(target: Uint8Array, at: number, end: number, now: number): number {
    if (this.#scheduler !== undefined) return this.#composeAll(this.#scheduler, target, at, end, now);
    const plain = this.#plain;
    const compress = this.isCompressible = plain.isCompressible;
    const behind = plain.compose(target, at, end, now);
    // Where only messages were dropped whose time is over, the next may have another wish.
    return behind > at || plain.isCompressible === compress ? behind : this.compose(target, at, end, now);
  }

  /** Whether messages wait for the window, or for others that are under way. */
  get isBlocked(): boolean {
    const { blocked } = this.state;
    return blocked !== undefined && blocked.length > 0;
  }

  /** The window, or the end of a message in parts, may have made room for those that wait. */
  unblock(): void {
    this.state.hasFinished = false;
    const { blocked } = this.state;
    if (blocked === undefined || blocked.length === 0) return;
    this.state.blocked = undefined;
    for (const queue of blocked) queue.unblock();
  }

  /**
   * How hard it is to send, from 0 to 1: how full the queue is, with `bytesHigh` as the measure, or how far the peer's
   * window is used up beyond the quarter of which it does not tell. 0 before the peer has said how much it takes.
   */
  pressureOf(bytesHigh: number): number {
    const { bytes, reserve, window } = this.state;
    if (reserve === 0) return 0;
    const free = (window.room - reserve) / (WINDOW_RESERVE_SHARE * reserve);
    const used = 1 - free / (3 / 4 - 1 / WINDOW_RESERVE_SHARE);
    return Math.min(1, Math.max(0, used, bytes / bytesHigh));
  }

  /** The length of the longest frame of the application that waits: it is never cut. */
  get longestFrame(): number {
    return this.#queues?.get("frames")?.longest ?? 0;
  }

  /** When `handleTimeout` has something to do. */
  deadline(): number {
    return this.#expiresAt;
  }

  /** Drops messages whose time is over. */
  handleTimeout(now: number): void {
    if (now < this.#expiresAt) return;
    this.#expiresAt = this.#plain.expire(now);
    for (const queue of this.#queues?.values() ?? []) {
      this.#expiresAt = Math.min(this.#expiresAt, queue.expire(now));
    }
  }

  /** Forgets everything; returns how many messages were not sent whole. */
  clear(): number {
    const count = this.state.messages;
    this.#plain.clear();
    for (const queue of this.#queues?.values() ?? []) queue.clear();
    this.#queues = this.state.blocked = undefined;
    this.#scheduler?.clear();
    this.#expiresAt = Infinity;
    return count;
  }

  #composeAll(scheduler: Scheduler, target: Uint8Array, at: number, end: number, now: number): number {
    const behind = scheduler.compose(target, at, end, now);
    this.isCompressible = scheduler.isCompressible;
    if (this.state.hasFinished) this.unblock();
    return behind;
  }

  #pushSpecial(message: Uint8Array, options: SessionSendOptions): void {
    if (options.signal?.aborted) {
      this.state.expired++;
      this.#last = undefined;
      return;
    }
    this.#last = this.#queueFor(options);
    this.#last.push(message, this.#termsOf(options));
  }

  #queueFor({ priority = PRIORITY_DEFAULT, channel, typed, patient }: SessionSendOptions): SendQueue {
    const kind = !typed ? "raw" : patient ? "patient" : "typed";
    if (channel !== undefined) return this.#other(`${kind} ${channel}`, kind);
    if (kind === "raw") return priority === PRIORITY_DEFAULT ? this.#plain : this.#other(priority, kind);
    return this.#other((PRIORITY_MAX + 1) * (kind === "typed" ? 1 : 2) + priority, kind);
  }

  #other(key: string | number, kind: QueueKind): SendQueue {
    const queues = this.#queues ??= new Map();
    let queue = queues.get(key);
    if (queue !== undefined) return queue;
    if (queues.size >= this.#queuesMax) this.#forgetEmpty(queues);
    queue = new SendQueue(this.state, kind);
    queue.slot = this.scheduler.add(queue);
    queues.set(key, queue);
    return queue;
  }

  #forgetEmpty(queues: Map<string | number, SendQueue>): void {
    for (const [key, queue] of queues) {
      if (queue.messages === 0) queues.delete(key);
    }
    this.#queuesMax = Math.max(QUEUES_KEPT, 2 * queues.size);
  }

  #termsOf(
    { compress = true, priority = PRIORITY_DEFAULT, until = Infinity, signal }: SessionSendOptions,
  ): Terms {
    if (until < this.#expiresAt) this.#expiresAt = until;
    if (priority !== PRIORITY_DEFAULT || until !== Infinity || signal !== undefined) {
      return { compress, priority, until, signal };
    }
    return compress ? PLAIN : UNCOMPRESSED;
  }
}

/**
 * Checks what a caller says of priority and channel.
 * @throws {RangeError}, {TypeError}
 */
export function checkSendOptions({ priority, channel }: SessionSendOptions): void {
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= 0 && priority <= PRIORITY_MAX)) {
    throw new RangeError(`a priority is a whole number from 0 to ${PRIORITY_MAX}, not ${priority}`);
  }
  if (channel === undefined) return;
  if (typeof channel !== "string") throw new TypeError(`a channel is a string, not ${typeof channel}`);
  if (channel.length > CHANNEL_CHARS_MAX) {
    throw new RangeError(
      `the name of a channel has at most ${CHANNEL_CHARS_MAX} characters, not ${channel.length}`,
    );
  }
}
