/**
 * WebSocket listeners on Bun: `Bun.serve`.
 *
 * Its sockets drop what exceeds their limit (`send` returns 0), so the limit is one that no link of ours reaches alive.
 *
 * @module
 */

import { LINK_HIGH_WATER_BYTES, LINK_LOW_WATER_BYTES, LINK_QUEUE_BYTES_MAX } from "../../limits.ts";
import type { LinkCloseOptions, ListenHandler, Listening } from "../../link.ts";
import { formatAddress } from "../address.ts";
import { bunListenFailure } from "../bun_failure.ts";
import type { WsListen } from "./mod.ts";
import { judgeUpgrade, SUBPROTOCOL, type UpgradeRules } from "./upgrade.ts";
import { WsLink } from "./ws_link.ts";

interface BunWebSocket {
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

interface ClientData {
  readonly remoteAddress: string;
  link: BunWsLink | undefined;
}

interface BunServer {
  readonly port: number;
  requestIP(request: Request): { readonly address: string; readonly port: number } | null;
  upgrade(request: Request, options: { headers: Record<string, string>; data: ClientData }): boolean;
  stop(closeActive: boolean): Promise<void>;
}

interface BunServeOptions {
  readonly hostname: string;
  readonly port: number;
  readonly reusePort: boolean;
  fetch(request: Request, server: BunServer): Response | undefined;
  readonly websocket: {
    readonly maxPayloadLength: number;
    readonly backpressureLimit: number;
    readonly closeOnBackpressureLimit: boolean;
    readonly perMessageDeflate: boolean;
    readonly idleTimeout: number;
    readonly sendPings: boolean;
    open(socket: BunWebSocket): void;
    message(socket: BunWebSocket, data: string | Uint8Array): void;
    drain(socket: BunWebSocket): void;
    close(socket: BunWebSocket, code: number, reason: string): void;
  };
}

declare const Bun: { serve(options: BunServeOptions): BunServer };

/** Listens; see `Transport.listen`. */
export async function listen(
  { address, rules, options, messageBytesMax, handler }: WsListen,
): Promise<Listening> {
  let url = "";
  try {
    const server = Bun.serve({
      hostname: address.host,
      port: address.port,
      reusePort: options.reusePort ?? false,
      fetch: (request, server) => answer(request, server, rules),
      websocket: socketHandler(handler, messageBytesMax, () => url),
    });
    url = formatAddress({ scheme: "ws", host: address.host, port: server.port, path: address.path });
    // The promise of `stop` waits for the links too, which live on: the socket itself is gone within the call.
    return { url, close: () => Promise.resolve(void server.stop(false)) };
  } catch (cause) {
    throw await bunListenFailure(cause, address);
  }
}

function answer(request: Request, server: BunServer, rules: UpgradeRules): Response | undefined {
  const { pathname } = new URL(request.url);
  const { headers } = request;
  const refusal = judgeUpgrade({
    target: pathname,
    upgrade: headers.get("upgrade"),
    origin: headers.get("origin"),
    protocols: headers.get("sec-websocket-protocol"),
  }, rules);
  if (refusal !== undefined) return new Response(`${refusal.reason}\n`, { status: refusal.status });
  const { address: host = "0.0.0.0", port = 0 } = server.requestIP(request) ?? {};
  const data = { remoteAddress: formatAddress({ scheme: "ws", host, port }), link: undefined };
  if (server.upgrade(request, { headers: { "Sec-WebSocket-Protocol": SUBPROTOCOL }, data })) return undefined;
  return new Response("the request is no WebSocket handshake of version 13\n", { status: 400 });
}

function socketHandler(
  handler: ListenHandler,
  messageBytesMax: number,
  localAddress: () => string,
): BunServeOptions["websocket"] {
  return {
    maxPayloadLength: messageBytesMax,
    backpressureLimit: 2 * LINK_QUEUE_BYTES_MAX,
    closeOnBackpressureLimit: false,
    perMessageDeflate: false,
    idleTimeout: 0, // Silence is for the session to notice.
    sendPings: false,
    open(socket) {
      const link = new BunWsLink(socket, localAddress(), messageBytesMax);
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
