/**
 * The side of a contract that answers: an object with a method for every entry.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import {
  type Contract,
  type EventEntry,
  nameOf,
  type RequestEntry,
  type StreamEntry,
} from "../../message/contract.ts";
import type { InputOf, OutputOf, StandardSchema } from "../../message/schema.ts";
import { ReplyError } from "../../message/reply_error.ts";
import { each, parse, verify } from "./checks.ts";
import { type Call, type ContractOptions, run } from "./middleware.ts";
import type { Answerer, CallContext, Publisher } from "./peers.ts";
import { createTeller, type EventHandler, Hearing, type Teller, type Unsubscribe } from "./topic.ts";

/** What `serve` wants for a contract: a method for every request and stream, and for the events that it cares for. */
export type Implementation<C extends Contract> = C extends Contract<infer D> ?
    & { readonly [Name in keyof D as D[Name] extends EventEntry ? never : Name]: Method<D[Name]> }
    & { readonly [Name in keyof D as D[Name] extends EventEntry ? Name : never]?: Method<D[Name]> }
  : never;

/** What `serve` wants for one entry. */
export type Method<E> = E extends RequestEntry<infer In, infer Out>
  ? (...args: MethodArguments<In>) => InputOf<Out> | Promise<InputOf<Out>>
  : E extends StreamEntry<infer In, infer Out>
    ? (...args: MethodArguments<In>) => AsyncIterable<InputOf<Out>> | Promise<AsyncIterable<InputOf<Out>>>
  : E extends EventEntry<infer Value> ? EventHandler<OutputOf<Value>>
  : E extends Contract ? Implementation<E>
  : never;

/** The input, if there is one, and what is known of the call. */
export type MethodArguments<In> = [In] extends [StandardSchema] ? [input: OutputOf<In>, context: CallContext]
  : [context: CallContext];

/** What tells of the events of a contract. */
export type Tellers<C extends Contract> = C extends Contract<infer D> ? {
    readonly [Name in keyof D as D[Name] extends EventEntry | Contract ? Name : never]: D[Name] extends
      EventEntry<infer Value> ? Teller<Value>
      : D[Name] extends Contract ? Tellers<D[Name]>
      : never;
  }
  : never;

/** A contract that is served. */
export interface Service<C extends Contract> extends Disposable {
  /** Tells of events: those of a server, to all of its connections. */
  readonly events: Tellers<C>;
  /** Answers no more; what is under way is finished. */
  stop(): void;
}

/** What has connections to be served: a server. */
export interface Host extends Publisher {
  /** The open connections. */
  readonly connections: readonly Answerer[];
  /** Hands over each connection. */
  onConnection(handler: (connection: Answerer) => void): void;
}

/**
 * Answers by the names of a contract: what one connection asks, or what any connection of a server does, now and later.
 * Of a server it takes the connections as `onConnection` does, so nobody else needs to.
 *
 * Inputs are checked before a method sees them, answers before they leave. Who asks with what does not fit is told so
 * (`serialization` with `issues`); a method whose answer does not fit has failed, and the other side learns no details.
 *
 * @throws {TypeError} when a method is missing.
 */
export function serve<C extends Contract>(
  target: Answerer | Host,
  contract: C,
  implementation: Implementation<C>,
  options: ContractOptions = {},
): Service<C> {
  const service = new ServedContract(routesOf(contract, implementation as Methods, options, []), options);
  if ("onConnection" in target) host(target, service);
  else service.add(target);
  const stop = () => {
    service.isStopped = true;
    for (const connection of "onConnection" in target ? target.connections : [target]) {
      service.remove(connection);
    }
  };
  const events = tellersOf(target, contract, options, []) as Tellers<C>;
  return Object.freeze({ events, stop, [Symbol.dispose]: stop });
}

type Methods = { readonly [name: string]: ((...args: unknown[]) => unknown) | Methods | undefined };

/** An entry, and what answers it. */
type Route =
  | { readonly name: string; readonly answer: (value: unknown, context: CallContext) => unknown }
  | { readonly name: string; readonly event: EventEntry; readonly hear: EventHandler<unknown> };

/** The services of each server: all of them get its connections. */
const HOSTED: WeakMap<Host, ServedContract[]> = new WeakMap();

function host(server: Host, service: ServedContract): void {
  const services = HOSTED.get(server);
  if (services === undefined) {
    const all = [service];
    HOSTED.set(server, all);
    server.onConnection((connection) => {
      for (const each of all) each.add(connection);
    });
  } else services.push(service);
  for (const connection of server.connections) service.add(connection);
}

class ServedContract {
  readonly #routes: readonly Route[];
  readonly #options: ContractOptions;
  readonly #served: WeakMap<Answerer, readonly Unsubscribe[]> = new WeakMap();
  isStopped = false;

  constructor(routes: readonly Route[], options: ContractOptions) {
    this.#routes = routes;
    this.#options = options;
  }

  add(connection: Answerer): void {
    if (this.isStopped || this.#served.has(connection)) return;
    const hearings: Hearing[] = [];
    for (const route of this.#routes) {
      if ("answer" in route) {
        connection.handle(route.name, route.answer);
        continue;
      }
      const hearing = new Hearing(connection, route.name, route.event, this.#options, undefined);
      void hearing.handle(route.hear);
      hearings.push(hearing);
    }
    this.#served.set(connection, hearings);
  }

  remove(connection: Answerer): void {
    const hearings = this.#served.get(connection);
    if (hearings === undefined) return;
    this.#served.delete(connection);
    for (const hearing of hearings) hearing.unsubscribe();
    for (const route of this.#routes) {
      if ("answer" in route) connection.handle(route.name, undefined);
    }
  }
}

function routesOf(
  contract: Contract,
  methods: Methods,
  options: ContractOptions,
  path: readonly string[],
): Route[] {
  return Object.entries(contract.entries).flatMap(([key, entry]): Route[] => {
    const here = [...path, key];
    const name = nameOf(here);
    const method = methods[key];
    if (method === undefined && entry.kind === "event") return [];
    if (typeof method === "object" && entry.kind === "contract") {
      return routesOf(entry, method, options, here);
    }
    if (typeof method !== "function" || entry.kind === "contract") {
      throw new TypeError(
        `the implementation has no ${entry.kind === "contract" ? "object" : "method"} ${name}`,
      );
    }
    const bound = method.bind(methods);
    if (entry.kind === "event") return [{ name, event: entry, hear: hearerOf(name, bound, options) }];
    return [{ name, answer: answererOf(name, entry, bound, options) }];
  });
}

function answererOf(
  name: string,
  entry: RequestEntry | StreamEntry,
  method: (...args: unknown[]) => unknown,
  { use = [] }: ContractOptions,
): (value: unknown, context: CallContext) => Promise<unknown> {
  const check = (answer: unknown) => verify(entry.output, answer, `the answer of ${name}`);
  return async (value, context) => {
    const { headers, deadlineMs, signal, peer } = context;
    const call: Call = { kind: entry.kind, name, input: value, headers, deadlineMs, signal, peer };
    return await run(use, call, async ({ input, headers }) => {
      const known = { ...context, headers };
      const args = entry.input === undefined ? [known] : [await inputOf(entry.input, input, name), known];
      const answer = await method(...args);
      return entry.kind === "request" ? await check(answer) : each(answer as AsyncIterable<unknown>, check);
    });
  };
}

// The caller learns what is wrong with what it asked.
async function inputOf(schema: StandardSchema, value: unknown, name: string): Promise<unknown> {
  try {
    return await parse(schema, value, `the input of ${name}`);
  } catch (error) {
    if (!(error instanceof HawserError) || error.issues === undefined) throw error;
    throw new ReplyError("serialization", error.message, { issues: error.issues });
  }
}

function hearerOf(
  name: string,
  method: (...args: unknown[]) => unknown,
  { use = [] }: ContractOptions,
): EventHandler<unknown> {
  return async (value, context) => {
    const { headers, peer } = context;
    const call: Call = {
      kind: "event",
      name,
      input: value,
      headers,
      deadlineMs: undefined,
      signal: undefined,
      peer,
    };
    await run(use, call, ({ input, headers }) => method(input, { ...context, headers }));
  };
}

function tellersOf(
  target: Publisher & { readonly peer?: Call["peer"] },
  contract: Contract,
  options: ContractOptions,
  path: readonly string[],
): unknown {
  const made = Object.entries(contract.entries).flatMap(([key, entry]) => {
    const here = [...path, key];
    if (entry.kind === "contract") return [[key, tellersOf(target, entry, options, here)]];
    if (entry.kind !== "event") return [];
    return [[key, createTeller(target, target.peer, nameOf(here), entry, options)]];
  });
  return Object.freeze(Object.fromEntries(made));
}
