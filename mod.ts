/**
 * One connection over every network.
 *
 * A program says where to connect, over any transport of its runtime, and gets
 * an encrypted, authenticated, ordered conversation.
 *
 * @example
 * ```ts
 * import { connect, createIdentity, listen } from "@hawser/hawser";
 *
 * await using server = await listen(["tcp://127.0.0.1:0"], { identity: createIdentity() });
 * server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
 *
 * await using connection = await connect(server.urls);
 * connection.send(new TextEncoder().encode("ahoy"));
 * console.log(new TextDecoder().decode(await connection.receive())); // ahoy
 * ```
 *
 * @module
 */

export {
  connect,
  type PortLike,
  type PortRegistration,
  registerPort,
  registerTransport,
} from "./src/connection/connect.ts";
export { listen } from "./src/connection/listen.ts";
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
export { shutdownOnSignals, type SignalOptions, type SignalShutdown } from "./src/connection/signals.ts";
export type { ShutdownOptions, ShutdownOutcome } from "./src/connection/shutdown.ts";
export type { Server, ServerCloseOptions, ServerStats } from "./src/connection/server.ts";
export type { PeerStatus, PublishingServer, Relay } from "./src/connection/publishing_server.ts";
export type {
  CommonOptions,
  ConnectOptions,
  HandshakeName,
  Kem,
  ListenOptions,
} from "./src/connection/options.ts";
export type { CompressionChoice, CompressionName } from "./src/connection/compression.ts";
export { PRESETS } from "./src/connection/presets.ts";
export type { BlockHandler, BlockSendOptions, BlockSupport } from "./src/connection/block_part.ts";
export type { Preference } from "./src/connection/preference.ts";
export type { Rate, Rates } from "./src/connection/rates.ts";
export type { WaitOptions } from "./src/connection/waiters.ts";
export { createIdentity, exportIdentity, type Identity, importIdentity } from "./src/connection/identity.ts";
export type { EarlyDataHandler, EarlyDataInfo } from "./src/connection/early_data.ts";
export type { KnownPeers } from "./src/connection/known_peers.ts";
export { knownPeersFile } from "./src/connection/known_peers_file.ts";
export { loadIdentity, saveIdentity } from "./src/connection/identity_file.ts";
export {
  HawserError,
  type HawserErrorCode,
  type HawserErrorOptions,
  type RemoteFailure,
  type SchemaIssue,
  type TlsRefusal,
} from "./src/errors.ts";
export type { QuicOptions } from "./src/quic_options.ts";
export type { TlsCredentials, TlsOptions } from "./src/tls_options.ts";
export { MESSAGE_LIMITS, type MessageLimits } from "./src/message_limits.ts";
export { SESSION_LIMITS, type SessionLimits } from "./src/limits.ts";
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
export type {
  IceServer,
  Signal,
  Signalling,
  SignallingHandler,
  SignallingSeat,
  WebrtcOptions,
} from "./src/signalling.ts";
