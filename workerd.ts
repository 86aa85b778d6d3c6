/**
 * Hawser for Cloudflare Workers: `connect` over `tcp://` and WebSockets, endpoints for Hono or a bare `fetch`, and
 * Durable Objects.
 *
 * What a plain worker opens or accepts belongs to the request that it answers: connections that are to talk to each
 * other meet in a Durable Object: a {@linkcode HawserObject}, or a {@linkcode HibernatingObject}, which sleeps between
 * messages.
 *
 * From compatibility date 2025-06-01 on: earlier, workerd does not compile the WebAssembly core, and the slow reference
 * codec takes over.
 *
 * @example
 * ```ts ignore
 * import { Hono } from "hono";
 * import { connect, createHawserEndpoint, hawser, importIdentity } from "@hawser/hawser/workerd";
 *
 * const endpoint = createHawserEndpoint({ identity: importIdentity(IDENTITY) });
 * endpoint.server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
 * export default new Hono().get("/hawser", hawser(endpoint));
 * ```
 *
 * @module
 */

export { connect, HawserObject, registerTransport } from "./src/connection/workerd.ts";
export {
  type BunWebSocketHandler,
  createHawserEndpoint,
  type EndpointOptions,
  hawser,
  HawserEndpoint,
  type HonoContext,
  type NodeFetch,
  type NodeHttpServer,
} from "./src/connection/endpoint.ts";
export {
  HibernatingObject,
  type HibernatingOptions,
  type HibernationSocket,
  type HibernationState,
} from "./src/connection/hibernating_object.ts";
export type {
  BaseConnection,
  CloseInfo,
  CloseOptions,
  Connection,
  ConnectionStats,
  DirectionStats,
  FlowStats,
  Format,
  FrameConnection,
  MessageConnection,
  MessageHeaders,
  Peer,
  RawConnection,
  ReceivedValue,
  Replies,
  RequestContext,
  RequestHandler,
  RequestOptions,
  SendOptions,
  SessionStats,
  ValueHandler,
  ValueInfo,
  ValueOptions,
  Version,
} from "./src/connection/connection.ts";
export type { ResumeOptions } from "./src/connection/redial.ts";
export type { ResumableConnection, Resumed } from "./src/connection/resumable_connection.ts";
export { ReplyError } from "./src/connection/connection.ts";
export type { Server, ServerCloseOptions, ServerStats } from "./src/connection/server.ts";
export type { ShutdownOptions, ShutdownOutcome } from "./src/connection/shutdown.ts";
export type {
  CommonOptions,
  ConnectOptions,
  HandshakeName,
  Kem,
  ListenOptions,
} from "./src/connection/options.ts";
export type { EarlyDataHandler, EarlyDataInfo } from "./src/connection/early_data.ts";
export type { KnownPeers } from "./src/connection/known_peers.ts";
export type { BlockHandler, BlockSendOptions, BlockSupport } from "./src/connection/block_part.ts";
export type { Preference } from "./src/connection/preference.ts";
export type { Rate, Rates } from "./src/connection/rates.ts";
export type { WaitOptions } from "./src/connection/waiters.ts";
export { createIdentity, exportIdentity, type Identity, importIdentity } from "./src/connection/identity.ts";
export {
  HawserError,
  type HawserErrorCode,
  type HawserErrorOptions,
  type RemoteFailure,
  type SchemaIssue,
} from "./src/errors.ts";
export type { SessionLimits } from "./src/limits.ts";
export type {
  Address,
  DatagramSource,
  Link,
  LinkCloseOptions,
  LinkHandler,
  LinkTraits,
  ListenHandler,
  Listening,
  Transport,
  TransportOptions,
} from "./src/link.ts";
