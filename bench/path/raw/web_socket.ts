/**
 * The client's half of the WebSocket control: the `WebSocket` that all three runtimes have.
 *
 * @module
 */

import type { Pipe } from "../pipe.ts";

/** Opens a WebSocket, and resolves when it is open. */
export function dialWebSocket(address: string): Promise<Pipe> {
  return openWebSocket(new WebSocket(address));
}

/** Resolves when a WebSocket is open. */
export function openWebSocket(socket: WebSocket): Promise<Pipe> {
  socket.binaryType = "arraybuffer";
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(webSocketPipe(socket));
    socket.onerror = () => reject(new Error(`no WebSocket at ${socket.url}`));
  });
}

/** A pipe over a WebSocket that is open or will be. */
export function webSocketPipe(socket: WebSocket): Pipe {
  return {
    send: (bytes) => socket.send(bytes as Uint8Array<ArrayBuffer>),
    receive(handler) {
      socket.onmessage = (event) => void handler(new Uint8Array(event.data));
    },
  };
}
