/**
 * Rooms of Socket.IO, with WebSocket as their only transport.
 *
 * @module
 */

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { io, type Socket } from "socket.io-client";
import type { Rooms } from "../fanout.ts";

const TRANSPORTS = ["websocket"] as const;
const ROOM = "room.7";

/** One room, whose members get what a client publishes. */
export const rooms: Rooms = {
  async serve() {
    const http = createServer();
    const server = new Server(http, { transports: [...TRANSPORTS], serveClient: false });
    server.on("connection", (socket) => {
      socket.on("subscribe", async (acknowledge: () => void) => {
        await socket.join(ROOM);
        acknowledge();
      });
      socket.on("publish", (text: string) => void server.to(ROOM).emit("event", text));
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  },
  async subscribe(address, onEvent) {
    const socket = await dial(address);
    socket.on("event", onEvent);
    await socket.emitWithAck("subscribe");
  },
  async publisher(address) {
    const socket = await dial(address);
    return (text) => void socket.emit("publish", text);
  },
};

function dial(address: string): Promise<Socket> {
  // Each a connection of its own, as if they were far from each other.
  const socket = io(address, { transports: [...TRANSPORTS], reconnection: false, forceNew: true });
  return new Promise((resolve, reject) => {
    socket.on("connect", () => resolve(socket));
    socket.on("connect_error", reject);
  });
}
