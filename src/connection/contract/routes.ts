/**
 * What answers the entries of a contract: checks, middleware, and the method in the middle.
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
import type { MessageHeaders } from "../../message/envelope.ts";
import { ReplyError } from "../../message/reply_error.ts";
import type { StandardSchema } from "../../message/schema.ts";
import { each, parse, verify } from "./checks.ts";
import { type Call, type ContractOptions, run } from "./middleware.ts";
import type { RequestHandler } from "../answers.ts";
import type { RequestContext } from "../served_request.ts";
import type { EventHandler } from "./topic.ts";

/** Methods by the names of entries; those of a contract inside another are in an object. */
export type Methods = { readonly [name: string]: ((...args: unknown[]) => unknown) | Methods | undefined };

/** An entry, and what answers it. */
export type Route =
  | { readonly name: string; readonly answer: RequestHandler }
  | { readonly name: string; readonly event: EventEntry; readonly hear: EventHandler<unknown> };

/**
 * Everything that `contract` says, with the method that does it.
 * @throws {TypeError} when a method is missing.
 */
export function routesOf(
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
  { kind, input: schema, output }: RequestEntry | StreamEntry,
  method: (...args: unknown[]) => unknown,
  { use = [] }: ContractOptions,
): RequestHandler {
  const check = (answer: unknown) => verify(output, answer, `the answer of ${name}`);
  const answer: RequestHandler = async (value, context) => {
    const args = schema === undefined ? [context] : [await inputOf(schema, value, name), context];
    const answer = await method(...args);
    return kind === "request" ? await check(answer) : each(answer as AsyncIterable<unknown>, check);
  };
  // A context makes its signal when it is asked for it, and most methods never do.
  if (use.length === 0) return answer;
  return async (value, context) => {
    const { headers, deadlineMs, signal, peer } = context;
    const call: Call = { kind, name, input: value, headers, deadlineMs, signal, peer };
    return await run(use, call, ({ input, headers }) => answer(input, withHeaders(context, headers)));
  };
}

/** What is known of a request, with the headers that middleware left of it. */
function withHeaders(context: RequestContext, headers: MessageHeaders): RequestContext {
  if (headers === context.headers) return context;
  return new Proxy(context, {
    get: (target, key) => key === "headers" ? headers : Reflect.get(target, key, target),
  });
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
