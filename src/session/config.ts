/**
 * What a session is given, and what it tells.
 *
 * @module
 */

import type { CompressionName, Compressor, PacketCodec } from "../codec/codec.ts";
import { HawserError } from "../errors.ts";
import type { SessionLimits } from "../limits.ts";
import type { LinkTraits } from "../link.ts";
import type { KeyPair } from "../noise/dh.ts";
import type { Claim } from "./resumption.ts";
import type { Version } from "../wire/hello.ts";
import type { HandshakeTerms } from "./patterns.ts";
import type { SessionRates } from "./throttle.ts";

/** An algorithm: the one that every codec has, or one beside it. */
export type Compression = "lz4" | Compressor;

/** What a session is made of. */
export interface SessionConfig {
  /** The initiator dialled; the responder listens. */
  readonly role: "initiator" | "responder";
  /** The link it runs over. */
  readonly traits: Pick<LinkTraits, "kind" | "mtu" | "inMemory"> & Partial<Pick<LinkTraits, "nativeStreams">>;
  /** The byte engine. */
  readonly codec: PacketCodec;
  /** Our static key; whoever made it disposes of it. */
  readonly staticKey: KeyPair;
  /** Which handshakes it may be. */
  readonly terms: HandshakeTerms;
  /** The source of randomness. */
  readonly random: (length: number) => Uint8Array;
  /** Words about ourselves for the peer. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What we compress with, and take compressed, if the peer has it too: the preferred one first. */
  readonly compression: readonly Compression[];
  /** What we can do beside what sessions do, by name: for the message layer. */
  readonly capabilities?: readonly string[];
  /** Whether the session outlives its link, if the peer agrees. */
  readonly resume?: boolean;
  /** Initiators: the earlier session to go on with. */
  readonly claim?: Claim;
  /** Initiators of `IK`: what goes along with the first packet, and the time in milliseconds since 1970. */
  readonly early?: { readonly bytes: Uint8Array; readonly at: number };
  /** Whether packets may stay unsealed on a link in memory, if the peer agrees. */
  readonly plain: boolean;
  /** Bounds and times. */
  readonly limits: SessionLimits;
  /** What may pass in each direction; without them, as much as the link and the peer take. */
  readonly rates?: SessionRates;
  /** The driver's: how long small messages wait for others to share a packet with, in milliseconds. Default 0. */
  readonly batchDelayMs?: number;
  /** Responders on datagram links: 8 bytes below 2^53, unique on the listener. */
  readonly sessionId?: Uint8Array;
}

/** What both sides call an algorithm. */
export function compressionName(compression: Compression): CompressionName {
  return typeof compression === "object" ? compression.name : compression;
}

/** How one message is sent. */
export interface SendOptions {
  /** Try to compress it. Default true; turn it off where secrets stand beside words of an attacker (CRIME). */
  readonly compress?: boolean;
  /** Cut it where it does not fit one packet of the link. Default true; otherwise such a message is refused. */
  readonly fragment?: boolean;
  /**
   * From 0 to 255, 128 by default. Every 16 steps are twice the share where several wait: what is urgent and small leaves
   * with the next packets, and nothing starves. Order is kept among messages of one priority.
   */
  readonly priority?: number;
  /**
   * The name of a channel, for this side alone: its messages keep their order, whatever their priorities, and do not wait
   * for those of others.
   */
  readonly channel?: string;
  /** It may be lost where the network loses, and is not sent again. For now nothing is sent again over datagrams. */
  readonly unreliable?: boolean;
  /** If it has not begun to leave after this many milliseconds, it is dropped. */
  readonly deadlineMs?: number;
  /** If it has not begun to leave when this aborts, it is dropped. */
  readonly signal?: AbortSignal;
}

/** How a session is told to send a message. */
export interface SessionSendOptions extends Omit<SendOptions, "deadlineMs"> {
  /** When it is dropped if it has not begun to leave, on the driver's clock. */
  readonly until?: number;
  /** For the peer's message layer: `takeTyped` there hands it out. */
  readonly typed?: boolean;
  /** Typed, but the peer's application may be long in taking it: it leaves to others what is kept for typed messages. */
  readonly patient?: boolean;
}

/** Who the peer is, once the handshake has proved it. */
export interface Peer {
  /** Its X25519 static key, base64url. Empty after `NNpsk0`, which proves nothing but the seed. */
  readonly id: string;
  /** Which handshake proved it: `XX`, `IK`, and with a shared seed `XXpsk3`, `IKpsk1`, `NNpsk0`. */
  readonly handshake: string;
  /** What it says of itself. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What both sides can do. */
  readonly capabilities: readonly string[];
  /** The protocol version in use. */
  readonly version: Version;
}

/** How a session ended. */
export interface CloseInfo {
  /** 0 is an orderly end; see {@linkcode CLOSE_ERROR} and its neighbours; from 256 on the application's own. */
  readonly code: number;
  /** In the words of whoever closed. */
  readonly reason: string;
  /** Who asked for it: we, the peer, or neither (something broke). */
  readonly by: "local" | "peer" | "failure";
  /** What broke. */
  readonly error: HawserError | undefined;
  /** Messages that were accepted by `send` and never left whole. */
  readonly unsentMessages: number;
}

/** An orderly end. */
export const CLOSE_NORMAL = 0;
/** Something went wrong; the peer does not learn what. */
export const CLOSE_ERROR = 1;
/** The peer's identity is not accepted. */
export const CLOSE_NOT_AUTHORISED = 2;
/** The listener shuts down. */
export const CLOSE_GOING_AWAY = 3;
/** The session that the initiator wants to go on with is not known. */
export const CLOSE_SESSION_UNKNOWN = 4;
/** The first code that belongs to the application. */
export const CLOSE_APPLICATION = 256;

/** What the code of a peer that closed says went wrong; `undefined` for an orderly end. */
export function errorOfClose(code: number): HawserError | undefined {
  switch (code) {
    case CLOSE_NOT_AUTHORISED:
      return new HawserError(
        "not-authorised",
        "the peer does not accept our identity: ask it to admit our peer id",
      );
    case CLOSE_ERROR:
      return new HawserError("closed", "the peer gave up because something went wrong; it does not say what");
    default:
      return undefined;
  }
}

/** What a session tells its driver. */
export type SessionEvent =
  /** The peer has proved who it is: `accept` or `refuse` it. */
  | { readonly type: "peer"; readonly peer: Peer }
  /** Messages may flow. */
  | { readonly type: "open" }
  /** The link is gone; the session waits for another. */
  | { readonly type: "suspended"; readonly error: HawserError }
  /** Initiators that have a claim: the responder admits it, and has heard so many packets. `resume` that session now. */
  | { readonly type: "admitted"; readonly received: number }
  /** `send` had returned `false`; now there is room again. */
  | { readonly type: "drained" }
  /** A ping was answered. */
  | { readonly type: "pong"; readonly token: number; readonly roundTripMs: number }
  /** Something happened to streams: the table has news. */
  | { readonly type: "streams" }
  /** It is over. What is left to transmit should still go out; then the link must be closed. */
  | { readonly type: "closed"; readonly info: CloseInfo };
