/**
 * What a subscriber holds: events as they come, or one after the other to a handler, and what waits meanwhile.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { isThenable } from "../thenable.ts";
import { type SlowOptions, SlowQueue } from "../message/slow_queue.ts";

/** Something that keeps the peer waiting for as long as anybody holds it. */
export interface Hold {
  /** One more holds it. */
  keep(): void;
  /** One less does. */
  drop(): void;
}

/** What an event handler may be: it gets the next event when it has returned, or its promise has resolved. */
export type EventHandler<E> = (event: E) => unknown;

/** What `subscribe` makes a subscription with. */
export interface SubscriptionParts<E> {
  readonly pattern: string;
  readonly options: SlowOptions;
  readonly handler: EventHandler<E> | undefined;
  /** It ends: nothing must be delivered any more. */
  onEnd(): void;
  /** The handler threw; the subscription goes on. */
  onFailure(cause: unknown): void;
}

interface Waiting<E> {
  readonly event: E;
  /** Only of what waits beyond the bounds. */
  readonly hold: Hold | undefined;
}

interface Taker<E> {
  resolve(result: IteratorResult<E, void>): void;
  reject(error: unknown): void;
}

/**
 * The events of one pattern. Take them with `for await`, which unsubscribes when it is left, or give `subscribe` a handler.
 *
 * It ends when the connection does: what waits can still be taken then, and a failure is thrown behind it.
 */
export class Subscription<E> implements AsyncIterable<E>, AsyncDisposable {
  /** What was subscribed to. */
  readonly pattern: string;
  readonly #parts: SubscriptionParts<E>;
  readonly #queue: SlowQueue<Waiting<E>>;
  #takers: Taker<E>[] = [];
  #isHandling = false;
  #end: { readonly error: HawserError | undefined } | undefined;

  /** @ignore Subscriptions come from `subscribe`. */
  constructor(parts: SubscriptionParts<E>) {
    this.pattern = parts.pattern;
    this.#parts = parts;
    this.#queue = new SlowQueue(parts.options);
  }

  /** How many events wait to be taken. */
  get queued(): number {
    return this.#queue.length;
  }

  /** How many events were dropped because this subscriber was slow. */
  get dropped(): number {
    return this.#queue.dropped;
  }

  /** Whether no more events will come. */
  get isEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Wants no more: what waits is dropped, and loops end. Safe to call twice. */
  unsubscribe(): void {
    this.finish(undefined);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) next.hold?.drop();
  }

  /** Unsubscribes: `await using` calls it. */
  [Symbol.asyncDispose](): Promise<void> {
    this.unsubscribe();
    return Promise.resolve();
  }

  /** The events until the end; several loops share them. */
  [Symbol.asyncIterator](): AsyncIterator<E, void, void> {
    return {
      next: () => this.#next(),
      return: () => {
        this.unsubscribe();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  /** @ignore An event arrived, of so many bytes: for the topics of a connection. */
  deliver(event: E, bytes: number, hold: Hold): void {
    if (this.#end !== undefined) return;
    const taker = this.#takers.shift();
    if (taker !== undefined) return taker.resolve({ done: false, value: event });
    if (this.#parts.handler !== undefined && !this.#isHandling && this.#queue.length === 0) {
      return this.#handle(this.#parts.handler, event);
    }
    // What is over the bounds is known only behind the push, and the item must know it.
    const waiting = { event, hold: undefined as Hold | undefined };
    const outcome = this.#queue.push(waiting, bytes);
    if (outcome === "over") (waiting.hold = hold).keep();
    if (outcome !== "closed") return;
    const why = `the subscriber of "${this.pattern}" took its events too slowly, and asked to be closed then`;
    this.finish(new HawserError("backpressure", why));
  }

  /** @ignore No more events will come, and why, if that is a failure: what waits can still be taken. */
  finish(error: HawserError | undefined): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    this.#parts.onEnd();
    // Whoever waits found nothing else.
    for (const taker of this.#takers.splice(0)) {
      if (error === undefined) taker.resolve({ done: true, value: undefined });
      else taker.reject(error);
    }
  }

  #next(): Promise<IteratorResult<E, void>> {
    if (this.#parts.handler !== undefined) {
      return Promise.reject(new TypeError("this subscription gives its events to a handler"));
    }
    const next = this.#take();
    if (next !== undefined) return Promise.resolve({ done: false, value: next });
    if (this.#end?.error !== undefined) return Promise.reject(this.#end.error);
    if (this.#end !== undefined) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
  }

  #take(): E | undefined {
    const next = this.#queue.shift();
    next?.hold?.drop();
    return next?.event;
  }

  // One at a time: while a handler's promise is pending, what comes waits.
  #handle(handler: EventHandler<E>, event: E): void {
    try {
      const handling = handler(event);
      if (!isThenable(handling)) return;
      this.#isHandling = true;
      void this.#handleRest(handler, handling);
    } catch (cause) {
      this.#parts.onFailure(cause);
    }
  }

  async #handleRest(handler: EventHandler<E>, handling: PromiseLike<unknown>): Promise<void> {
    let under: unknown = handling;
    while (true) {
      try {
        await under;
      } catch (cause) {
        this.#parts.onFailure(cause);
      }
      const next = this.#take();
      if (next === undefined) break;
      try {
        under = handler(next);
      } catch (cause) {
        this.#parts.onFailure(cause);
        under = undefined;
      }
    }
    this.#isHandling = false;
  }
}
