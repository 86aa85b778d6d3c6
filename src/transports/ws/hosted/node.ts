/**
 * Upgrades below an HTTP framework on Node.
 *
 * `node:http` tells of upgrades by an event of their own, which no framework hears. So the request goes to the
 * framework by hand, and what cannot be said in a `Request` goes along in its `env`.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { HawserError } from "../../../errors.ts";
import { formatAddress } from "../../address.ts";
import { NodeWsLink, upgrader } from "../node_link.ts";
import type { HostedUpgrade } from "./mod.ts";

/** The part of a `node:http` server that is used; said without the types of Node, which others do not have. */
export interface NodeHttpServer {
  /** Adds a listener. */
  on(event: "upgrade", listener: (request: object, socket: object, head: Uint8Array) => void): unknown;
}

/** How a framework answers a request: `app.fetch` of Hono. */
export type NodeFetch = (request: Request, env: object) => Response | Promise<Response>;

interface NodeUpgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Uint8Array;
  isDone: boolean;
}

const UPGRADE = Symbol("upgrade");

/** Hands each upgrade request of `server` to `fetch`. */
export function attachToNode(server: NodeHttpServer, fetch: NodeFetch): void {
  server.on("upgrade", (request, socket, head) => {
    const upgrade = { request, socket, head, isDone: false } as NodeUpgrade;
    // A link hears of it by other means, and a refused client is of no interest.
    upgrade.socket.on("error", () => {});
    void handOver(upgrade, fetch);
  });
}

async function handOver(upgrade: NodeUpgrade, fetch: NodeFetch): Promise<void> {
  const { request, socket } = upgrade;
  try {
    const response = await fetch(requestOf(request), { incoming: request, [UPGRADE]: upgrade });
    if (!upgrade.isDone) refuse(socket, response.status, await response.text());
  } catch {
    if (!upgrade.isDone) refuse(socket, 500, "the request could not be answered\n");
  }
}

/**
 * Makes a WebSocket of the request; the answer that is returned then goes nowhere.
 * @throws {HawserError} `unsupported` where the server is not attached, or `ws` is not installed
 */
export async function upgradeOnNode(hosted: HostedUpgrade): Promise<Response> {
  const { env, handler, localAddress, messageBytesMax } = hosted;
  const upgrade = (env as { [UPGRADE]?: NodeUpgrade } | undefined)?.[UPGRADE];
  if (upgrade === undefined) {
    throw new HawserError(
      "unsupported",
      "the handler does not get Node's socket: endpoint.attach(server, app.fetch)",
    );
  }
  const server = await upgrader(messageBytesMax);
  const { request, socket, head } = upgrade;
  upgrade.isDone = true;
  const { remoteAddress: host, remotePort: port } = request.socket;
  server.handleUpgrade(request, socket, head as Buffer, (webSocket) => {
    const remoteAddress = formatAddress({ scheme: "ws", host, port });
    handler.onLink(new NodeWsLink(webSocket, localAddress, remoteAddress, messageBytesMax));
  });
  return new Response(null);
}

function requestOf({ url = "/", headers, socket }: IncomingMessage): Request {
  const scheme = "encrypted" in socket ? "https" : "http";
  const list = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
  return new Request(new URL(url, `${scheme}://${headers.host ?? "localhost"}`), { headers: list });
}

function refuse(socket: Duplex, status: number, body: string): void {
  const bytes = new TextEncoder().encode(body);
  socket.write(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${bytes.length}\r\n\r\n`,
  );
  socket.end(bytes);
}
