/**
 * Socket.IO with WebSocket as its only transport: a message is an emit, its answer the acknowledgement.
 *
 * Bytes travel as base64, in one frame. Socket.IO takes them as they are too, but then in two frames, and carries only
 * two thirds as many of 128 bytes.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import type { Network, Pipe, PipeHandler } from "../pipe.ts";

const TRANSPORTS = ["websocket"] as const;

/** Socket.IO, for echoes. */
export const network: Network = {
  async serve(onPipe) {
    const http = createServer();
    const server = new Server(http, { transports: [...TRANSPORTS], serveClient: false });
    server.on("connection", (socket) => {
      const pipe = new AnsweringPipe();
      socket.on("message", (words: string, acknowledge: (words: string) => void) => {
        pipe.handle(decoded(words), acknowledge);
      });
      onPipe(pipe);
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  },
  dial(address) {
    const socket = io(address, { transports: [...TRANSPORTS], reconnection: false });
    let handler: PipeHandler = () => {};
    const pipe: Pipe = {
      send: (bytes) =>
        void socket.emitWithAck("message", encoded(bytes)).then((words) => handler(decoded(words))),
      receive: (given) => void (handler = given),
    };
    return new Promise((resolve, reject) => {
      socket.on("connect", () => resolve(pipe));
      socket.on("connect_error", reject);
    });
  },
};

/** What is sent while a message is handled is the acknowledgement of it. */
class AnsweringPipe implements Pipe {
  #handler: PipeHandler = () => {};
  #acknowledge: (words: string) => void = () => {};

  handle(bytes: Uint8Array, acknowledge: (words: string) => void): void {
    this.#acknowledge = acknowledge;
    void this.#handler(bytes);
  }

  send(bytes: Uint8Array): void {
    this.#acknowledge(encoded(bytes));
  }

  receive(handler: PipeHandler): void {
    this.#handler = handler;
  }
}

function encoded({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

function decoded(words: string): Uint8Array {
  return Buffer.from(words, "base64");
}
