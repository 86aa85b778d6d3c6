/**
 * Plain WebSockets on Node: the package `ws` listens, the global `WebSocket` dials.
 *
 * @module
 */

import type { AddressInfo } from "node:net";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { type Channel, RELIABLE_CHUNK_BYTES } from "../channel.ts";
import { type ControlListening, HIGH_WATER_BYTES, HOST } from "./control.ts";
import { Handlers } from "./handlers.ts";

export { dial } from "./web_socket.ts";

/** Listens; see `Control`. */
export function listen(onChannel: (channel: Channel) => void): Promise<ControlListening> {
  return new Promise((resolve, reject) => {
    const server = new WebSocketServer({ host: HOST, port: 0, perMessageDeflate: false });
    server.on("connection", (socket) => onChannel(channelOf(socket)));
    server.on("error", reject);
    server.on("listening", () => {
      const { port } = server.address() as AddressInfo;
      resolve({ port, close: () => new Promise((closed) => server.close(() => closed())) });
    });
  });
}

function channelOf(socket: WebSocket): Channel {
  const handlers = new Handlers();
  socket.on("message", (data: RawData) => handlers.handleMessage(data as Uint8Array));
  socket.on("close", () => handlers.handleEnd("the WebSocket was closed"));
  return {
    reliable: true,
    chunkBytes: RELIABLE_CHUNK_BYTES,
    windowMessages: Infinity,
    send(message) {
      // `ws` holds a view of what is sent until the kernel has taken it.
      socket.send(message.slice(), () => handlers.handleDrained());
      return socket.bufferedAmount < HIGH_WATER_BYTES;
    },
    drained: () => handlers.drained(),
    onMessage: handlers.onMessage,
    ended: handlers.ended,
    async close() {
      socket.close();
      await handlers.ended;
    },
  };
}
