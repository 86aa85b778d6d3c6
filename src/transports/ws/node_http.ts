/**
 * The HTTP server below WebSocket listeners on Node.
 *
 * @module
 */

import { createServer, type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WS_UPGRADE_MS_MAX } from "../../limits.ts";
import type { Address, ListenHandler, Listening, TransportOptions } from "../../link.ts";
import { formatAddress } from "../address.ts";
import { failure } from "../failure.ts";
import { judgeUpgrade, type Refusal, type UpgradeRules } from "./upgrade.ts";

/** A request that is to become a WebSocket. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** What the client sent after its request. */
  readonly head: Buffer;
}

/** Listens, and hands over each request that passes the rules. */
export async function listenHttp(
  address: Address,
  rules: UpgradeRules,
  options: TransportOptions,
  handler: ListenHandler,
  onUpgrade: (upgrade: Upgrade, url: string) => void,
): Promise<Listening> {
  const server = upgradeServer(rules, (upgrade) => onUpgrade(upgrade, url));
  await bind(server, address, options);
  const { address: host, port } = server.address() as AddressInfo;
  const url = formatAddress({ scheme: "ws", host, port, path: address.path });
  server.on("error", (cause) => {
    server.close();
    handler.onClose(failure(cause, `the listener of ${url} died`));
  });
  // `server.close` would wait for the links too, which live on: the socket itself is gone within the call.
  return { url, close: () => Promise.resolve(void server.close()) };
}

/** A server that is not bound yet, and hands over each request that passes the rules. */
export function upgradeServer(rules: UpgradeRules, onUpgrade: (upgrade: Upgrade) => void): Server {
  const server = createServer({
    headersTimeout: WS_UPGRADE_MS_MAX,
    requestTimeout: WS_UPGRADE_MS_MAX,
    connectionsCheckingInterval: WS_UPGRADE_MS_MAX / 2,
  }, (request, response) => {
    // Only what asks for no WebSocket comes here, so there is always a refusal.
    const { status, reason } = judge(request, rules) as Refusal;
    response.writeHead(status, { "content-type": "text/plain", connection: "close" }).end(`${reason}\n`);
  });
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on("error", () => {}); // A link hears of it by other means, and a refused client is of no interest.
    const refusal = judge(request, rules);
    if (refusal !== undefined) return refuse(socket, refusal);
    if (socket.remoteAddress === undefined) return void socket.destroy(); // Gone already.
    onUpgrade({ request, socket, head });
  });
  return server;
}

// Answers with a refusal in place of the WebSocket.
function refuse(socket: Duplex, { status, reason }: Refusal): void {
  const body = `${reason}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
}

function judge({ url = "/", headers }: IncomingMessage, rules: UpgradeRules): Refusal | undefined {
  const protocols = headers["sec-websocket-protocol"];
  return judgeUpgrade({ target: url, upgrade: headers.upgrade, origin: headers.origin, protocols }, rules);
}

function bind(server: Server, address: Address, options: TransportOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onError = (cause: unknown) => reject(failure(cause, `cannot listen on ${address.href}`));
  server.once("error", onError);
  server.listen({ host: address.host, port: address.port, reusePort: options.reusePort ?? false }, () => {
    server.off("error", onError);
    resolve();
  });
  return promise;
}
