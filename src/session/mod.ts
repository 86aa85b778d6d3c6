/**
 * The protocol of two peers, without network, clock or randomness.
 *
 * @module
 */

export {
  CLOSE_APPLICATION,
  CLOSE_ERROR,
  CLOSE_GOING_AWAY,
  CLOSE_NORMAL,
  CLOSE_NOT_AUTHORISED,
  CLOSE_SESSION_UNKNOWN,
  type CloseInfo,
  type Peer,
  type SendOptions,
  type SessionConfig,
  type SessionEvent,
  type SessionSendOptions,
} from "./config.ts";
export { type EarlyData, EarlyGuard } from "./early_guard.ts";
export { decodeBase64Url, encodeBase64Url, parsePeerId, peerIdOf, publicKeyOf } from "./peer_id.ts";
export type { ApplicationFrame } from "./inbox.ts";
export type { Flow, Scheduler, Slot } from "./scheduler.ts";
export type { Claim } from "./resumption.ts";
export { Session } from "./session.ts";
export { VERSIONS } from "./negotiation.ts";
export type { Kem } from "../noise/kem.ts";
export type { HandshakeName, HandshakeTerms } from "./patterns.ts";
export type { SessionSnapshot } from "./snapshot.ts";
export { Slab } from "./slab.ts";
export { burstBytesOf, isPaced, type Rate, RateLimit, type SessionRates } from "./throttle.ts";
export { createKeyPair, type KeyPair } from "../noise/dh.ts";
export type { SessionState } from "./states.ts";
export { LANE_HEAD_BYTES, readHead, type StreamLane } from "./streams/stream_lane.ts";
export { STREAM_CANCELLED } from "./streams/codes.ts";
export type { SessionStream } from "./streams/session_stream.ts";
export type { StreamOptions, StreamTable } from "./streams/table.ts";
export type { DirectionStats, FlowStats, SessionStats } from "./stats.ts";
export { FRAME_APPLICATION, FRAME_APPLICATION_LAST } from "../wire/frames.ts";
export type { Version } from "../wire/hello.ts";
