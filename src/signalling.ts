/**
 * How two peers that want a direct connection find each other, and what they tell each other before they have one.
 *
 * WebRTC needs a third party that both can reach, over which they exchange how they may be reached themselves. That
 * party is not trusted: it can refuse its service and it sees who calls whom from which addresses, but Hawser's own
 * handshake inside the connection proves who the peer is, so it can neither read nor pretend.
 *
 * @module
 */

import type { HawserError, HawserErrorCode } from "./errors.ts";

/** What one peer tells another by way of a {@linkcode Signalling}. */
export type Signal =
  /** A description of a session (RFC 8866): an offer begins a call, an answer takes it. */
  | { readonly type: "offer" | "answer"; readonly sdp: string }
  /** One way to be reached (RFC 8839), and the section of the description that it belongs to. */
  | { readonly type: "candidate"; readonly candidate: string; readonly mid: string }
  /** The call is over before it began, and why. */
  | { readonly type: "end"; readonly code: HawserErrorCode; readonly reason: string };

/** Who hears what arrives at a name. None of these may throw. */
export interface SignallingHandler {
  /** The peer of the name `from` says something. Where nobody has the name that was called, `end` comes from it. */
  onSignal(from: string, signal: Signal): void;
  /** The service is gone, and the name with it; called at most once, and never after `close`. */
  onClose(error: HawserError): void;
}

/** A name that is taken at a {@linkcode Signalling}, until it is closed. */
export interface SignallingSeat {
  /** Passes a signal on to the peer of the name `to`. Never throws; signals between two names keep their order. */
  send(to: string, signal: Signal): void;
  /** Gives the name back. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * A service that passes signals between names: a WebSocket endpoint, a chat, a database, a function in a test.
 *
 * `webrtcSignalling(url)` of `@hawser/hawser/signalling` is the one that comes with Hawser.
 */
export interface Signalling {
  /**
   * Takes the name: letters, digits, `.`, `_` and `-`, at most 64 of them.
   * @throws {HawserError} `address-in-use` if another has it; leaves nothing open when it rejects, as it does with the
   * reason of `signal`
   */
  join(name: string, handler: SignallingHandler, signal?: AbortSignal): Promise<SignallingSeat>;
}

/** A STUN or TURN server, as the web writes it. */
export interface IceServer {
  /** `stun:host:port`, `turn:host:port`, `turns:host:port?transport=tcp`: one or several. */
  readonly urls: string | readonly string[];
  /** TURN: who asks. */
  readonly username?: string;
  /** TURN: the password. */
  readonly credential?: string;
}

/** Options of `webrtc://`. */
export interface WebrtcOptions {
  /** The signalling: the URL of an endpoint, or a service of your own. What the address says goes first. */
  readonly signalling?: string | Signalling;
  /** STUN and TURN servers. Default: none, which is enough within one network. */
  readonly iceServers?: readonly IceServer[];
  /** `relay`: reach the peer over TURN servers alone, so that it does not learn our addresses. Default `all`. */
  readonly iceTransportPolicy?: "all" | "relay";
  /** Dialling: packets keep their order. Default true. Otherwise the link is one of datagrams. */
  readonly ordered?: boolean;
  /** Dialling: how often a lost packet is sent again, 0-65,535; default: until it arrives. Makes a link of datagrams. */
  readonly maxRetransmits?: number;
  /** Dialling: for how many milliseconds, 0-65,535. Excludes `maxRetransmits`. Makes a link of datagrams. */
  readonly maxPacketLifeTime?: number;
}
