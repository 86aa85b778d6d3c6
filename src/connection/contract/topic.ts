/**
 * An event of a contract: told by either side, heard by whoever subscribed.
 *
 * @module
 */

import type { EventEntry } from "../../message/contract.ts";
import type { InputOf, OutputOf, StandardSchema } from "../../message/schema.ts";
import { parse, verify } from "./checks.ts";
import { type Call, type ContractOptions, run } from "./middleware.ts";
import type { EventContext, EventOptions, Publisher, SubscribeOptions, Subscriber } from "./peers.ts";

/** Tells of an event. */
export interface Teller<Value extends StandardSchema> {
  /**
   * Tells whoever subscribed; what one topic tells stays in order.
   * @throws {HawserError} `serialization` with `issues` for what does not fit.
   */
  publish(value: InputOf<Value>, options?: EventOptions): Promise<void>;
}

/** Tells of an event, and hears of it. */
export interface Topic<Value extends StandardSchema> extends Teller<Value> {
  /** What the other side tells from now on, as an iterable. What does not fit is dropped, and `onError` hears of it. */
  subscribe(options?: SubscribeOptions): TopicSubscription<OutputOf<Value>>;
  /** Calls `handler` with what the other side tells from now on, with the next when it is done with one. */
  subscribe(handler: EventHandler<OutputOf<Value>>, options?: SubscribeOptions): Unsubscribe;
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

/** What tells of the event `name` through `target`. */
export function createTeller(
  target: Publisher,
  peer: Call["peer"],
  name: string,
  { value: schema }: EventEntry,
  { use = [] }: ContractOptions,
): Teller<StandardSchema> {
  const tell = async (input: unknown, { headers = {}, ...options }: EventOptions): Promise<void> => {
    const call: Call = {
      kind: "event",
      name,
      input,
      headers,
      deadlineMs: undefined,
      signal: undefined,
      peer,
    };
    await run(use, call, async ({ input, headers }) => {
      await target.publish(name, await verify(schema, input, `the event ${name}`), { ...options, headers });
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
  connection: Publisher & Subscriber & { readonly peer: Call["peer"] },
  name: string,
  entry: EventEntry,
  options: ContractOptions,
): Topic<StandardSchema> {
  const teller = createTeller(connection, connection.peer, name, entry, options);
  const subscribe = (
    first?: EventHandler<unknown> | SubscribeOptions,
    second?: SubscribeOptions,
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
  readonly #source: ReturnType<Subscriber["subscribe"]>;
  readonly #name: string;
  readonly #schema: StandardSchema;
  readonly #onError: ContractOptions["onError"];

  /** Subscribes. */
  constructor(
    connection: Subscriber,
    name: string,
    { value }: EventEntry,
    { onError }: ContractOptions,
    options: SubscribeOptions | undefined,
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
    void this.#source.unsubscribe();
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
    this.#onError?.(error, { kind: "event", name: this.#name, peer: info?.peer });
  }
}
