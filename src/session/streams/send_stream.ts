/**
 * The sending half of a stream: what waits to be sent on it, and how that becomes frames.
 *
 * @module
 */

import type { HawserError } from "../../errors.ts";
import { Fifo } from "../../fifo.ts";
import { STREAM_PART_BYTES_MIN, STREAM_WINDOW_BYTES_INITIAL } from "../../stream_limits.ts";
import {
  FRAME_STREAM_RESET,
  PAIR_FRAME_BYTES_MAX,
  STREAM_OPEN_OVERHEAD_MAX,
  STREAM_OVERHEAD_MAX,
  writePairFrame,
  writeStreamHead,
  writeStreamOpen,
} from "../../wire/frames.ts";
import { SendWindow } from "../flow.ts";
import type { Flow } from "../scheduler.ts";
import type { StreamCarrier } from "./carrier.ts";
import { resetByPeer } from "./codes.ts";

/** Who looks after the sending halves of all streams. */
export interface SendStreamOwner {
  /** What may be sent on all streams together. */
  readonly sendWindow: SendWindow;
  /** Gives a stream its place among all that is to be sent; `wake` says that something of it may leave. */
  addFlow(flow: Flow): { wake(): void };
  /** The peer will know the stream from now on. */
  handleOpened(stream: SendStream): void;
  /** Something happened that its user may want to know: all has left, or the peer wants no more. */
  handleSendNews(stream: SendStream): void;
  /** Nothing will leave any more. */
  handleSendFinished(stream: SendStream): void;
}

/** What a sending half is made with. */
export interface SendStreamOptions {
  /** From 0 to 255. */
  readonly priority: number;
  /** Whether its bytes may be compressed. */
  readonly compress: boolean;
  /** What carries it, if it is not the main lane. */
  readonly carrier?: StreamCarrier;
  /** Of a stream that we open: its name in UTF-8. */
  readonly name?: Uint8Array;
}

/** The sending half of one stream. */
export class SendStream implements Flow {
  readonly id: number;
  readonly priority: number;
  readonly isCompressible: boolean;
  readonly #owner: SendStreamOwner;
  readonly #place: { wake(): void };
  readonly #window: SendWindow = new SendWindow(STREAM_WINDOW_BYTES_INITIAL);
  readonly #chunks: Fifo<Uint8Array> = new Fifo();
  // Of the first chunk, what has left.
  #headOffset = 0;
  #bytes = 0;
  // Invariant: defined exactly while STREAM_OPEN has to leave.
  #name: Uint8Array | undefined;
  // Whether the end counts only when the peer has answered it.
  readonly #isConfirmed: boolean;
  #isEnded = false;
  #isEndSent = false;
  // Invariant: defined from `reset` on; what waits is given up then.
  #resetCode: number | undefined;
  #isFinished = false;
  #error: HawserError | undefined;

  /** `name` is given by the side that opens the stream, which says so at once. */
  constructor(id: number, owner: SendStreamOwner, options: SendStreamOptions) {
    this.id = id;
    this.priority = options.priority;
    this.isCompressible = options.compress;
    this.#owner = owner;
    this.#name = options.name;
    this.#isConfirmed = options.carrier !== undefined;
    this.#place = (options.carrier ?? owner).addFlow(this);
    this.wake();
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether nothing can be written any more: it was ended or given up, by either side. */
  get isEnded(): boolean {
    return this.#isEnded || this.#resetCode !== undefined;
  }

  /** Whether nothing will leave any more: its end or its reset has left, or the session is over. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Whether the peer knows the stream, or will before anything that is written later. */
  get isOpened(): boolean {
    return this.#name === undefined;
  }

  /** Why it was given up, if it was not we who did it. */
  get error(): HawserError | undefined {
    return this.#error;
  }

  /** Whether it holds back the end of the session: its user has said all, and not all has left. */
  get isFlushing(): boolean {
    return this.#isEnded && !this.#isFinished && this.#resetCode === undefined;
  }

  get isPending(): boolean {
    if (this.#isFinished) return false;
    if (this.#name !== undefined || this.#resetCode !== undefined) return true;
    if (this.#bytes === 0) return this.#isEnded && !this.#isEndSent;
    return this.#room >= Math.min(this.#bytes, STREAM_PART_BYTES_MIN);
  }

  get bytesMax(): number {
    const opening = this.#name === undefined ? 0 : STREAM_OPEN_OVERHEAD_MAX + this.#name.length;
    const rest = this.#resetCode === undefined ? STREAM_OVERHEAD_MAX : PAIR_FRAME_BYTES_MAX;
    return opening + rest + Math.max(0, Math.min(this.#bytes, this.#room));
  }

  /** Takes a chunk, whose bytes must stay as they are until they have left. Only before the end. */
  push(chunk: Uint8Array): void {
    if (this.isEnded || chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.wake();
  }

  /** Nothing more will be written; what waits still leaves. */
  end(): void {
    if (this.isEnded) return;
    this.#isEnded = true;
    this.wake();
  }

  /** Gives up what waits, and tells the peer why. Without effect once the end has left. */
  reset(code: number): void {
    if (this.#isFinished || this.#isEndSent || this.#resetCode !== undefined) return;
    this.#resetCode = code;
    this.#clear();
    this.wake();
  }

  /** The peer takes more. */
  handleWindow(limit: number): void {
    if (this.#window.handleLimit(limit)) this.wake();
  }

  /** Something may have come to be sendable: the window of all streams has room again. */
  wake(): void {
    if (this.isPending) this.#place.wake();
  }

  /** The peer wants no more: what it has not got is given up, and it hears that there will be no more. */
  handleStop(code: number): void {
    if (this.#isFinished || this.#resetCode !== undefined) return;
    if (this.#isEndSent) return this.#finish();
    this.#error = resetByPeer("stopped reading", code);
    this.reset(code);
    this.#owner.handleSendNews(this);
  }

  /** The session is over. */
  handleClosed(error: HawserError): void {
    if (this.#isFinished) return;
    this.#error ??= error;
    this.#clear();
    this.#isFinished = true;
    this.#owner.handleSendNews(this);
  }

  compose(target: Uint8Array, at: number, end: number): number {
    if (this.#isFinished || this.#isEndSent) return at;
    if (this.#name !== undefined) {
      if (end - at < STREAM_OPEN_OVERHEAD_MAX + this.#name.length) return at;
      at = writeStreamOpen(target, at, this.id, this.priority, this.#name);
      this.#name = undefined;
      this.#owner.handleOpened(this);
    }
    if (this.#resetCode === undefined) return this.#composeData(target, at, end);
    if (end - at < PAIR_FRAME_BYTES_MAX) return at;
    at = writePairFrame(target, at, FRAME_STREAM_RESET, this.id, this.#resetCode);
    this.#finish();
    return at;
  }

  get #room(): number {
    return Math.min(this.#window.room, this.#owner.sendWindow.room);
  }

  #composeData(target: Uint8Array, at: number, end: number): number {
    const space = end - at - STREAM_OVERHEAD_MAX;
    const length = Math.min(this.#bytes, this.#room, space);
    const isLast = this.#isEnded && length === this.#bytes;
    if (length < Math.min(this.#bytes, STREAM_PART_BYTES_MIN) || (length === 0 && !isLast)) return at;
    at = writeStreamHead(target, at, this.id, this.#window.offset, length, isLast);
    this.#move(target, at, length);
    this.#window.offset += length;
    this.#owner.sendWindow.offset += length;
    this.#bytes -= length;
    if (isLast && this.#isConfirmed) this.#isEndSent = true;
    else if (isLast) this.#finish();
    else if (this.#bytes === 0) this.#owner.handleSendNews(this);
    return at + length;
  }

  #move(target: Uint8Array, start: number, length: number): void {
    const end = start + length;
    let at = start;
    while (at < end) {
      const chunk = this.#chunks.peek()!;
      const part = Math.min(chunk.length - this.#headOffset, end - at);
      const isWhole = part === chunk.length;
      target.set(isWhole ? chunk : chunk.subarray(this.#headOffset, this.#headOffset + part), at);
      at += part;
      this.#headOffset += part;
      if (this.#headOffset < chunk.length) return;
      this.#chunks.shift();
      this.#headOffset = 0;
    }
  }

  #finish(): void {
    this.#isFinished = true;
    this.#owner.handleSendNews(this);
    this.#owner.handleSendFinished(this);
  }

  #clear(): void {
    this.#chunks.clear();
    this.#headOffset = this.#bytes = 0;
  }
}
