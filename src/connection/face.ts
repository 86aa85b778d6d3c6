/**
 * What every door shows beside its own ways to connect and listen: what a connection is and can be told.
 *
 * @module
 */

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
} from "./connection.ts";
export { ReplyError } from "./connection.ts";
export type { ResumeOptions } from "./redial.ts";
export type { ResumableConnection, Resumed } from "./resumable_connection.ts";
export type { CommonOptions, ConnectOptions, HandshakeName, Kem } from "./options.ts";
export type { CompressionChoice, CompressionName } from "./compression.ts";
export type { BlockHandler, BlockSendOptions, BlockSupport } from "./block_part.ts";
export type { KnownPeers } from "./known_peers.ts";
export type { Preference } from "./preference.ts";
export type { Rate, Rates } from "./rates.ts";
export type { WaitOptions } from "./waiters.ts";
export { createIdentity, exportIdentity, type Identity, importIdentity } from "./identity.ts";
export {
  HawserError,
  type HawserErrorCode,
  type HawserErrorOptions,
  type RemoteFailure,
  type SchemaIssue,
  type TlsRefusal,
} from "../errors.ts";
export type { QuicOptions } from "../quic_options.ts";
export type { TlsCredentials, TlsOptions } from "../tls_options.ts";
export type { MessageLimits } from "../message_limits.ts";
export type { SessionLimits } from "../limits.ts";
export type { ResumeLimits } from "../resume_limits.ts";
export type { StreamLimits } from "../stream_limits.ts";
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
} from "../link.ts";
export type {
  IceServer,
  Signal,
  Signalling,
  SignallingHandler,
  SignallingSeat,
  WebrtcOptions,
} from "../signalling.ts";
