/**
 * The seam between transports and everything above them.
 *
 * A transport makes links. A link is one raw duplex: it moves bytes, knows
 * nothing of what they mean, and never buffers without a bound. Everything is
 * pushed through callbacks, so that the hot path needs no promise per packet.
 *
 * @module
 */

import type { HawserError } from "./errors.ts";
import type { QuicOptions } from "./quic_options.ts";
import type { WebrtcOptions } from "./signalling.ts";
import type { TlsOptions } from "./tls_options.ts";

/** What a link is and what it can do. */
export interface LinkTraits {
  /**
   * `stream`: bytes without borders (TCP). `message`: each send arrives as one
   * receive, reliably and in order (WebSocket). `datagram`: each send arrives
   * as one receive, or not at all, or late (UDP).
   */
  readonly kind: "stream" | "message" | "datagram";
  /** Whether what was sent arrives while the link lives. */
  readonly reliable: boolean;
  /** Whether it arrives in the order in which it was sent. */
  readonly ordered: boolean;
  /** The most bytes that one send may carry; `undefined` where there is no such bound. */
  readonly mtu: number | undefined;
  /** Whether the network below encrypts (TLS, QUIC, WSS). */
  readonly encrypted: boolean;
  /** Whether the network below has streams of its own. */
  readonly nativeStreams: boolean;
  /** Whether what is sent never leaves the memory of this machine, and nobody else can read it there. Default false. */
  readonly inMemory?: boolean;
}

/** What a link tells its user. None of these may throw. */
export interface LinkHandler {
  /** Bytes arrived. They belong to the link: valid only until the call returns. */
  onReceive(bytes: Uint8Array): void;
  /** A `send` had returned `false`, and now there is room again. */
  onDrain(): void;
  /** The link is gone, for ever; called exactly once. No error: the peer ended it in an orderly way, or we did. */
  onClose(error?: HawserError): void;
  /**
   * The peer opened a stream beside the link (links with `nativeStreams`). Its user must `start` or `close` it.
   * Without this, streams of the peer are turned away.
   */
  onStream?(stream: Link): void;
  /** A datagram arrived beside the link (links with `sendDatagram`), valid until the call returns. */
  onDatagram?(bytes: Uint8Array): void;
}

/** One raw duplex opened by a transport. */
export interface Link {
  /** What this link is. */
  readonly traits: LinkTraits;
  /** Where this end is, as a URL with the scheme of the transport. */
  readonly localAddress: string;
  /** Where the other end is, as a URL with the scheme of the transport. */
  readonly remoteAddress: string;
  /** Begins delivery to `handler`. Called once; nothing that arrived earlier is lost. */
  start(handler: LinkHandler): void;
  /**
   * Takes ownership of `bytes` (the caller never touches them again) and sends
   * them. Never throws, and never calls back from
   * inside the call: failure ends in `onClose`. Returns `false` when the link's
   * own queue is above its high-water mark: the caller should wait for
   * `onDrain`. Nothing that was accepted is dropped, except on datagram links.
   */
  send(bytes: Uint8Array): boolean;
  /**
   * Whether the link is done with all that it took: the memory of those bytes may then be used again. Links that cannot
   * tell leave it out.
   */
  readonly isFlushed?: boolean;
  /**
   * Ends the link once all accepted bytes are on their way, and resolves when it is gone.
   * `abort` gives up what is queued. Safe to call twice. WebSockets carry `code` and `reason`.
   */
  close(options?: LinkCloseOptions): Promise<void>;
  /**
   * Links with `nativeStreams`: opens another stream beside the link, which is a link of its own and ends at the latest
   * with this one. The order of bytes on two streams is not kept.
   * @throws {HawserError} `limit` where the peer allows no more streams for now
   */
  openStream?(): Promise<Link>;
  /**
   * Links that can do so: sends a datagram beside the link, which may be lost and come out of order. It is free for reuse
   * when the call returns. `false`: it was dropped, because there is no room or it is larger than `datagramBytesMax`.
   */
  sendDatagram?(bytes: Uint8Array): boolean;
  /** The most bytes of such a datagram now; 0 where the peer takes none. Grows and shrinks with the path. */
  readonly datagramBytesMax?: number;
}

/** How to end a link. */
export interface LinkCloseOptions {
  /** Give up what is queued, at once. */
  abort?: boolean;
  /** Close code, where the network below has one (WebSocket: 1000 or 3000-4999). */
  code?: number;
  /** A short reason, where the network below has one. */
  reason?: string;
}

/** A parsed address: `scheme://host:port/path?query#peerId`. */
export interface Address {
  /** The scheme without its colon, in lower case: `tcp`. */
  readonly scheme: string;
  /** Host name or IP address, IPv6 without brackets; empty where the scheme has none. */
  readonly host: string;
  /** 0 where none was given: listeners then take a free one. */
  readonly port: number;
  /** With its leading slash; empty where none was given. */
  readonly path: string;
  /** The peer id after `#`, or `undefined`. Transports ignore it. */
  readonly peerId: string | undefined;
  /** The whole, without the peer id. */
  readonly href: string;
}

/** Options that every transport understands, beside those of its own. */
export interface TransportOptions {
  /** TCP: probe an idle connection from the kernel. Default true. */
  keepAlive?: boolean;
  /** TCP: send small segments at once. Default true. */
  noDelay?: boolean;
  /** TCP and UDP listeners: share the port with other listeners (SO_REUSEPORT). Default false. */
  reusePort?: boolean;
  /** TCP and UDP: let the port be bound again at once (SO_REUSEADDR), where the runtime lets it be chosen. */
  reuseAddress?: boolean;
  /** IP time to live (hop limit), 1-255, where the runtime lets it be set. */
  ttl?: number;
  /** UDP: the most bytes of one datagram. Default 1,472; 512 and 8,972 are usual too. WebRTC's datagrams: default 1,152. */
  mtu?: number;
  /** UDP: bytes of the kernel's receive buffer, where the runtime lets it be set. */
  receiveBufferBytes?: number;
  /** UDP: bytes of the kernel's send buffer, where the runtime lets it be set. */
  sendBufferBytes?: number;
  /** UDP: may send to a broadcast address. Default false. */
  broadcast?: boolean;
  /** UDP: multicast groups to join, and how to send to groups. `interface` is an IP address of this host. */
  multicast?: {
    readonly groups: readonly string[];
    readonly ttl?: number;
    readonly loopback?: boolean;
    readonly interface?: string;
  };
  /** WebSocket: the most bytes of one frame or message taken from the peer. */
  messageBytesMax?: number;
  /** WebSocket listeners: origins that pages may come from; by default pages of any other origin are refused. */
  origins?: readonly string[];
  /**
   * WebSocket: offer, or admit, compression of messages (permessage-deflate). Default false: packets are compressed
   * and sealed already. Browsers and Bun offer it always, so there the listener decides.
   */
  deflate?: boolean;
  /** TLS and WebSocket dials: go through this HTTP proxy, `http://user:password@proxy.example:3128`. */
  proxy?: string;
  /** What TLS is told where the scheme has it: `tls`, `wss`, `wt`. */
  tls?: TlsOptions;
  /** WebRTC: where to find each other, over which servers, and how packets travel. */
  webrtc?: WebrtcOptions;
  /** What QUIC is told: `wt`. */
  quic?: QuicOptions;
}

/** Where a datagram came from. `key` is unique per address and port, and cheap to compare. */
export interface DatagramSource {
  /** The same for every datagram from there. */
  readonly key: string;
  /** The address as a URL: `udp://192.0.2.1:4000`. */
  readonly address: string;
}

/** What a listener tells its user. None of these may throw. */
export interface ListenHandler {
  /** Somebody connected (stream and message transports). Its user must `start` or `close` the link. */
  onLink(link: Link): void;
  /**
   * A datagram arrived (datagram transports), valid until the call returns.
   * No state exists for its sender: whether it deserves any is decided above.
   */
  onDatagram(bytes: Uint8Array, source: DatagramSource): void;
  /** The listener died by itself; called at most once. */
  onClose(error?: HawserError): void;
}

/** A transport that listens. */
export interface Listening {
  /** Where it listens, with the real port: what others dial. */
  readonly url: string;
  /** Datagram transports: sends to an address. `false`: the socket is congested and the datagram was dropped. */
  sendTo?(bytes: Uint8Array, source: DatagramSource): boolean;
  /**
   * Datagram transports: a link to one address over the listening socket. What
   * arrives from there still goes to `onDatagram`; the link's handler hears of drain and close only.
   */
  link?(source: DatagramSource): Link;
  /** Stops listening and resolves when the socket is gone. Links that were accepted live on, but those of a datagram socket end. */
  close(): Promise<void>;
}

/** What listens and dials for one kind of network. */
export interface Transport {
  /** The URL schemes it serves, without colon. */
  readonly schemes: readonly string[];
  /** Opens a link. Rejects with a `HawserError`, or with the reason of `signal`; leaves nothing open then. */
  dial(address: Address, options: TransportOptions & { readonly signal?: AbortSignal }): Promise<Link>;
  /** Listens. Resolves when the socket is bound; rejects with a `HawserError`. */
  listen(address: Address, options: TransportOptions, handler: ListenHandler): Promise<Listening>;
}
