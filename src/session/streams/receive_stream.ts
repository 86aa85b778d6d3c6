/**
 * The receiving half of a stream: what came on it and waits for the application.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { ReceiveWindow } from "../flow.ts";
import { ChunkQueue } from "./chunk_queue.ts";
import { resetByPeer } from "./codes.ts";
import { StreamCredit } from "./credit.ts";

/** Who looks after the receiving halves of all streams. */
export interface ReceiveStreamOwner {
  /** What the peer may send on all streams together. */
  readonly receiveWindow: ReceiveWindow;
  /** It has a word for the peer: a new limit, or that it wants no more. */
  handleControl(stream: ReceiveStream): void;
  /** Bytes came, the end, or a reset. */
  handleReceiveNews(stream: ReceiveStream): void;
  /** Nothing will come any more. */
  handleReceiveFinished(stream: ReceiveStream): void;
}

/** The receiving half of one stream. */
export class ReceiveStream {
  readonly id: number;
  readonly #owner: ReceiveStreamOwner;
  readonly #credit: StreamCredit;
  readonly #answersEnd: boolean;
  readonly #chunks: ChunkQueue = new ChunkQueue();
  #isFinished = false;
  // What ended it before its end; what waited is given up then.
  #error: HawserError | undefined;
  #isStopped = false;
  /** The code to be said with STREAM_STOP; `undefined` once it is said. */
  stopCode: number | undefined;
  /** Whether the peer gave it up without being asked to. */
  wasReset = false;

  /** The peer's window grows up to `windowBytesMax`. With `answersEnd` the peer hears that all has come. */
  constructor(id: number, windowBytesMax: number, owner: ReceiveStreamOwner, answersEnd: boolean) {
    this.id = id;
    this.#owner = owner;
    this.#answersEnd = answersEnd;
    this.#credit = new StreamCredit(windowBytesMax);
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#chunks.bytes;
  }

  /** Whether nothing will come any more. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Whether all that was sent has been taken, and nothing is missing. */
  get isEnded(): boolean {
    return this.#isFinished && !this.#isStopped && this.#error === undefined && this.#chunks.bytes === 0;
  }

  /** What ended it before its end. */
  get error(): HawserError | undefined {
    return this.#error;
  }

  /** Whether we have said that we want no more. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Whether the peer should hear of a new limit. */
  get isWindowDue(): boolean {
    return !this.#isFinished && !this.#isStopped && this.#credit.isDue;
  }

  /** The limit to tell the peer now. */
  takeLimit(): number {
    return this.#credit.takeLimit();
  }

  /** The next bytes, which belong to the caller; `undefined` if none wait. */
  take(): Uint8Array | undefined {
    const chunk = this.#chunks.take();
    if (chunk !== undefined) this.#release(chunk.length);
    return chunk;
  }

  /** Moves as many bytes into `target` as there are, and fit; returns how many. */
  takeInto(target: Uint8Array): number {
    const length = this.#chunks.takeInto(target);
    if (length > 0) this.#release(length);
    return length;
  }

  /** We want no more: what waits and what still comes is given up. Without effect once all has come. */
  stop(code: number): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#discard();
    if (this.#isFinished) return;
    this.stopCode = code;
    this.#owner.handleControl(this);
  }

  /**
   * Data came: `length` bytes of `source` from `start` on, which are `offset` bytes behind the stream's beginning.
   * @throws {HawserError} `protocol` if they are not what must follow.
   */
  handleData(offset: number, source: Uint8Array, start: number, length: number, isLast: boolean): void {
    if (this.#isFinished || offset !== this.#credit.received) {
      throw new HawserError("protocol", "the peer's parts of a stream do not follow each other");
    }
    this.#credit.handleReceive(length);
    if (this.#isStopped) this.#credit.handleTaken(length);
    else {
      this.#owner.receiveWindow.hold(length);
      this.#chunks.push(source, start, length);
    }
    if (isLast) return this.#handleEnd();
    if (!this.#isStopped) this.#owner.handleReceiveNews(this);
  }

  /** The peer gives up. */
  handleReset(code: number): void {
    if (this.#isFinished) return;
    this.wasReset = !this.#isStopped;
    this.#error = resetByPeer("gave up sending on the stream", code);
    this.#discard();
    this.stopCode = undefined;
    this.#finish();
  }

  /** The session is over: what is not whole can no longer become it. */
  handleClosed(error: HawserError): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#error = error;
    this.#discard();
    this.#owner.handleReceiveNews(this);
  }

  #handleEnd(): void {
    if (!this.#answersEnd) this.stopCode = undefined;
    else if (!this.#isStopped) {
      this.stopCode = 0;
      this.#owner.handleControl(this);
    }
    this.#finish();
  }

  #finish(): void {
    this.#isFinished = true;
    this.#owner.handleReceiveNews(this);
    this.#owner.handleReceiveFinished(this);
  }

  #discard(): void {
    const bytes = this.#chunks.clear();
    if (bytes > 0) this.#release(bytes);
  }

  #release(length: number): void {
    this.#owner.receiveWindow.release(length);
    this.#credit.handleTaken(length);
    if (this.isWindowDue) this.#owner.handleControl(this);
  }
}
