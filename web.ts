/**
 * Hawser for web pages: `connect` over WebSockets and WebTransport, without a part that only servers need.
 *
 * Import it through a bundler, or take the one file that `deno task build:web` makes.
 *
 * @example
 * ```ts
 * import { listen } from "@hawser/hawser";
 * import { connect } from "@hawser/hawser/web";
 *
 * await using server = await listen("ws://127.0.0.1:0", { origins: ["https://example.com"] });
 * server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
 *
 * await using connection = await connect(server.urls); // In a page: the URL that the server has told it.
 * connection.send(new TextEncoder().encode("ahoy"));
 * console.log(new TextDecoder().decode(await connection.receive())); // ahoy
 * ```
 *
 * @module
 */

export { connect, registerTransport } from "./src/connection/web.ts";
export type {
  BaseConnection,
  CloseInfo,
  CloseOptions,
  Connection,
  ConnectionStats,
  DirectionStats,
  EventHandler,
  EventInfo,
  FlowStats,
  Format,
  FrameConnection,
  MessageConnection,
  MessageHeaders,
  OpenStreamOptions,
  Peer,
  PublishOptions,
  RawConnection,
  ReceivedValue,
  Replies,
  RequestContext,
  RequestHandler,
  RequestOptions,
  SendOptions,
  SessionStats,
  SlowOptions,
  SlowPolicy,
  Stream,
  StreamConnection,
  StreamOptions,
  Subscription,
  TopicEvent,
  ValueHandler,
  ValueInfo,
  ValueOptions,
  Version,
} from "./src/connection/connection.ts";
export type { ResumeOptions } from "./src/connection/redial.ts";
export type { ResumableConnection, Resumed } from "./src/connection/resumable_connection.ts";
export { ReplyError } from "./src/connection/connection.ts";
export type { CommonOptions, ConnectOptions, HandshakeName, Kem } from "./src/connection/options.ts";
export type { CompressionChoice, CompressionName } from "./src/connection/compression.ts";
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
export type { ResumeLimits } from "./src/resume_limits.ts";
export type { StreamLimits } from "./src/stream_limits.ts";
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
