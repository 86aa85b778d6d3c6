/**
 * The links of Node's WebSocket listeners, over the package `ws`, which is loaded when first needed.
 *
 * @module
 */

import type { RawData, WebSocket, WebSocketServer } from "ws";
import { HawserError } from "../../errors.ts";
import { LINK_HIGH_WATER_BYTES, LINK_LOW_WATER_BYTES, LINK_QUEUE_BYTES_MAX } from "../../limits.ts";
import type { LinkCloseOptions } from "../../link.ts";
import { formatAddress, parseAddress } from "../address.ts";
import { runtime } from "../runtime.ts";
import type { WsListen } from "./mod.ts";
import type { Upgrade } from "./node_http.ts";
import { SUBPROTOCOL } from "./upgrade.ts";
import { WsLink } from "./ws_link.ts";

/** What turns upgrade requests of an HTTP server into WebSockets. @throws {HawserError} `unsupported` without `ws` */
export async function upgrader(maxPayload: number, deflate = false): Promise<WebSocketServer> {
  let ws: typeof import("ws");
  try {
    ws = await import("ws");
  } catch (cause) {
    throw new HawserError("unsupported", `${runtime} needs a package to listen here: npm install ws`, {
      cause,
    });
  }
  return new ws.WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: deflate,
    maxPayload,
    handleProtocols: () => SUBPROTOCOL,
  });
}

/** Makes a WebSocket of a request, and hands its link to the listener at `url`. */
export function acceptUpgrade(
  server: WebSocketServer,
  { request, socket, head }: Upgrade,
  url: string,
  { messageBytesMax, handler }: Pick<WsListen, "messageBytesMax" | "handler">,
): void {
  const { remoteAddress: host, remotePort: port } = socket;
  const remoteAddress = formatAddress({ scheme: parseAddress(url).scheme, host, port });
  server.handleUpgrade(request, socket, head, (webSocket) => {
    handler.onLink(new NodeWsLink(webSocket, url, remoteAddress, messageBytesMax));
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
    // Until the start. Sockets of Deno's TLS read on when they are told to pause, so there what comes is counted.
    if (runtime !== "deno") socket.pause();
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
