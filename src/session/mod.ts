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
  type CloseInfo,
  type Peer,
  type SessionConfig,
  type SessionEvent,
} from "./config.ts";
export { decodeBase64Url, encodeBase64Url, parsePeerId, peerIdOf, publicKeyOf } from "./peer_id.ts";
export { type SendOptions, Session, VERSIONS } from "./session.ts";
export type { SessionState } from "./states.ts";
export type { DirectionStats, SessionStats } from "./stats.ts";
export type { Version } from "../wire/hello.ts";
