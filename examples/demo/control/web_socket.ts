/**
 * The `WebSocket` of the web platform as a channel: what all three dial with, and what Deno listens with.
 *
 * @module
 */

import { type Channel, RELIABLE_CHUNK_BYTES } from "../channel.ts";
import { HIGH_WATER_BYTES, HOST } from "./control.ts";
import { Handlers } from "./handlers.ts";

// The platform has no event for room in the queue, so it is looked for again and again.
const POLL_MS = 1;

/** Dials; see `Control`. */
export function dial(port: number): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${HOST}:${port}/`);
    const channel = channelOf(socket);
    socket.onopen = () => resolve(channel);
    socket.onerror = () => reject(new Error(`the plain WebSocket to port ${port} failed`));
  });
}

/** A socket as a channel. */
export function channelOf(socket: WebSocket): Channel {
  const handlers = new Handlers();
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => handlers.handleMessage(new Uint8Array(data));
  socket.onclose = () => handlers.handleEnd("the WebSocket was closed");
  return {
    reliable: true,
    chunkBytes: RELIABLE_CHUNK_BYTES,
    windowMessages: Infinity,
    send(message) {
      socket.send(message as Uint8Array<ArrayBuffer>);
      return socket.bufferedAmount < HIGH_WATER_BYTES;
    },
    async drained() {
      while (!handlers.isOver && socket.bufferedAmount >= HIGH_WATER_BYTES / 2) {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      if (handlers.isOver) throw new Error("the WebSocket was closed");
    },
    onMessage: handlers.onMessage,
    ended: handlers.ended,
    async close() {
      socket.close();
      await handlers.ended;
    },
  };
}
