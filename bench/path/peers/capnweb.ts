/**
 * Cap'n Web over WebSocket, set up as its documentation shows for each runtime: a message is a call, its answer the
 * result.
 *
 * @module
 */

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import * as capnweb from "capnweb";
import { currentRuntime } from "../../../tests/runtimes/runtimes.ts";
import type { Network, Pipe, PipeHandler } from "../pipe.ts";

const HOST = "127.0.0.1";

declare const Bun: {
  serve(options: {
    hostname: string;
    port: number;
    fetch(request: Request, server: { upgrade(request: Request): boolean }): void;
    websocket: unknown;
  }): { readonly port: number };
};

/** What the server offers: what is sent while a call is handled is its result. */
class Echo extends capnweb.RpcTarget implements Pipe {
  #handler: PipeHandler = () => {};
  #answer: Uint8Array = new Uint8Array(0);

  echo(bytes: Uint8Array): Uint8Array {
    void this.#handler(bytes);
    return this.#answer;
  }

  send(bytes: Uint8Array): void {
    this.#answer = bytes;
  }

  receive(handler: PipeHandler): void {
    this.#handler = handler;
  }
}

/** Cap'n Web, for echoes. */
export const network: Network = {
  async serve(onPipe) {
    const offer = () => {
      const echo = new Echo();
      onPipe(echo);
      return echo;
    };
    return `ws://${HOST}:${await serving[currentRuntime()](offer)}`;
  },
  async dial(address) {
    const socket = currentRuntime() === "bun" ? new WebSocket(address) : await wsClient(address);
    const server = capnweb.newWebSocketRpcSession<Echo>(socket);
    let handler: PipeHandler = () => {};
    return {
      send: (bytes) => void server.echo(bytes).then((answer) => handler(answer)),
      receive: (given) => void (handler = given),
    };
  },
};

// Not Deno's own, which waits for delayed acknowledgements, nor Node's, which is slower.
async function wsClient(address: string): Promise<WebSocket> {
  const { WebSocket: Client } = await import("ws");
  return new Client(address, { perMessageDeflate: false }) as unknown as WebSocket;
}

/** Serves, and returns the port. */
const serving = {
  deno(offer: () => Echo): Promise<number> {
    const server = Deno.serve({ hostname: HOST, port: 0, onListen() {} }, (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.addEventListener("open", () => capnweb.newWebSocketRpcSession(socket, offer()));
      return response;
    });
    return Promise.resolve(server.addr.port);
  },
  bun(offer: () => Echo): Promise<number> {
    const { newBunWebSocketRpcHandler } = capnweb as unknown as {
      newBunWebSocketRpcHandler(createMain: () => Echo): unknown;
    };
    const { port } = Bun.serve({
      hostname: HOST,
      port: 0,
      fetch: (request, server) => void server.upgrade(request),
      websocket: newBunWebSocketRpcHandler(offer),
    });
    return Promise.resolve(port);
  },
  async node(offer: () => Echo): Promise<number> {
    const { WebSocketServer } = await import("ws");
    const server = new WebSocketServer({ host: HOST, port: 0 });
    server.on("connection", (socket) => {
      capnweb.newWebSocketRpcSession(socket as unknown as WebSocket, offer());
    });
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  },
};
