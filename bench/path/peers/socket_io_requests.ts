/**
 * Requests of Socket.IO, with WebSocket as its only transport: emits with acknowledgements.
 *
 * @module
 */

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { type Answer, answer, type Question, type Questions } from "../requests.ts";

const TRANSPORTS = ["websocket"] as const;

/** A server that acknowledges. */
export const questions: Questions = {
  async serve() {
    const http = createServer();
    const server = new Server(http, { transports: [...TRANSPORTS], serveClient: false });
    server.on("connection", (socket) => {
      socket.on("ask", (question: Question, acknowledge: (answer: Answer) => void) => {
        acknowledge(answer(question));
      });
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  },
  dial(address) {
    const socket = io(address, { transports: [...TRANSPORTS], reconnection: false });
    return new Promise((resolve, reject) => {
      socket.on("connect", () => resolve((question) => socket.emitWithAck("ask", question)));
      socket.on("connect_error", reject);
    });
  },
};
