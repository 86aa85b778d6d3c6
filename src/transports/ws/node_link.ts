/**
 * The links of Node's WebSocket listeners, over the package `ws`, which is loaded when first needed.
 *
 * @module
 */

import type { RawData, WebSocket, WebSocketServer } from "ws";
import { HawserError } from "../../errors.ts";
import { LINK_HIGH_WATER_BYTES, LINK_LOW_WATER_BYTES, LINK_QUEUE_BYTES_MAX } from "../../limits.ts";
import type { LinkCloseOptions } from "../../link.ts";
import { SUBPROTOCOL } from "./upgrade.ts";
import { WsLink } from "./ws_link.ts";

/** What turns upgrade requests of an HTTP server into WebSockets. @throws {HawserError} `unsupported` without `ws` */
export async function upgrader(maxPayload: number): Promise<WebSocketServer> {
  let ws: typeof import("ws");
  try {
    ws = await import("ws");
  } catch (cause) {
    throw new HawserError("unsupported", "Node needs a package to listen on ws://: npm install ws", {
      cause,
    });
  }
  return new ws.WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload,
    handleProtocols: () => SUBPROTOCOL,
  });
}

/** A link over one WebSocket of the package `ws`. */
export class NodeWsLink extends WsLink {
  readonly #socket: WebSocket;
  // Invariant: true exactly while a `send` has returned false and no drain was told since.
  #awaited = false;
  readonly #onSent = () => this.#drain();

  constructor(socket: WebSocket, localAddress: string, remoteAddress: string, messageBytesMax: number) {
    super(localAddress, remoteAddress, messageBytesMax);
    this.#socket = socket;
    socket.pause(); // Until the start.
    socket.on("message", (data: RawData, isBinary: boolean) => {
      if (isBinary) this.received(data as Buffer);
      else this.receivedText();
    });
    socket.on("error", (cause: Error & { code?: string }) => {
      if (cause.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") this.oversized();
      else this.fail(cause);
    });
    socket.on("close", (code: number, reason: Buffer) => this.closed(code, reason.toString()));
  }

  protected get pending(): number {
    return this.#socket.bufferedAmount;
  }

  protected override begin(): void {
    super.begin();
    this.#socket.resume();
  }

  protected write(bytes: Uint8Array): boolean {
    this.#socket.send(bytes, this.#onSent);
    const waiting = this.#socket.bufferedAmount;
    if (waiting > LINK_QUEUE_BYTES_MAX) this.finish(this.overrun());
    if (waiting > LINK_HIGH_WATER_BYTES) this.#awaited = true;
    return !this.#awaited;
  }

  protected end({ code, reason }: LinkCloseOptions): void {
    this.#socket.resume(); // The peer's own close must be read.
    this.#socket.close(code ?? 1000, reason);
  }

  protected release(): void {
    this.#socket.terminate();
  }

  #drain(): void {
    if (!this.#awaited || this.#socket.bufferedAmount > LINK_LOW_WATER_BYTES) return;
    this.#awaited = false;
    this.drained();
  }
}
