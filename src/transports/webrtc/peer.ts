/**
 * What `webrtc://` needs of an implementation of WebRTC: one peer connection that carries one data channel.
 *
 * Two adapters offer it: `native.ts` over node-datachannel, `web_peer.ts` over the browser's own `RTCPeerConnection`.
 *
 * @module
 */

import type { IceServer } from "../../signalling.ts";

/** How a peer connection finds its way. */
export interface PeerConfig {
  readonly iceServers: readonly IceServer[];
  readonly iceTransportPolicy: "all" | "relay";
}

/** What the one channel of a peer connection is. */
export interface ChannelInit {
  /** The subprotocol, which tells the other side what travels in it. */
  readonly protocol: string;
  readonly ordered: boolean;
  readonly maxRetransmits: number | undefined;
  readonly maxPacketLifeTime: number | undefined;
}

/** Who hears of a peer connection. */
export interface PeerHandler {
  /** Our description, to be told to the other side. */
  onDescription(type: "offer" | "answer", sdp: string): void;
  /** One way to reach us, to be told to the other side. */
  onCandidate(candidate: string, mid: string): void;
  /** No way to reach us was found. `trouble` is what STUN and TURN servers said, if anything. */
  onUnreachable(trouble: string): void;
  /** The channel is open. `listen` must be called before this returns. */
  onChannel(channel: PeerChannel): void;
  /** There will be no channel, or there is none any more. */
  onFailed(reason: string): void;
}

/** Who hears of a channel. */
export interface ChannelHandler {
  /** A binary message, which belongs to the handler from now on. */
  onBytes(bytes: Uint8Array): void;
  onText(text: string): void;
  /** `bufferedAmount` fell to the threshold. */
  onLow(): void;
  /** The channel is gone, for whatever reason. */
  onClosed(): void;
}

/** One open data channel. */
export interface PeerChannel {
  /** The subprotocol of {@linkcode ChannelInit}. */
  readonly protocol: string;
  /** Bytes that were given to `send` and have not left. */
  readonly bufferedAmount: number;
  /** `onLow` comes when `bufferedAmount` falls to this. */
  set lowThreshold(bytes: number);
  /** Begins delivery: nothing that arrived earlier is lost. */
  listen(handler: ChannelHandler): void;
  /** Sends a message, whose bytes are copied. Throws where the implementation's buffer is full or the channel closed. */
  send(message: Uint8Array | string): void;
}

/** One peer connection. */
export interface Peer {
  /** Makes the channel and the offer. */
  offer(channel: ChannelInit): void;
  /** Takes the other side's description; an offer is answered. What is wrong with it ends in `onFailed`. */
  describe(type: "offer" | "answer", sdp: string): void;
  /** Takes a way to reach the other side, after its description; a wrong one is ignored. */
  addCandidate(candidate: string, mid: string): void;
  /** Ends everything at once, without a word to the handlers. Safe to call twice. */
  close(): void;
}

/** Makes a peer connection. */
export type OpenPeer = (config: PeerConfig, handler: PeerHandler) => Peer;
