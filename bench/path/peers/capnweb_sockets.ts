/**
 * Cap'n Web over WebSocket, set up as its documentation shows for each runtime.
 *
 * @module
 */

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import * as capnweb from "capnweb";
import { currentRuntime } from "../../../tests/runtimes/runtimes.ts";

/** Makes what a server offers to one client. */
export type Offer = () => capnweb.RpcTarget;

const HOST = "127.0.0.1";

declare const Bun: {
  serve(options: {
    hostname: string;
    port: number;
    fetch(request: Request, server: { upgrade(request: Request): boolean }): void;
    websocket: unknown;
  }): { readonly port: number };
};

/** Serves on loopback, and returns the address. */
export async function serveRpc(offer: Offer): Promise<string> {
  return `ws://${HOST}:${await serving[currentRuntime()](offer)}`;
}

/** What the server at an address offers. */
export async function dialRpc<T extends capnweb.RpcTarget>(address: string): Promise<capnweb.RpcStub<T>> {
  const socket = currentRuntime() === "bun" ? new WebSocket(address) : await wsClient(address);
  return capnweb.newWebSocketRpcSession(socket) as unknown as capnweb.RpcStub<T>;
}

// Not Deno's own, which waits for delayed acknowledgements, nor Node's, which is slower.
async function wsClient(address: string): Promise<WebSocket> {
  const { WebSocket: Client } = await import("ws");
  return new Client(address, { perMessageDeflate: false }) as unknown as WebSocket;
}

/** Serves, and returns the port. */
const serving = {
  deno(offer: Offer): Promise<number> {
    const server = Deno.serve({ hostname: HOST, port: 0, onListen() {} }, (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.addEventListener("open", () => capnweb.newWebSocketRpcSession(socket, offer()));
      return response;
    });
    return Promise.resolve(server.addr.port);
  },
  bun(offer: Offer): Promise<number> {
    const { newBunWebSocketRpcHandler } = capnweb as unknown as {
      newBunWebSocketRpcHandler(createMain: Offer): unknown;
    };
    const { port } = Bun.serve({
      hostname: HOST,
      port: 0,
      fetch: (request, server) => void server.upgrade(request),
      websocket: newBunWebSocketRpcHandler(offer),
    });
    return Promise.resolve(port);
  },
  async node(offer: Offer): Promise<number> {
    const { WebSocketServer } = await import("ws");
    const server = new WebSocketServer({ host: HOST, port: 0 });
    server.on("connection", (socket) => {
      capnweb.newWebSocketRpcSession(socket as unknown as WebSocket, offer());
    });
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  },
};
