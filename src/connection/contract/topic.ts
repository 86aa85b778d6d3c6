/**
 * An event of a contract: told by either side, heard by whoever subscribed.
 *
 * @module
 */

import type { EventEntry } from "../../message/contract.ts";
import type { InputOf, OutputOf, StandardSchema } from "../../message/schema.ts";
import type { SlowOptions } from "../../message/slow_queue.ts";
import type { Peer } from "../../session/mod.ts";
import { parse, verify } from "./checks.ts";
import { type Call, type ContractOptions, run } from "./middleware.ts";
import type { EventContext, EventOptions, EventSource, Publisher, Subscriber } from "./peers.ts";

/** Tells of an event. */
export interface Teller<Value extends StandardSchema> {
  /**
   * Tells whoever subscribed, and resolves when there is room for the next. What is told by one topic stays in order.
   * @throws {HawserError} `serialization` with `issues` for what does not fit.
   */
  publish(value: InputOf<Value>, options?: EventOptions): Promise<void>;
}

/** Tells of an event, and hears of it. */
export interface Topic<Value extends StandardSchema> extends Teller<Value> {
  /** What the other side tells from now on, as an iterable. What does not fit is dropped, and `onError` hears of it. */
  subscribe(options?: SlowOptions): TopicSubscription<OutputOf<Value>>;
  /** Calls `handler` with what the other side tells from now on, with the next when it is done with one. */
  subscribe(handler: EventHandler<OutputOf<Value>>, options?: SlowOptions): Unsubscribe;
}

/** Takes an event. */
export type EventHandler<Value> = (value: Value, context: EventContext) => void | Promise<void>;

/** Ends a subscription. */
export interface Unsubscribe extends AsyncDisposable {
  /** No more. */
  unsubscribe(): void;
}

/** What is told, until `unsubscribe`, or until a loop over it is left. */
export interface TopicSubscription<Value> extends AsyncIterable<Value>, Unsubscribe {}

/** Sends a value that may be changed on its way to `end`. */
type Surround = (
  value: unknown,
  options: EventOptions,
  end: (value: unknown, options: EventOptions) => unknown,
) => unknown;

/** What tells of the event `name` through `target`. */
export function createTeller(
  target: Publisher,
  name: string,
  { value: schema }: EventEntry,
  surround: Surround = (value, options, end) => end(value, options),
): Teller<StandardSchema> {
  const tell = async (value: unknown, options: EventOptions): Promise<void> => {
    await surround(value, options, async (value, options) => {
      const checked = await verify(schema, value, `the event ${name}`);
      if (!target.publish(name, checked, options)) await target.drained();
    });
  };
  // Validators and middleware may take their time, and no event may overtake another.
  let last: Promise<void> = Promise.resolve();
  return {
    publish(value, options = {}) {
      const told = last.then(() => tell(value, options));
      last = told.catch(() => {});
      return told;
    },
  };
}

/** What tells and hears of the event `name` through `connection`. */
export function createTopic(
  connection: Publisher & Subscriber & { readonly peer: Peer },
  name: string,
  entry: EventEntry,
  options: ContractOptions,
): Topic<StandardSchema> {
  const { use = [] } = options;
  const teller = createTeller(connection, name, entry, (input, { headers = {}, ...rest }, end) => {
    const { peer } = connection;
    const call: Call = {
      kind: "event",
      name,
      input,
      headers,
      deadlineMs: undefined,
      signal: undefined,
      peer,
    };
    return run(use, call, ({ input, headers }) => end(input, { ...rest, headers }));
  });
  const subscribe = (
    first?: EventHandler<unknown> | SlowOptions,
    second?: SlowOptions,
  ): TopicSubscription<unknown> => {
    if (typeof first !== "function") return new Hearing(connection, name, entry, options, first);
    const hearing = new Hearing(connection, name, entry, options, second);
    void hearing.handle(first);
    return hearing;
  };
  return Object.freeze({ publish: teller.publish, subscribe });
}

/** A subscription to the event of a contract. */
export class Hearing implements TopicSubscription<unknown> {
  readonly #source: EventSource;
  readonly #name: string;
  readonly #schema: StandardSchema;
  readonly #onError: ContractOptions["onError"];

  /** Subscribes. */
  constructor(
    connection: Subscriber,
    name: string,
    { value }: EventEntry,
    { onError }: ContractOptions,
    options: SlowOptions | undefined,
  ) {
    this.#source = connection.subscribe(name, options);
    this.#name = name;
    this.#schema = value;
    this.#onError = onError;
  }

  /** Calls `handler` with one after another. Resolves when there will be none; never rejects. */
  async handle(handler: (value: unknown, context: EventContext) => unknown): Promise<void> {
    try {
      for await (const { value, info } of this.#checked()) {
        try {
          await handler(value, info);
        } catch (error) {
          this.#report(error, info);
        }
      }
    } catch (error) {
      this.#report(error, undefined);
    }
  }

  /** The values alone. */
  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, void> {
    for await (const { value } of this.#checked()) yield value;
  }

  /** No more. */
  unsubscribe(): void {
    this.#source.unsubscribe();
  }

  /** No more: `await using` calls it. */
  [Symbol.asyncDispose](): Promise<void> {
    this.unsubscribe();
    return Promise.resolve();
  }

  async *#checked(): AsyncGenerator<{ value: unknown; info: EventContext }, void, void> {
    for await (const { value, info } of this.#source) {
      let parsed: unknown;
      try {
        parsed = await parse(this.#schema, value, `the event ${this.#name}`);
      } catch (error) {
        this.#report(error, info);
        continue;
      }
      yield { value: parsed, info };
    }
  }

  #report(error: unknown, info: EventContext | undefined): void {
    this.#onError?.(error, { name: this.#name, peer: info?.peer });
  }
}
