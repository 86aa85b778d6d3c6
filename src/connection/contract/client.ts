/**
 * The side of a contract that asks: an object with a method for every entry.
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
import {
  describeIssues,
  type InputOf,
  type OutputOf,
  readIssues,
  type StandardSchema,
} from "../../message/schema.ts";
import { each, parse, verify } from "./checks.ts";
import { type Call, type ContractOptions, run } from "./middleware.ts";
import type { RequestOptions } from "../requests.ts";
import type { Caller } from "./peers.ts";
import { createTopic, type Topic } from "./topic.ts";

/** What `client` makes of a contract: a method for every request and stream, a {@linkcode Topic} for every event. */
export type Client<C extends Contract> = C extends Contract<infer D>
  ? { readonly [Name in keyof D]: ClientEntry<D[Name]> }
  : never;

/** What `client` makes of one entry. */
export type ClientEntry<E> = E extends RequestEntry<infer In, infer Out>
  ? (...args: CallArguments<In>) => Promise<OutputOf<Out>>
  : E extends StreamEntry<infer In, infer Out>
    ? (...args: CallArguments<In>) => AsyncIterableIterator<OutputOf<Out>>
  : E extends EventEntry<infer Value> ? Topic<Value>
  : E extends Contract ? Client<E>
  : never;

/** The input, if there is one, and the options. */
export type CallArguments<In> = [In] extends [StandardSchema]
  ? undefined extends InputOf<In> ? [input?: InputOf<In>, options?: RequestOptions]
  : [input: InputOf<In>, options?: RequestOptions]
  : [options?: RequestOptions];

/**
 * Asks the other side of `connection` by the names of a contract. Inputs are checked before they leave, answers when
 * they arrive; what does not fit rejects with `serialization` and `issues`.
 *
 * @example
 * ```ts
 * import { z } from "zod";
 * import { connect, HawserError, listen } from "@hawser/hawser";
 * import { client, contract, request, serve } from "@hawser/hawser/contract";
 *
 * const Users = contract({ find: request(z.string().min(1), z.object({ name: z.string() })) });
 * const Api = contract({ users: Users });
 * await using server = await listen("mem://client-example");
 * serve(server, Api, { users: { find: (name) => ({ name }) } });
 *
 * await using connection = await connect(server.urls);
 * const { users } = client(connection, Api);
 * console.log((await users.find("ann")).name); // ann
 * await users.find("").catch((error) => {
 *   if (error instanceof HawserError) console.log(error.code, error.issues); // serialization [ ... ]
 * });
 * ```
 */
export function client<C extends Contract>(
  connection: Caller,
  contract: C,
  options: ContractOptions = {},
): Client<C> {
  return clientOf(connection, contract, options, []) as Client<C>;
}

function clientOf(
  connection: Caller,
  contract: Contract,
  options: ContractOptions,
  path: readonly string[],
): unknown {
  const made = Object.entries(contract.entries).map(([key, entry]) => {
    const here = [...path, key];
    if (entry.kind === "contract") return [key, clientOf(connection, entry, options, here)];
    const name = nameOf(here);
    if (entry.kind === "event") return [key, createTopic(connection, name, entry, options)];
    if (entry.kind === "request") return [key, requester(connection, name, entry, options)];
    return [key, streamer(connection, name, entry, options)];
  });
  return Object.freeze(Object.fromEntries(made));
}

function requester(connection: Caller, name: string, entry: RequestEntry, { use = [] }: ContractOptions) {
  return async (...args: readonly unknown[]): Promise<unknown> => {
    const { call, options } = callOf(connection, name, entry, args);
    return await run(use, call, async (call) => {
      if (entry.input !== undefined) await verify(entry.input, call.input, `the input of ${name}`);
      try {
        const answer = await connection.request(name, call.input, { ...options, ...changesOf(call) });
        return await parse(entry.output, answer, `the answer of ${name}`);
      } catch (error) {
        throw refusalOf(error, name);
      }
    });
  };
}

function streamer(connection: Caller, name: string, entry: StreamEntry, { use = [] }: ContractOptions) {
  return async function* (...args: readonly unknown[]): AsyncGenerator<unknown, void, void> {
    const { call, options } = callOf(connection, name, entry, args);
    const answers = await run(use, call, async (call) => {
      if (entry.input !== undefined) await verify(entry.input, call.input, `the input of ${name}`);
      const answers = connection.requestMany(name, call.input, { ...options, ...changesOf(call) });
      return each(answers, (answer) => parse(entry.output, answer, `an answer of ${name}`));
    });
    try {
      yield* answers as AsyncIterable<unknown>;
    } catch (error) {
      throw refusalOf(error, name);
    }
  };
}

function callOf(
  { peer }: Caller,
  name: string,
  { kind, input: schema }: RequestEntry | StreamEntry,
  args: readonly unknown[],
): { readonly call: Call; readonly options: RequestOptions } {
  const [input, given] = schema === undefined ? [undefined, args[0]] : args;
  const options = (given ?? {}) as RequestOptions;
  const { headers = {}, deadlineMs, signal } = options;
  return { call: { kind, name, input, headers, deadlineMs, signal, peer }, options };
}

// What middleware may have changed. What is undefined is left out, so that defaults stay defaults.
function changesOf({ headers, deadlineMs, signal }: Call): RequestOptions {
  return {
    headers,
    ...(deadlineMs === undefined ? undefined : { deadlineMs }),
    ...(signal === undefined ? undefined : { signal }),
  };
}

// The other side checks inputs, too: it may have another version of the contract.
function refusalOf(error: unknown, name: string): unknown {
  if (!(error instanceof HawserError) || error.code !== "remote") return error;
  const issues = error.remote?.code === "serialization" ? readIssues(error.remote.data) : undefined;
  if (issues === undefined) return error;
  const message = `the peer refuses the input of ${name}: ${describeIssues(issues)}`;
  return new HawserError("serialization", message, { issues, cause: error });
}
