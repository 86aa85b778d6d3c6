/**
 * WebSocket listeners on Bun: `Bun.serve`.
 *
 * @module
 */

import type { Listening } from "../../link.ts";
import { formatAddress } from "../address.ts";
import { bunListenFailure } from "../bun_failure.ts";
import { type BunWebSocketHandler, type ClientData, socketHandler } from "./bun_link.ts";
import type { WsListen } from "./mod.ts";
import { judgeUpgrade, SUBPROTOCOL, type UpgradeRules } from "./upgrade.ts";

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
  readonly websocket: BunWebSocketHandler;
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
