/**
 * Contracts: what two peers may ask and tell each other, typed and checked on both sides, without generated code.
 *
 * Any validator that follows Standard Schema (https://standardschema.dev) will do: zod, valibot, arktype and others.
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
export { ReplyError } from "../../message/reply_error.ts";
export type { InputOf, OutputOf, RawIssue, SchemaVerdict, StandardSchema } from "../../message/schema.ts";
export { type CallArguments, type Client, client, type ClientEntry } from "./client.ts";
export type { Call, ContractOptions, ErrorHandler, Middleware } from "./middleware.ts";
export type {
  Answerer,
  CallContext,
  Caller,
  CallHeaders,
  CallOptions,
  EventContext,
  EventOptions,
  EventSource,
  Publisher,
  SubscribeOptions,
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
