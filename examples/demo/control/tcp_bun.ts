/**
 * Plain TCP on Bun: `Bun.listen`, `Bun.connect`.
 *
 * @module
 */

import { type Channel, RELIABLE_CHUNK_BYTES } from "../channel.ts";
import { type ControlListening, HIGH_WATER_BYTES, HOST } from "./control.ts";
import { Inbox, Outbox } from "./framing.ts";
import { Handlers } from "./handlers.ts";

interface Socket {
  data: BunChannel | undefined;
  write(bytes: Uint8Array): number;
  setNoDelay(on: boolean): boolean;
  end(): void;
}

interface Options {
  readonly hostname: string;
  readonly port: number;
  readonly socket: {
    readonly binaryType: "uint8array";
    open(socket: Socket): void;
    data(socket: Socket, bytes: Uint8Array): void;
    drain(socket: Socket): void;
    error(socket: Socket, cause: Error): void;
    close(socket: Socket): void;
  };
}

declare const Bun: {
  connect(options: Options): Promise<Socket>;
  listen(options: Options): { readonly port: number; stop(): void };
};

/** Listens; see `Control`. */
// deno-lint-ignore require-await -- others of its kind are asynchronous
export async function listen(onChannel: (channel: Channel) => void): Promise<ControlListening> {
  const listener = Bun.listen({ hostname: HOST, port: 0, socket: socketHandler(onChannel) });
  return { port: listener.port, close: () => Promise.resolve(listener.stop()) };
}

/** Dials; see `Control`. */
export function dial(port: number): Promise<Channel> {
  return new Promise((resolve, reject) => {
    Bun.connect({ hostname: HOST, port, socket: socketHandler(resolve) }).catch(reject);
  });
}

function socketHandler(onChannel: (channel: Channel) => void): Options["socket"] {
  return {
    binaryType: "uint8array",
    open: (socket) => onChannel(new BunChannel(socket)),
    data: (socket, bytes) => socket.data?.handleData(bytes),
    drain: (socket) => socket.data?.write(),
    error: (socket, cause) => socket.data?.handleEnd(String(cause)),
    close: (socket) => socket.data?.handleEnd("the peer closed"),
  };
}

class BunChannel implements Channel {
  readonly reliable = true;
  readonly chunkBytes = RELIABLE_CHUNK_BYTES;
  readonly windowMessages = Infinity;
  readonly ended: Promise<string>;
  readonly onMessage: Channel["onMessage"];
  readonly #socket: Socket;
  readonly #handlers = new Handlers();
  readonly #inbox = new Inbox();
  readonly #outbox = new Outbox();
  // What the kernel has not taken yet: while there is some, the rest waits for `drain`.
  #unwritten: Uint8Array = new Uint8Array(0);
  #isScheduled = false;

  constructor(socket: Socket) {
    socket.data = this;
    socket.setNoDelay(true);
    this.#socket = socket;
    this.ended = this.#handlers.ended;
    this.onMessage = this.#handlers.onMessage;
  }

  send(message: Uint8Array): boolean {
    this.#outbox.push(message);
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      queueMicrotask(() => this.write());
    }
    return this.#outbox.length < HIGH_WATER_BYTES;
  }

  drained(): Promise<void> {
    return this.#handlers.drained();
  }

  close(): Promise<void> {
    this.#handlers.handleEnd("closed");
    this.#socket.end();
    return Promise.resolve();
  }

  handleData(bytes: Uint8Array): void {
    this.#inbox.push(bytes, this.#handlers.handleMessage);
  }

  handleEnd(reason: string): void {
    this.#handlers.handleEnd(reason);
  }

  /** Writes until the kernel takes no more. */
  write(): void {
    while (!this.#handlers.isOver) {
      if (this.#unwritten.length === 0) {
        if (this.#outbox.length === 0) break;
        this.#unwritten = this.#outbox.take();
      }
      const count = this.#socket.write(this.#unwritten);
      this.#unwritten = this.#unwritten.subarray(Math.max(0, count));
      if (this.#unwritten.length > 0) return; // `drain` follows.
    }
    this.#isScheduled = false;
    this.#handlers.handleDrained();
  }
}
