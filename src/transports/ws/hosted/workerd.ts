/**
 * Upgrades on Cloudflare Workers, in a worker as in a Durable Object: a `WebSocketPair`.
 *
 * @module
 */

import { SUBPROTOCOL } from "../upgrade.ts";
import { WebSocketLink } from "../web_socket_link.ts";
import type { HostedUpgrade } from "./mod.ts";

declare const WebSocketPair: new () => { 0: WebSocket; 1: WebSocket & { accept(): void } };

/** The answer that makes a WebSocket of the request. */
export function upgradeOnWorkerd(upgrade: HostedUpgrade): Response {
  const { request, handler, localAddress, messageBytesMax } = upgrade;
  const { 0: theirs, 1: ours } = new WebSocketPair();
  // Blobs are the default from compatibility date 2026-03-17 on, and cost a promise each.
  ours.binaryType = "arraybuffer";
  const client = request.headers.get("cf-connecting-ip") ?? "0.0.0.0";
  const host = client.includes(":") ? `[${client}]` : client;
  handler.onLink(new WebSocketLink(ours, localAddress, `ws://${host}`, messageBytesMax));
  ours.accept();
  const headers = { "Sec-WebSocket-Protocol": SUBPROTOCOL };
  return new Response(null, { status: 101, headers, webSocket: theirs } as ResponseInit);
}
