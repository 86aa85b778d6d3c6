/**
 * Several replies to one request, taken one after the other.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { Fifo } from "../fifo.ts";
import type { ReceivedEnvelope } from "../message/envelope.ts";
import { REPLY_COST_BYTES, REPLY_CREDIT_BYTES } from "../message_limits.ts";

interface Taker {
  resolve(result: IteratorResult<unknown, void>): void;
  reject(error: unknown): void;
}

interface Waiting {
  readonly envelope: ReceivedEnvelope;
  readonly bytes: number;
}

/** What replies are made with. */
export interface RepliesParts {
  readonly id: number;
  readonly due: number;
  readonly what: string;
  decode(envelope: ReceivedEnvelope): unknown;
  /** The peer may send so many bytes more. */
  grant(bytes: number): void;
  /** Nobody wants more of them. */
  cancel(): void;
}

/**
 * The replies to `requestMany`. Leaving a `for await` over them tells the other side to stop. They come no faster than
 * they are taken: beyond 256 KiB the other side waits.
 */
export class Replies implements AsyncIterableIterator<unknown, void, void> {
  /** @ignore */
  readonly id: number;
  /** @ignore */
  readonly due: number;
  /** @ignore */
  readonly what: string;
  /** @ignore */
  place = -1;
  /** @ignore */
  unlisten: (() => void) | undefined;
  readonly #parts: RepliesParts;
  readonly #waiting: Fifo<Waiting> = new Fifo();
  readonly #takers: Fifo<Taker> = new Fifo();
  #credit = REPLY_CREDIT_BYTES;
  #takenBytes = 0;
  #end: { readonly error: unknown } | undefined;

  /** @ignore Replies come from `requestMany`. */
  constructor(parts: RepliesParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.due = parts.due;
    this.what = parts.what;
  }

  /** These replies. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next reply. Rejects once with what ended them, if that was a failure. */
  next(): Promise<IteratorResult<unknown, void>> {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) return this.#hand(waiting);
    if (this.#end === undefined) {
      return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
    }
    const { error } = this.#end;
    this.#end = { error: undefined };
    return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error);
  }

  /** No more of them: the other side is told. */
  return(): Promise<IteratorResult<unknown, void>> {
    this.#parts.cancel();
    this.#waiting.clear();
    this.#finish(undefined);
    return Promise.resolve({ done: true, value: undefined });
  }

  /** @ignore A handler that has one reply for whoever wants several. */
  handleReply(envelope: ReceivedEnvelope): void {
    this.handlePart(envelope);
    this.handleEnd();
  }

  /** @ignore */
  handlePart(envelope: ReceivedEnvelope): void {
    if (this.#credit <= 0) {
      throw new HawserError("protocol", `the peer sends more replies to ${this.what} than it may`);
    }
    const waiting: Waiting = { envelope, bytes: envelope.payload.length + REPLY_COST_BYTES };
    this.#credit -= waiting.bytes;
    const taker = this.#takers.shift();
    if (taker === undefined) this.#waiting.push(waiting);
    else this.#hand(waiting).then(taker.resolve, taker.reject);
  }

  /** @ignore */
  handleEnd(): void {
    this.#finish(undefined);
  }

  /** @ignore */
  handleFailure(error: unknown): void {
    this.#finish(error);
  }

  #finish(error: unknown): void {
    if (this.#end !== undefined) return;
    const first = error === undefined ? undefined : this.#takers.shift();
    first?.reject(error);
    this.#end = { error: first === undefined ? error : undefined };
    for (let taker = this.#takers.shift(); taker !== undefined; taker = this.#takers.shift()) {
      taker.resolve({ done: true, value: undefined });
    }
  }

  async #hand({ envelope, bytes }: Waiting): Promise<IteratorResult<unknown, void>> {
    this.#takenBytes += bytes;
    if (this.#takenBytes >= REPLY_CREDIT_BYTES / 2 && this.#end === undefined) {
      this.#parts.grant(this.#takenBytes);
      this.#credit += this.#takenBytes;
      this.#takenBytes = 0;
    }
    try {
      return { done: false, value: this.#parts.decode(envelope) };
    } catch (error) {
      await this.return();
      throw error;
    }
  }
}
