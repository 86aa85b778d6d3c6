/**
 * Messages of bytes, as they are: the hot path.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { SLAB_BYTES } from "../limits.ts";
import { type SendOptions, type SessionSendOptions, Slab } from "../session/mod.ts";
import { now } from "./clock.ts";
import { ResumableConnection } from "./resumable_connection.ts";
import { Waiters, type WaitOptions } from "./waiters.ts";

const slab = new Slab(SLAB_BYTES);
const DIRECT_BYTES_MIN = 16 * 1024;

/** A connection that sends and receives bytes. */
export abstract class RawConnection extends ResumableConnection implements AsyncIterable<Uint8Array> {
  readonly #received: Waiters<Uint8Array> = new Waiters("a message");
  readonly #drained: Waiters<void> = new Waiters("room in the send queue");
  #handler: ((message: Uint8Array) => void) | undefined;

  /**
   * Sends a message of up to `messageBytesMax` bytes, which are copied. Returns `false` when the queue is above its
   * high-water mark: the message is accepted all the same, but `await drained()` before the next.
   *
   * @throws {HawserError} `closed`; `packet-too-large` for a message over what the peer takes, or over one packet
   * with `fragment: false`; `backpressure` when `sendQueueBytesMax` is reached. Nothing is sent then.
   * @throws {RangeError} for a priority, a deadline or the name of a channel that cannot be.
   */
  send(message: Uint8Array, options?: SendOptions): boolean {
    if (!(message instanceof Uint8Array)) {
      throw new TypeError("send takes a Uint8Array: encode text and objects first");
    }
    if (this.info !== undefined) throw this.closedError(this.info);
    if (message.length >= DIRECT_BYTES_MIN) return this.#sendDirect(message, options);
    const hasRoom = this.pump.session.send(slab.copy(message), options && onTheClock(options));
    this.pump.wake();
    return hasRoom;
  }

  /** How hard it is to send, from 0 (nothing waits) to 1: how full the send queue is, or the window of the peer. */
  get pressure(): number {
    return this.pump.session.pressure;
  }

  // A large message gains nothing by waiting for others: what can leave at once is sealed straight from the caller's
  // bytes, and only what cannot is copied.
  #sendDirect(message: Uint8Array, options: SendOptions | undefined): boolean {
    const { session } = this.pump;
    session.send(message, options && onTheClock(options));
    this.pump.flush();
    session.keepLast(() => new Uint8Array(message));
    this.pump.wake();
    return !session.isCongested;
  }

  /**
   * Resolves when `send` returns `true` again; at once if it would now.
   * @throws {HawserError} `closed`, or `timeout` with `timeoutMs`.
   */
  async drained(options?: WaitOptions): Promise<void> {
    if (this.info !== undefined) throw this.closedError(this.info);
    if (this.pump.session.isCongested) await this.#drained.wait(options);
  }

  /**
   * The next message. Messages that arrived before the end can still be taken after it.
   * @throws {HawserError} `closed` when there will be none, or `timeout` with `timeoutMs`.
   */
  receive(options?: WaitOptions): Promise<Uint8Array> {
    const message = this.#received.size === 0 ? this.#take() : undefined;
    if (message !== undefined) return Promise.resolve(message);
    if (this.info !== undefined) return Promise.reject(this.closedError(this.info));
    return this.#received.wait(options);
  }

  /** The messages until the end. Throws what ended the connection, if that was a failure. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    while (true) {
      const message = this.#take();
      if (message !== undefined) {
        yield message;
        continue;
      }
      if (this.info?.error !== undefined) throw this.info.error;
      if (this.info !== undefined) return;
      try {
        yield await this.#received.wait();
      } catch (error) {
        if (this.failure() !== undefined) throw error;
        return;
      }
    }
  }

  /**
   * Calls `handler` with each message as it arrives: the fastest way. A handler that throws ends the connection.
   * `undefined` takes the handler away, and messages wait again.
   */
  onMessage(handler: ((message: Uint8Array) => void) | undefined): void {
    this.#handler = handler;
    this.pump.wake();
  }

  /** @ignore */
  protected override handleMessages(): void {
    while (this.#handler !== undefined || this.#received.size > 0) {
      const message = this.pump.session.takeMessage();
      if (message === undefined) return;
      if (this.#received.resolveFirst(message)) continue;
      try {
        this.#handler?.(message);
      } catch (cause) {
        this.#handler = undefined;
        return this.endBy("the message handler", cause);
      }
    }
  }

  /** @ignore Ends the connection: the application threw. */
  protected endBy(what: string, cause: unknown): void {
    this.pump.abort(new HawserError("closed", `${what} threw: ${cause}`, { cause }));
  }

  /** @ignore */
  protected override handleDrained(): void {
    this.#drained.resolveAll();
  }

  /** @ignore */
  protected override handleEnd(error: HawserError): void {
    super.handleEnd(error);
    this.#received.rejectAll(error);
    this.#drained.rejectAll(error);
  }

  /** @ignore */
  protected override stopHanding(): void {
    this.#handler = undefined;
  }

  #take(): Uint8Array | undefined {
    const message = this.pump.session.takeMessage(this.pump.isPaced ? now() : undefined);
    // What was taken may have opened the peer's window: tell it. What a rate withholds has a deadline.
    if (message !== undefined || this.pump.isPaced) this.pump.wake();
    return message;
  }
}

// What a session is told has its deadline on the driver's clock.
function onTheClock(options: SendOptions): SessionSendOptions {
  const { deadlineMs } = options;
  if (deadlineMs === undefined) return options;
  if (!(deadlineMs > 0)) throw new RangeError(`deadlineMs is a number above 0, not ${deadlineMs}`);
  return { ...options, until: now() + deadlineMs };
}
