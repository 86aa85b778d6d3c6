/**
 * One stream as the user holds it: two Web Streams around the state of the session.
 *
 * @module
 */

import { Deferred } from "../deferred.ts";
import { HawserError } from "../errors.ts";
import { SLAB_BYTES } from "../limits.ts";
import { type SessionStream, Slab, STREAM_CANCELLED } from "../session/mod.ts";
import { STREAM_CODE_MAX, STREAM_WRITE_BYTES_HIGH } from "../stream_limits.ts";
import type { Pump } from "./pump.ts";

const slab = new Slab(SLAB_BYTES);
const DIRECT_BYTES_MIN = 16 * 1024;

/** What a stream does with the connection below it. */
export type StreamDriver = Pick<Pump, "wake" | "flush">;

/**
 * An ordered flow of bytes each way, inside a connection.
 *
 * Each direction ends by itself: `writable.close()` says that all was said, `writable.abort(code)` gives up, and
 * `readable.cancel(code)` wants no more. The peer's error then carries the code as `streamCode`: a number from 0 to
 * 2^30 - 1; 0 where the reason is no such number.
 *
 * A stream lives until both directions are over: close or abort what is not needed. Wait for `writable.close()` before
 * you close the connection, which gives up what was not said by then.
 */
export class Stream {
  readonly #state: SessionStream;
  readonly #driver: StreamDriver;
  readonly #closed: Deferred<HawserError | undefined> = new Deferred();
  // Made when they are first asked for: a stream that is used one way costs less.
  #reader: Reader | undefined;
  #writer: Writer | undefined;
  #reason: unknown;

  /** @ignore Streams come from `openStream`, `onStream` and `streams`. */
  constructor(state: SessionStream, driver: StreamDriver) {
    this.#state = state;
    this.#driver = driver;
    this.handleNews();
  }

  /** Unique in the connection, and the same on both sides. */
  get id(): number {
    return this.#state.id;
  }

  /** What the side that opened it calls it. */
  get name(): string {
    return this.#state.name;
  }

  /** From 0 to 255, as the side that opened it said: how much of the way it gets beside others. */
  get priority(): number {
    return this.#state.priority;
  }

  /**
   * What the peer sends: a byte stream where the runtime has them, so that readers may bring their own buffers. It takes
   * from the peer only what is read.
   */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return (this.#reader ??= new Reader(this.#state, this.#driver, this.#reason)).readable;
  }

  /** What is sent to the peer. A large chunk must stay as it is until its write has resolved. */
  get writable(): WritableStream<Uint8Array> {
    return (this.#writer ??= new Writer(this.#state, this.#driver, this.#reason)).writable;
  }

  /**
   * Resolves, and never rejects, when nothing will come and nothing will leave any more: with what ended the stream before
   * its end, or with `undefined` when both directions ended in order.
   */
  get closed(): Promise<HawserError | undefined> {
    return this.#closed.promise;
  }

  /**
   * Gives up both directions. Safe to call twice, and without effect on what has ended.
   * @throws {RangeError} for a code that is not from 0 to 2^30 - 1.
   */
  abort(
    code = STREAM_CANCELLED,
    reason: unknown = new HawserError("closed", "the stream was given up"),
  ): void {
    if (!isStreamCode(code)) throw new RangeError(`a code is a whole number from 0 to 2^30 - 1, not ${code}`);
    this.#reason ??= reason;
    this.#state.abort(code);
    this.#reader?.fail(reason);
    this.#writer?.fail(reason);
    this.#driver.wake();
  }

  /** @ignore Something happened. */
  handleNews(): void {
    this.#reader?.handleNews();
    this.#writer?.handleNews();
    const { incoming, outgoing } = this.#state;
    if (this.#state.isFinished) this.#closed.resolve(outgoing.error ?? incoming.error);
  }
}

/** The readable side. */
class Reader {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #incoming: SessionStream["incoming"];
  readonly #driver: StreamDriver;
  #controller!: ReadableByteStreamController;
  // Invariant: true while a reader waits for bytes.
  #isWanted = false;
  #isOver = false;

  constructor({ incoming }: SessionStream, driver: StreamDriver, reason: unknown) {
    this.#incoming = incoming;
    this.#driver = driver;
    this.readable = byteStream({
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#pull(),
      cancel: (cause) => this.#cancel(cause),
    });
    if (reason !== undefined) this.fail(reason);
    else this.handleNews();
  }

  handleNews(): void {
    if (this.#isOver) return;
    if (this.#incoming.error !== undefined) return this.fail(this.#incoming.error);
    if (this.#isWanted) this.#pull();
  }

  fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller.error(reason);
  }

  // It does not wait for bytes: a promise of them would cost several turns for each chunk. What is handed over may make
  // the stream ask for more at once.
  #pull(): void {
    this.#isWanted = false;
    if (!this.#isOver && !this.#move()) this.#isWanted = true;
  }

  /** Hands over what there is, or the end; returns whether there was any. */
  #move(): boolean {
    const request = this.#controller.byobRequest;
    if (this.#incoming.isEnded) {
      this.#isOver = true;
      this.#controller.close();
      request?.respond(0);
      return true;
    }
    if (this.#incoming.bytes === 0) return false;
    if (request?.view) {
      const { buffer, byteOffset, byteLength } = request.view;
      request.respond(this.#incoming.takeInto(new Uint8Array(buffer, byteOffset, byteLength)));
    } else this.#controller.enqueue(this.#incoming.take() as Uint8Array<ArrayBuffer>);
    // What was taken may have opened the peer's window: tell it.
    this.#driver.wake();
    return true;
  }

  #cancel(cause: unknown): void {
    this.#isOver = true;
    this.#incoming.stop(streamCodeOf(cause));
    this.#driver.wake();
  }
}

/** The writable side. */
class Writer {
  readonly writable: WritableStream<Uint8Array>;
  readonly #outgoing: SessionStream["outgoing"];
  readonly #driver: StreamDriver;
  #controller!: WritableStreamDefaultController;
  // Invariant: defined while a write, or the close, waits until all has left.
  #waiting: PromiseWithResolvers<void> | undefined;
  #isOver = false;

  constructor({ outgoing }: SessionStream, driver: StreamDriver, reason: unknown) {
    this.#outgoing = outgoing;
    this.#driver = driver;
    this.writable = new WritableStream({
      start: (controller) => void (this.#controller = controller),
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
      abort: (cause) => this.#abort(cause),
    }, { highWaterMark: STREAM_WRITE_BYTES_HIGH, size: (chunk) => chunk?.byteLength ?? 0 });
    if (reason !== undefined) this.fail(reason);
    else this.handleNews();
  }

  handleNews(): void {
    const { error, bytes, isEnded, isFinished } = this.#outgoing;
    if (error !== undefined) return this.fail(error);
    if (bytes > 0 || (isEnded && !isFinished)) return;
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller.error(reason);
    this.#waiting?.reject(reason);
    this.#waiting = undefined;
  }

  #write(chunk: Uint8Array): void | Promise<void> {
    if (!(chunk instanceof Uint8Array)) {
      this.#outgoing.reset(0);
      this.#driver.wake();
      throw new TypeError("a stream takes chunks of Uint8Array: encode text and objects first");
    }
    if (this.#isOver) return;
    const isLarge = chunk.length >= DIRECT_BYTES_MIN;
    this.#outgoing.push(isLarge ? chunk : slab.copy(chunk));
    if (isLarge) this.#driver.flush();
    this.#driver.wake();
    // Of small ones some wait for others, to share a packet.
    if (this.#outgoing.bytes > (isLarge ? 0 : STREAM_WRITE_BYTES_HIGH)) return this.#wait();
  }

  #close(): void | Promise<void> {
    this.#outgoing.end();
    this.#driver.wake();
    if (!this.#outgoing.isFinished) return this.#wait();
  }

  #abort(cause: unknown): void {
    this.#isOver = true;
    this.#outgoing.reset(streamCodeOf(cause));
    this.#waiting?.reject(cause);
    this.#waiting = undefined;
    this.#driver.wake();
  }

  #wait(): Promise<void> {
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }
}

/** A byte stream; where the runtime has none, one of chunks. It takes nothing before somebody reads. */
function byteStream(source: Omit<UnderlyingByteSource, "type">): ReadableStream<Uint8Array<ArrayBuffer>> {
  try {
    return new ReadableStream({ type: "bytes", ...source }, { highWaterMark: 0 });
  } catch {
    return new ReadableStream(source as UnderlyingDefaultSource, { highWaterMark: 0 });
  }
}

/** The number that the peer is told for the reason of a cancel or an abort. */
function streamCodeOf(reason: unknown): number {
  const code = reason instanceof HawserError ? reason.streamCode : reason;
  return isStreamCode(code) ? code : STREAM_CANCELLED;
}

function isStreamCode(code: unknown): code is number {
  return typeof code === "number" && Number.isInteger(code) && code >= 0 && code <= STREAM_CODE_MAX;
}
