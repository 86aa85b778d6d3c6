/**
 * Plain TCP on Node: `node:net`.
 *
 * @module
 */

import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { type Channel, RELIABLE_CHUNK_BYTES } from "../channel.ts";
import { type ControlListening, HIGH_WATER_BYTES, HOST } from "./control.ts";
import { Inbox, Outbox } from "./framing.ts";
import { Handlers } from "./handlers.ts";

/** Listens; see `Control`. */
export function listen(onChannel: (channel: Channel) => void): Promise<ControlListening> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => onChannel(channelOf(socket)));
    server.once("error", reject);
    server.listen(0, HOST, () => {
      const { port } = server.address() as AddressInfo;
      resolve({ port, close: () => new Promise((closed) => void server.close(() => closed())) });
    });
  });
}

/** Dials; see `Control`. */
export function dial(port: number): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, HOST, () => resolve(channelOf(socket)));
    socket.once("error", reject);
  });
}

function channelOf(socket: Socket): Channel {
  socket.setNoDelay(true);
  const handlers = new Handlers();
  const inbox = new Inbox();
  const outbox = new Outbox();
  let writing = false;
  socket.on("data", (bytes) => inbox.push(bytes as Uint8Array, handlers.handleMessage));
  socket.on("error", (error) => handlers.handleEnd(String(error)));
  socket.on("close", () => handlers.handleEnd("the peer closed"));
  return {
    reliable: true,
    chunkBytes: RELIABLE_CHUNK_BYTES,
    windowMessages: Infinity,
    send(message) {
      outbox.push(message);
      if (!writing) {
        writing = true;
        queueMicrotask(write);
      }
      return outbox.length < HIGH_WATER_BYTES;
    },
    drained: () => handlers.drained(),
    onMessage: handlers.onMessage,
    ended: handlers.ended,
    close: () => Promise.resolve(void socket.end()),
  };

  // The buffer may be filled again only when the kernel has it, so one write is under way at a time.
  function write(): void {
    writing = outbox.length > 0;
    if (writing) socket.write(outbox.take(), write);
    handlers.handleDrained();
  }
}
