/**
 * Plain WebSockets on Bun: `Bun.serve`, `WebSocket`.
 *
 * @module
 */

import { type Channel, RELIABLE_CHUNK_BYTES } from "../channel.ts";
import { type ControlListening, HOST } from "./control.ts";
import { Handlers } from "./handlers.ts";

export { dial } from "./web_socket.ts";

interface Socket {
  readonly data: { handlers: Handlers };
  binaryType: string;
  /** -1: queued, 0: dropped, else sent. */
  sendBinary(bytes: Uint8Array): number;
  close(): void;
}

interface Options {
  readonly hostname: string;
  readonly port: number;
  fetch(
    request: Request,
    server: { upgrade(request: Request, options: unknown): boolean },
  ): Response | undefined;
  readonly websocket: {
    readonly backpressureLimit: number;
    open(socket: Socket): void;
    message(socket: Socket, bytes: Uint8Array): void;
    drain(socket: Socket): void;
    close(socket: Socket): void;
  };
}

declare const Bun: {
  serve(options: Options): { readonly port: number; stop(force: boolean): Promise<void> };
};

// Without a bound Bun drops nothing; the near end bounds what waits.
const NO_LIMIT = 0;

/** Listens; see `Control`. */
// deno-lint-ignore require-await -- others of its kind are asynchronous
export async function listen(onChannel: (channel: Channel) => void): Promise<ControlListening> {
  const server = Bun.serve({
    hostname: HOST,
    port: 0,
    fetch(request, server) {
      const upgraded = server.upgrade(request, { data: { handlers: new Handlers() } });
      return upgraded ? undefined : new Response("only WebSockets are served here", { status: 426 });
    },
    websocket: {
      backpressureLimit: NO_LIMIT,
      open(socket) {
        socket.binaryType = "uint8array";
        onChannel(channelOf(socket));
      },
      message: (socket, bytes) => socket.data.handlers.handleMessage(bytes),
      drain: (socket) => socket.data.handlers.handleDrained(),
      close: (socket) => socket.data.handlers.handleEnd("the WebSocket was closed"),
    },
  });
  return { port: server.port, close: () => server.stop(true) };
}

function channelOf(socket: Socket): Channel {
  const { handlers } = socket.data;
  return {
    reliable: true,
    chunkBytes: RELIABLE_CHUNK_BYTES,
    windowMessages: Infinity,
    send: (message) => socket.sendBinary(message) > 0,
    drained: () => handlers.drained(),
    onMessage: handlers.onMessage,
    ended: handlers.ended,
    async close() {
      socket.close();
      await handlers.ended;
    },
  };
}
