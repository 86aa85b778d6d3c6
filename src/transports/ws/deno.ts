/**
 * WebSocket listeners on Deno: `Deno.serve`, `Deno.upgradeWebSocket`.
 *
 * When `Deno.serve` stops, it closes every WebSocket that it opened (denoland/deno#35105), and what `node:http` hands
 * over to `Deno.upgradeWebSocket` loses bytes that come right behind the handshake (seen in 2.9.6). So a closed
 * listener refuses all that is new with 503, and gives its port up with the last of its links.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Listening } from "../../link.ts";
import { formatAddress } from "../address.ts";
import { failure } from "../failure.ts";
import type { WsListen } from "./mod.ts";
import { accept } from "./deno_accept.ts";
import { judgeUpgrade, type Refusal } from "./upgrade.ts";
import { WebSocketLink } from "./web_socket_link.ts";

/** Listens; see `Transport.listen`. */
// deno-lint-ignore require-await -- `Deno.serve` throws at once; here that must reject
export async function listen(what: WsListen): Promise<Listening> {
  try {
    return new DenoListening(what);
  } catch (cause) {
    throw failure(cause, `cannot listen on ${what.address.href}`);
  }
}

class DenoListening implements Listening {
  readonly url: string;
  readonly #what: WsListen;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #stopper = new AbortController();
  // WebSockets that live, and those that are about to.
  #sockets = 0;
  #closed = false;

  constructor(what: WsListen) {
    const { address, options, handler } = what;
    this.#what = what;
    this.#server = Deno.serve({
      hostname: address.host,
      port: address.port,
      reusePort: options.reusePort,
      signal: this.#stopper.signal,
      onListen() {},
    }, (request, info) => this.#answer(request, info.remoteAddr));
    const { hostname: host, port } = this.#server.addr;
    this.url = formatAddress({ scheme: "ws", host, port, path: address.path });
    void this.#server.finished.then(() => {
      if (!this.#closed) {
        handler.onClose(new HawserError("io", `the listener of ${this.url} died; listen again`));
      }
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#sockets > 0) return;
    this.#stopper.abort();
    await this.#server.finished;
  }

  #answer(request: Request, { hostname: host, port }: Deno.NetAddr): Response {
    const { rules, handler, messageBytesMax } = this.#what;
    const refusal = this.#closed ? CLOSED : judgeUpgrade({
      target: new URL(request.url).pathname,
      upgrade: request.headers.get("upgrade"),
      origin: request.headers.get("origin"),
      protocols: request.headers.get("sec-websocket-protocol"),
    }, rules);
    if (refusal !== undefined) return new Response(`${refusal.reason}\n`, { status: refusal.status });
    const upgrade = accept(request);
    if (upgrade === undefined) return new Response(`${MALFORMED}\n`, { status: 400 });
    const { socket, response } = upgrade;
    const link = new WebSocketLink(
      socket,
      this.url,
      formatAddress({ scheme: "ws", host, port }),
      messageBytesMax,
    );
    this.#sockets++;
    socket.addEventListener("close", () => this.#forget());
    socket.onopen = () => handler.onLink(link);
    return response;
  }

  #forget(): void {
    this.#sockets--;
    if (this.#closed) void this.close();
  }
}

const CLOSED: Refusal = { status: 503, reason: "this listener is closed" };
const MALFORMED = "the request is no WebSocket handshake of version 13";
