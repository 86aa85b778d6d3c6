/**
 * Upgrades below an HTTP framework on Deno: `Deno.upgradeWebSocket`.
 *
 * @module
 */

import { formatAddress } from "../../address.ts";
import { accept } from "../deno_accept.ts";
import { WebSocketLink } from "../web_socket_link.ts";
import type { HostedUpgrade } from "./mod.ts";

/** The answer that makes a WebSocket of the request; `undefined` where it is malformed. */
export function upgradeOnDeno(hosted: HostedUpgrade): Response | undefined {
  const { request, env, handler, localAddress, messageBytesMax } = hosted;
  const remoteAddress = remoteAddressOf(env);
  const upgrade = accept(request);
  if (upgrade === undefined) return undefined;
  const { socket, response } = upgrade;
  const link = new WebSocketLink(socket, localAddress, remoteAddress, messageBytesMax);
  socket.addEventListener("open", () => handler.onLink(link), { once: true });
  return response;
}

function remoteAddressOf(env: unknown): string {
  const { remoteAddr } = (env ?? {}) as { remoteAddr?: { hostname?: string; port?: number } };
  return formatAddress({ scheme: "ws", host: remoteAddr?.hostname ?? "0.0.0.0", port: remoteAddr?.port });
}
