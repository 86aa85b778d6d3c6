/**
 * Upgrades on Cloudflare Workers, in a worker as in a Durable Object: a `WebSocketPair`.
 *
 * @module
 */

import { SUBPROTOCOL } from "../upgrade.ts";
import { WebSocketLink } from "../web_socket_link.ts";
import type { HostedUpgrade } from "./mod.ts";

/** The end of a pair that the worker keeps. */
export type WorkerdWebSocket = WebSocket & { accept(): void };

declare const WebSocketPair: new () => { 0: WebSocket; 1: WorkerdWebSocket };

/** The answer that makes a WebSocket of the request. */
export function upgradeOnWorkerd(upgrade: HostedUpgrade): Response {
  const { request, handler, localAddress, messageBytesMax } = upgrade;
  const { ours, answer } = openPair();
  handler.onLink(new WebSocketLink(ours, localAddress, clientAddress(request), messageBytesMax));
  ours.accept();
  return answer;
}

/** A WebSocket that nobody has accepted yet, and the answer that gives the client the other end of it. */
export function openPair(): { readonly ours: WorkerdWebSocket; readonly answer: Response } {
  const { 0: theirs, 1: ours } = new WebSocketPair();
  // Blobs are the default from compatibility date 2026-03-17 on, and cost a promise each.
  ours.binaryType = "arraybuffer";
  const headers = { "Sec-WebSocket-Protocol": SUBPROTOCOL };
  return { ours, answer: new Response(null, { status: 101, headers, webSocket: theirs } as ResponseInit) };
}

/** Where the request came from, as Cloudflare says, as a URL. */
export function clientAddress(request: Request): string {
  const client = request.headers.get("cf-connecting-ip") ?? "0.0.0.0";
  return `ws://${client.includes(":") ? `[${client}]` : client}`;
}
