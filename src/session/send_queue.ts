/**
 * Messages that wait to be sent, and how they become frames.
 *
 * Many small messages share one packet body; one that is larger than a whole
 * body is cut into fragments. The messages of one queue leave in order;
 * between queues the scheduler decides.
 *
 * @module
 */

import { FRAME_COST_BYTES } from "../limits.ts";
import { PARTED_MESSAGES_MAX, PRIORITY_DEFAULT } from "../scheduler_limits.ts";
import {
  FRAGMENT_OVERHEAD_MAX,
  FRAME_APPLICATION,
  FRAME_FRAGMENT,
  FRAME_MESSAGE,
  FRAME_TYPED,
  FRAME_TYPED_FRAGMENT,
  MESSAGE_OVERHEAD_MAX,
  messageFrameLength,
  writeFragment,
  writeMessage,
} from "../wire/frames.ts";
import { Fifo } from "../fifo.ts";
import type { SendWindow } from "./flow.ts";
import type { Flow, Slot } from "./scheduler.ts";

// Of the reserve, what raw messages leave to typed ones even if they are urgent.
const URGENT_RESERVE_SHARE = 3 / 4;
// A fragment below this is not worth its overhead: the rest of the body stays empty instead.
const FRAGMENT_BYTES_MIN = 256;

/** What holds for one message. */
export interface Terms {
  /** Whether it may be compressed. */
  readonly compress: boolean;
  /** From 0 to 255. */
  readonly priority: number;
  /** When it is no longer worth sending, on the driver's clock. */
  readonly until: number;
  /** Aborts when it is no longer worth sending. */
  readonly signal: AbortSignal | undefined;
}

/** What holds for most messages. */
export const PLAIN: Terms = {
  compress: true,
  priority: PRIORITY_DEFAULT,
  until: Infinity,
  signal: undefined,
};

/** What is in a queue: raw messages, typed ones, typed ones that leave the reserve to others, or whole frames of the application. */
export type QueueKind = "raw" | "typed" | "patient" | "frames";

const FRAME_TYPES = {
  raw: FRAME_MESSAGE,
  typed: FRAME_TYPED,
  patient: FRAME_TYPED,
  frames: FRAME_APPLICATION,
} as const;

/** What all queues of one session share. */
export class SendState {
  /** What the peer lets us send. */
  readonly window: SendWindow;
  /** The largest message that is not cut. */
  wholeBytesMax: number;
  /** What of the window is for typed messages only. */
  reserve = 0;
  /** The largest message that the peer takes. */
  messageBytesMax = 0;
  /** The id that the next message in parts gets. */
  fragmentId = 0;
  /** Bytes that wait. */
  bytes = 0;
  /** Messages that wait, those that are sent in part included. */
  messages = 0;
  /** Messages that have left whole. */
  sent = 0;
  /** How many there may be by the end of this packet. */
  sentMax = Infinity;
  /** Messages that were dropped because their time was over. */
  expired = 0;
  /** Queues whose first message is sent in part. */
  readonly parted: SendQueue[] = [];
  /** Queues that wait for the window, or for another's parts. */
  blocked: SendQueue[] | undefined;
  /** Whether a message in parts has left whole since this was last set to `false`. */
  hasFinished = false;

  /** Messages over `wholeBytesMax` are cut. */
  constructor(window: SendWindow, wholeBytesMax: number) {
    this.window = window;
    this.wholeBytesMax = wholeBytesMax;
  }

  /**
   * Whether the first message of a queue may be begun, of `length` bytes: the receiver has room for two of the largest
   * at once, of which the second is for one that is more urgent than all that are under way.
   */
  mayBegin(queue: SendQueue, length: number): boolean {
    let isUrgent = true;
    let bytes = length;
    for (const other of this.parted) {
      bytes += other.headBytes;
      if (other.priority >= queue.priority) isUrgent = false;
    }
    const share = isUrgent ? 1 : 2;
    return this.parted.length === 0 ||
      (this.parted.length < PARTED_MESSAGES_MAX / share && bytes <= 2 * this.messageBytesMax / share);
  }
}

/** A first-in-first-out queue of messages, of which the first may be sent in part. */
export class SendQueue implements Flow {
  readonly #state: SendState;
  // The type of the frame around a whole message; frames of the application bring their own.
  readonly #type: number;
  // What nobody else may use of the window is left to typed messages. They are cut where it has no room for the whole, so
  // that they make use of any rest.
  readonly #takesReserve: boolean;
  readonly #messages: Fifo<Uint8Array> = new Fifo();
  readonly #terms: Fifo<Terms> = new Fifo();
  // Invariant: more than zero exactly while the first message is sent in part.
  #headOffset = 0;
  #headId = 0;
  #bytes = 0;
  #isBlocked = false;
  /** Its place in line, where there is a scheduler. */
  slot: Slot | undefined;

  /** An empty queue. */
  constructor(state: SendState, kind: QueueKind) {
    this.#state = state;
    this.#type = FRAME_TYPES[kind];
    this.#takesReserve = kind === "typed";
  }

  /** Messages that wait, one that is sent in part included. */
  get messages(): number {
    return this.#messages.length;
  }

  /** The length of the first message. */
  get headBytes(): number {
    return this.#messages.peek()?.length ?? 0;
  }

  /** The length of the longest message. */
  get longest(): number {
    let longest = 0;
    for (let index = 0; index < this.#messages.length; index++) {
      longest = Math.max(longest, this.#messages.at(index)!.length);
    }
    return longest;
  }

  get priority(): number {
    return (this.#terms.peek() ?? PLAIN).priority;
  }

  get isPending(): boolean {
    return this.#messages.length > 0 && !this.#isBlocked;
  }

  get isCompressible(): boolean {
    return (this.#terms.peek() ?? PLAIN).compress;
  }

  get bytesMax(): number {
    // The end of one message in parts, and the begin of the next.
    return this.#bytes + this.#messages.length * MESSAGE_OVERHEAD_MAX + 2 * FRAGMENT_OVERHEAD_MAX;
  }

  /** Takes ownership of `message`. */
  push(message: Uint8Array, terms: Terms): void {
    this.#messages.push(message);
    this.#terms.push(terms);
    this.#bytes += message.length;
    this.#state.bytes += message.length;
    this.#state.messages++;
    if (this.slot !== undefined && !this.#isBlocked) this.slot.wake();
  }

  /** Puts a copy in place of the last message. */
  replaceLast(copy: Uint8Array): void {
    this.#messages.replaceLast(copy);
  }

  /** What it waited for may have come. */
  unblock(): void {
    this.#isBlocked = false;
    if (this.#messages.length > 0) this.slot?.wake();
  }

  /**
   * Writes frames into `target` from `at` up to `end`, as many as fit there and in the window.
   * Messages with another wish about compression than the first wait for the next body, and
   * those whose time is over are dropped.
   * Returns the position behind the last frame.
   */
  compose(target: Uint8Array, at: number, end: number, now: number): number {
    const compress = this.isCompressible;
    this.#isBlocked = false;
    while (true) {
      at = this.#composeWhole(target, at, end, now, compress);
      const message = this.#messages.peek();
      if (message === undefined) return at;
      if (this.#state.sent >= this.#state.sentMax) {
        this.#isBlocked = true;
        break;
      }
      if (this.isCompressible !== compress) break;
      const next = this.#isToBeCut(message) ? this.#composeFragment(target, at, end, message) : at;
      if (next === at) break;
      at = next;
    }
    if (this.#isBlocked && this.slot !== undefined) (this.#state.blocked ??= []).push(this);
    return at;
  }

  /** Drops all messages whose time is over; returns when the next one's is. */
  expire(now: number): number {
    let next = Infinity;
    const { expired } = this.#state;
    for (let left = this.#messages.length; left > 0; left--) {
      const [message, terms] = [this.#messages.peek()!, this.#terms.peek()!];
      const isBegun = this.#headOffset > 0 && left === this.#messages.length;
      if (!isBegun && isOver(terms, now)) {
        this.#drop();
        continue;
      }
      this.#messages.shift();
      this.#messages.push(message);
      this.#terms.shift();
      this.#terms.push(terms);
      if (!isBegun) next = Math.min(next, terms.until);
    }
    // What is first now may be small enough for what the one before has waited for.
    if (this.#state.expired > expired) this.unblock();
    return next;
  }

  /** Forgets everything. */
  clear(): void {
    this.#state.bytes -= this.#bytes;
    this.#state.messages -= this.messages;
    this.#messages.clear();
    this.#terms.clear();
    this.#headOffset = this.#bytes = 0;
  }

  // As many messages as can leave whole. They are counted together: this is done for every message.
  #composeWhole(target: Uint8Array, at: number, end: number, now: number, compress: boolean): number {
    const state = this.#state;
    const type = this.#type;
    const room = this.#room;
    const countMax = state.sentMax - state.sent;
    let cost = 0;
    let bytes = 0;
    let count = 0;
    let message = this.#messages.peek();
    while (message !== undefined && this.#headOffset === 0 && count < countMax) {
      const terms = this.#terms.peek()!;
      if (terms !== PLAIN && isOver(terms, now)) {
        this.#drop();
      } else {
        const { length } = message;
        if (terms.compress !== compress || length > state.wholeBytesMax) break;
        if (cost + length + FRAME_COST_BYTES > room || messageFrameLength(length) > end - at) break;
        cost += length + FRAME_COST_BYTES;
        bytes += length;
        count++;
        this.#messages.shift();
        this.#terms.shift();
        at = type === FRAME_APPLICATION
          ? writeFrame(target, at, message)
          : writeMessage(target, at, message, type);
      }
      message = this.#messages.peek();
    }
    if (count === 0) return at;
    state.window.offset += cost;
    state.messages -= count;
    if (type !== FRAME_APPLICATION) state.sent += count;
    this.#count(bytes);
    return at;
  }

  // What is urgent may take a quarter of the reserve: behind bulk it need not even wait for the window.
  get #room(): number {
    const { window, reserve } = this.#state;
    if (this.#takesReserve) return window.room;
    return window.room - (this.priority > PRIORITY_DEFAULT ? reserve * URGENT_RESERVE_SHARE : reserve);
  }

  #isToBeCut({ length }: Uint8Array): boolean {
    if (this.#headOffset > 0 || length > this.#state.wholeBytesMax) return true;
    if (length + FRAME_COST_BYTES <= this.#room) return false;
    if (this.#takesReserve) return true;
    this.#isBlocked = true;
    return false;
  }

  #composeFragment(target: Uint8Array, at: number, end: number, message: Uint8Array): number {
    const state = this.#state;
    const rest = message.length - this.#headOffset;
    const room = this.#room - FRAME_COST_BYTES;
    const least = Math.min(rest, FRAGMENT_BYTES_MIN);
    if (room < least) return this.#block(at);
    if (this.#headOffset === 0 && !state.mayBegin(this, message.length)) return this.#block(at);
    const length = Math.min(rest, end - at - FRAGMENT_OVERHEAD_MAX, room);
    if (length < least) return at;
    if (this.#headOffset === 0) this.#begin();
    const type = this.#type === FRAME_TYPED ? FRAME_TYPED_FRAGMENT : FRAME_FRAGMENT;
    at = writeFragment(target, at, this.#headId, message, this.#headOffset, length, type);
    state.window.offset += length + FRAME_COST_BYTES;
    this.#count(length);
    this.#headOffset += length;
    if (length === rest) this.#finish();
    return at;
  }

  #begin(): void {
    this.#headId = this.#state.fragmentId++;
    this.#state.parted.push(this);
  }

  #finish(): void {
    const { parted } = this.#state;
    parted.splice(parted.indexOf(this), 1);
    this.#state.hasFinished = true;
    this.#state.sent++;
    this.#headOffset = 0;
    this.#shift();
  }

  #block(at: number): number {
    this.#isBlocked = true;
    return at;
  }

  #drop(): void {
    this.#count(this.headBytes);
    this.#state.expired++;
    this.#shift();
  }

  #count(bytes: number): void {
    this.#bytes -= bytes;
    this.#state.bytes -= bytes;
  }

  #shift(): void {
    this.#messages.shift();
    this.#terms.shift();
    this.#state.messages--;
  }
}

function writeFrame(target: Uint8Array, at: number, frame: Uint8Array): number {
  target.set(frame, at);
  return at + frame.length;
}

function isOver({ until, signal }: Terms, now: number): boolean {
  return now >= until || signal?.aborted === true;
}
