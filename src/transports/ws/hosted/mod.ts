/**
 * WebSockets that come in through somebody else's HTTP server: the framework routes, this upgrades.
 *
 * @module
 */

import type { ListenHandler } from "../../../link.ts";
import { formatAddress } from "../../address.ts";
import { runtime } from "../../runtime.ts";
import { type BunWebSocketHandler, socketHandler } from "../bun_link.ts";
import { judgeUpgrade } from "../upgrade.ts";
import { upgradeOnBun } from "./bun.ts";
import { upgradeOnDeno } from "./deno.ts";
import { attachToNode, type NodeFetch, type NodeHttpServer, upgradeOnNode } from "./node.ts";
import { upgradeOnWorkerd } from "./workerd.ts";

export type { BunWebSocketHandler } from "../bun_link.ts";
export type { NodeFetch, NodeHttpServer } from "./node.ts";
export {
  type HibernatingLink,
  HibernatingWebSockets,
  type HibernationSocket,
  type HibernationState,
} from "./hibernating.ts";

/** What the links are made with. */
export interface Hosting {
  /** Hears of each link. */
  readonly handler: ListenHandler;
  /** Origins of pages that may connect. That of the server is not among them by itself: names can be rebound. */
  readonly origins: readonly string[];
  /** The largest message taken from the peer, in bytes. */
  readonly messageBytesMax: number;
  /** Makes a WebSocket of a request. Default: as the runtime does it. */
  readonly accept?: (upgrade: HostedUpgrade) => Response;
}

/** A request that may become a WebSocket. */
export interface HostedUpgrade extends Hosting {
  readonly request: Request;
  /** What the framework hands to its handlers beside the request: Bun's server, say, or Deno's info. */
  readonly env: unknown;
  /** The address that was asked for, as a URL with the scheme `ws` or `wss`. */
  readonly localAddress: string;
}

/** Listens without a socket of its own. */
export class HostedWebSockets {
  readonly #hosting: Hosting;
  #isClosed = false;

  /** Links go to the handler from the first upgrade on. */
  constructor(hosting: Hosting) {
    this.#hosting = { ...hosting, origins: hosting.origins.map((origin) => origin.toLowerCase()) };
  }

  /** For `Bun.serve`, which hands events of all WebSockets to one object. */
  get bunHandler(): BunWebSocketHandler {
    const { handler, messageBytesMax } = this.#hosting;
    return socketHandler(handler, messageBytesMax, ({ localAddress }) => localAddress ?? "ws://0.0.0.0");
  }

  /** Hands upgrade requests of a `node:http` server, which no framework sees, to `fetch`. */
  attach(server: NodeHttpServer, fetch: NodeFetch): void {
    attachToNode(server, fetch);
  }

  /** The answer to a request: a WebSocket, or why it is none. */
  async upgrade(request: Request, env: unknown): Promise<Response> {
    const url = new URL(request.url);
    const { headers } = request;
    const refusal = this.#isClosed ? CLOSED : judgeUpgrade({
      target: url.pathname,
      upgrade: headers.get("upgrade"),
      origin: headers.get("origin"),
      protocols: headers.get("sec-websocket-protocol"),
    }, { path: url.pathname, origins: this.#hosting.origins });
    if (refusal !== undefined) return new Response(`${refusal.reason}\n`, { status: refusal.status });
    const scheme = url.protocol === "https:" ? "wss" : "ws";
    const port = Number(url.port);
    const localAddress = formatAddress({ scheme, host: url.hostname, port, path: url.pathname });
    const { accept = acceptOnRuntime } = this.#hosting;
    const answer = await accept({ ...this.#hosting, request, env, localAddress });
    return answer ?? new Response("the request is no WebSocket handshake of version 13\n", { status: 400 });
  }

  /** From now on, everybody is turned away. */
  close(): void {
    this.#isClosed = true;
  }
}

const CLOSED = { status: 503, reason: "this listener is closed" };

function acceptOnRuntime(upgrade: HostedUpgrade): Response | undefined | Promise<Response | undefined> {
  switch (runtime) {
    case "deno":
      return upgradeOnDeno(upgrade);
    case "bun":
      return upgradeOnBun(upgrade);
    case "node":
      return upgradeOnNode(upgrade);
    case "workerd":
      return upgradeOnWorkerd(upgrade);
    default:
      return new Response("this runtime cannot accept WebSockets\n", { status: 501 });
  }
}
