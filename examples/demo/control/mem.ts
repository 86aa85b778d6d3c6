/**
 * The plain counterpart of `mem://`: a `MessageChannel`, which every runtime has.
 *
 * @module
 */

import { type Channel, RELIABLE_CHUNK_BYTES } from "../channel.ts";
import type { ControlListening } from "./control.ts";
import { Handlers } from "./handlers.ts";

// Messages that the other end has not taken: a port itself has no bound and tells nobody.
const UNTAKEN_MAX = 64;

// A port that is closed tells the other end on some runtimes only.
const END = "end";

const listeners: Map<number, (channel: Channel) => void> = new Map();
let ports = 0;

/** Listens within this process; see `Control`. */
// deno-lint-ignore require-await -- others of its kind are asynchronous
export async function listen(onChannel: (channel: Channel) => void): Promise<ControlListening> {
  const port = ++ports;
  listeners.set(port, onChannel);
  return { port, close: () => Promise.resolve(void listeners.delete(port)) };
}

/** Dials within this process; see `Control`. */
// deno-lint-ignore require-await -- others of its kind are asynchronous
export async function dial(port: number): Promise<Channel> {
  const { port1, port2 } = new MessageChannel();
  listeners.get(port)?.(new PortChannel(port2));
  return new PortChannel(port1);
}

class PortChannel implements Channel {
  readonly reliable = true;
  readonly chunkBytes = RELIABLE_CHUNK_BYTES;
  readonly windowMessages = Infinity;
  readonly ended: Promise<string>;
  readonly onMessage: Channel["onMessage"];
  readonly #port: MessagePort;
  readonly #handlers = new Handlers();
  // Sent, and not taken by the other end.
  #untaken = 0;
  // Taken, and not told to the other end.
  #taken = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    this.ended = this.#handlers.ended;
    this.onMessage = this.#handlers.onMessage;
    port.onmessage = ({ data }) => this.#handle(data);
  }

  // Copied by the structured clone.
  send(message: Uint8Array): boolean {
    this.#port.postMessage(message);
    return ++this.#untaken < UNTAKEN_MAX;
  }

  drained(): Promise<void> {
    return this.#handlers.drained();
  }

  close(): Promise<void> {
    this.#handlers.handleEnd("closed");
    this.#port.postMessage(END);
    this.#port.close();
    return Promise.resolve();
  }

  // A number says how many messages the other end has taken.
  #handle(data: Uint8Array | number | typeof END): void {
    if (typeof data === "number") return this.#handleTaken(data);
    if (data === END) {
      this.#handlers.handleEnd("the peer closed");
      return this.#port.close();
    }
    this.#handlers.handleMessage(data);
    this.#taken++;
    if (this.#taken < UNTAKEN_MAX / 4) return;
    this.#port.postMessage(this.#taken);
    this.#taken = 0;
  }

  #handleTaken(count: number): void {
    this.#untaken -= count;
    if (this.#untaken < UNTAKEN_MAX / 2) this.#handlers.handleDrained();
  }
}
