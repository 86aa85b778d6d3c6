/**
 * The links of Bun's WebSocket listeners, and what `Bun.serve` must be told to make them.
 *
 * Its sockets drop what exceeds their limit (`send` returns 0), so the limit is one that no link of ours reaches alive.
 *
 * @module
 */

import { LINK_HIGH_WATER_BYTES, LINK_LOW_WATER_BYTES, LINK_QUEUE_BYTES_MAX } from "../../limits.ts";
import type { LinkCloseOptions, ListenHandler } from "../../link.ts";
import { WsLink } from "./ws_link.ts";

/** A WebSocket of `Bun.serve`. */
export interface BunWebSocket {
  data: ClientData;
  readonly readyState: number;
  binaryType: "uint8array" | "nodebuffer" | "arraybuffer";
  sendBinary(bytes: Uint8Array): number;
  getBufferedAmount(): number;
  close(code?: number, reason?: string): void;
  terminate(): void;
  pause(): void;
  resume(): void;
}

/** What Hawser keeps beside each of them. */
export interface ClientData {
  readonly remoteAddress: string;
  /** Where HTTP comes in, for sockets of a server that is not ours. */
  readonly localAddress?: string;
  link: BunWsLink | undefined;
}

/** The WebSocket part of the options of `Bun.serve`, to be handed to it as it is. */
export interface BunWebSocketHandler {
  /** The most bytes of one message taken from the peer. */
  readonly maxPayloadLength: number;
  /** Bytes that may wait in one socket. */
  readonly backpressureLimit: number;
  /** Whether a socket in which more waits is closed. */
  readonly closeOnBackpressureLimit: boolean;
  /** Whether messages may be compressed. */
  readonly perMessageDeflate: boolean;
  /** How long a socket may be silent, in seconds; 0 for ever. */
  readonly idleTimeout: number;
  /** Whether Bun asks whether the peer is there. */
  readonly sendPings: boolean;
  /** @ignore */
  open(socket: BunWebSocket): void;
  /** @ignore */
  message(socket: BunWebSocket, data: string | Uint8Array): void;
  /** @ignore */
  drain(socket: BunWebSocket): void;
  /** @ignore */
  close(socket: BunWebSocket, code: number, reason: string): void;
}

/** Makes a link of each WebSocket that opens. `localAddress` is asked for when it does. */
export function socketHandler(
  handler: ListenHandler,
  messageBytesMax: number,
  localAddress: (data: ClientData) => string,
): BunWebSocketHandler {
  return {
    maxPayloadLength: messageBytesMax,
    backpressureLimit: 2 * LINK_QUEUE_BYTES_MAX,
    closeOnBackpressureLimit: false,
    perMessageDeflate: false,
    idleTimeout: 0, // Silence is for the session to notice.
    sendPings: false,
    open(socket) {
      const link = new BunWsLink(socket, localAddress(socket.data), messageBytesMax);
      socket.data.link = link;
      handler.onLink(link);
    },
    message: (socket, data) => socket.data.link?.onMessage(data),
    drain: (socket) => socket.data.link?.onDrain(),
    close: (socket, code, reason) => socket.data.link?.onClose(code, reason),
  };
}

class BunWsLink extends WsLink {
  readonly #socket: BunWebSocket;
  // Invariant: true exactly while a `send` has returned false and no drain was told since.
  #awaited = false;
  // How to close once the last bytes are gone; defined from `close` on.
  #ending: LinkCloseOptions | undefined;

  constructor(socket: BunWebSocket, localAddress: string, messageBytesMax: number) {
    super(localAddress, socket.data.remoteAddress, messageBytesMax);
    this.#socket = socket;
    socket.binaryType = "uint8array";
    socket.pause(); // Until the start.
  }

  onMessage(data: string | Uint8Array): void {
    if (typeof data === "string") this.receivedText();
    else this.received(data);
  }

  onDrain(): void {
    const waiting = this.pending;
    if (this.#awaited && waiting <= LINK_LOW_WATER_BYTES) {
      this.#awaited = false;
      this.drained();
    }
    if (waiting === 0 && this.#ending !== undefined) this.#finishWriting(this.#ending);
  }

  onClose(code: number, reason: string): void {
    // Bun itself has told the peer, with 1009.
    if (code === 1006 && reason === "Received too big message") this.oversized();
    this.closed(code, reason);
  }

  protected get pending(): number {
    return this.#socket.getBufferedAmount();
  }

  protected override begin(): void {
    super.begin();
    this.#socket.resume();
  }

  protected write(bytes: Uint8Array): boolean {
    const result = this.#socket.sendBinary(bytes);
    if (result > 0) return !this.#awaited;
    const waiting = this.pending;
    if (waiting > LINK_QUEUE_BYTES_MAX) this.finish(this.overrun());
    if (waiting > LINK_HIGH_WATER_BYTES) this.#awaited = true;
    return !this.#awaited;
  }

  protected end(options: LinkCloseOptions): void {
    this.#socket.resume(); // The peer's own close must be read.
    // Bun calls a socket closed as soon as it is told to close it, so the last bytes go first.
    if (this.pending === 0) this.#finishWriting(options);
    else this.#ending = options;
  }

  protected release(): void {
    this.#socket.terminate();
  }

  #finishWriting({ code, reason }: LinkCloseOptions): void {
    this.#ending = undefined;
    this.#socket.close(code ?? 1000, reason);
  }
}
