/**
 * The side of a contract that answers: an object with a method for every entry.
 *
 * @module
 */

import {
  type Contract,
  type EventEntry,
  nameOf,
  type RequestEntry,
  type StreamEntry,
} from "../../message/contract.ts";
import type { InputOf, OutputOf, StandardSchema } from "../../message/schema.ts";
import type { ContractOptions } from "./middleware.ts";
import type { RequestContext } from "../served_request.ts";
import type { Answerer, Publisher } from "./peers.ts";
import { type Methods, type Route, routesOf } from "./routes.ts";
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
export type MethodArguments<In> = [In] extends [StandardSchema]
  ? [input: OutputOf<In>, context: RequestContext]
  : [context: RequestContext];

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
 *
 * @example
 * ```ts
 * import { z } from "zod";
 * import { connect, listen } from "@hawser/hawser";
 * import { client, contract, event, type Middleware, ReplyError, request, serve } from "@hawser/hawser/contract";
 *
 * const Lamp = contract({ turn: request(z.boolean(), z.string()), turned: event(z.boolean()) });
 * const known: Middleware = (call, next) => {
 *   if (call.headers.token !== "1234") throw new ReplyError("forbidden", `no token for ${call.name}`);
 *   return next(call);
 * };
 * await using server = await listen("mem://serve-example");
 * const { events } = serve(server, Lamp, {
 *   async turn(isOn) {
 *     await events.turned.publish(isOn); // To every connection that subscribed.
 *     return isOn ? "on" : "off";
 *   },
 * }, { use: [known] });
 *
 * await using connection = await connect(server.urls);
 * const lamp = client(connection, Lamp, {
 *   use: [(call, next) => next({ ...call, headers: { ...call.headers, token: "1234" } })],
 * });
 * console.log(await lamp.turn(true)); // on
 * ```
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
  const events = tellersOf(target, contract, []) as Tellers<C>;
  return Object.freeze({ events, stop, [Symbol.dispose]: stop });
}

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

function tellersOf(
  target: Publisher,
  contract: Contract,
  path: readonly string[],
): unknown {
  const made = Object.entries(contract.entries).flatMap(([key, entry]) => {
    const here = [...path, key];
    if (entry.kind === "contract") return [[key, tellersOf(target, entry, here)]];
    if (entry.kind !== "event") return [];
    return [[key, createTeller(target, nameOf(here), entry)]];
  });
  return Object.freeze(Object.fromEntries(made));
}
