/**
 * Contracts: what two peers may ask and tell each other, typed and checked on both sides, without generated code.
 *
 * Any validator that follows Standard Schema (https://standardschema.dev) will do: zod, valibot, arktype and others.
 *
 * A schema may transform: who sends gives what the schema takes, and who receives gets what it makes of that. What the
 * sender gives travels as it is, so a schema that leaves properties out does so only where the value arrives: use strict
 * objects where nothing more may leave.
 *
 * @example
 * ```ts
 * import { z } from "zod";
 * import { connect, listen } from "@hawser/hawser";
 * import { client, contract, event, request, serve, stream } from "@hawser/hawser/contract";
 *
 * const Api = contract({
 *   add: request(z.object({ a: z.number(), b: z.number() }), z.number()),
 *   count: stream(z.int(), z.int()),
 *   chat: event(z.object({ text: z.string() })),
 * });
 *
 * await using server = await listen("mem://contract-example");
 * serve(server, Api, {
 *   add: ({ a, b }) => a + b,
 *   async *count(to) {
 *     for (let number = 1; number <= to; number++) yield number;
 *   },
 *   chat: ({ text }, { peer }) => console.log(`${peer.id} says ${text}`),
 * });
 *
 * await using connection = await connect(server.urls);
 * const api = client(connection, Api);
 * console.log(await api.add({ a: 1, b: 2 }, { deadlineMs: 500 })); // 3
 * for await (const number of api.count(3)) console.log(number); // 1, 2, 3
 * await api.chat.publish({ text: "ahoy" });
 * ```
 *
 * @module
 */

export {
  type Contract,
  contract,
  type Definition,
  type Entry,
  event,
  type EventEntry,
  type MaybeSchema,
  request,
  type RequestEntry,
  stream,
  type StreamEntry,
} from "../../message/contract.ts";
export type { MessageHeaders } from "../../message/envelope.ts";
export { ReplyError } from "../../message/reply_error.ts";
export type { SlowOptions, SlowPolicy } from "../../message/slow_queue.ts";
export type { InputOf, OutputOf, RawIssue, SchemaVerdict, StandardSchema } from "../../message/schema.ts";
export type { RequestHandler } from "../answers.ts";
export type { RequestOptions } from "../requests.ts";
export type { RequestContext } from "../served_request.ts";
export { type CallArguments, type Client, client, type ClientEntry } from "./client.ts";
export type { Call, ContractOptions, ErrorHandler, Middleware } from "./middleware.ts";
export type {
  Answerer,
  Caller,
  EventContext,
  EventOptions,
  EventSource,
  Publisher,
  Subscriber,
} from "./peers.ts";
export {
  type Host,
  type Implementation,
  type Method,
  type MethodArguments,
  serve,
  type Service,
  type Tellers,
} from "./serve.ts";
export type { EventHandler, Teller, Topic, TopicSubscription, Unsubscribe } from "./topic.ts";
