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
  #untaken = 0;

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
    this.#port.postMessage(undefined);
    this.#port.close();
    return Promise.resolve();
  }

  // A number says how many messages the other end has taken; nothing, that it has ended.
  #handle(data: Uint8Array | number | undefined): void {
    if (typeof data === "number") return this.#handleTaken(data);
    if (data === undefined) {
      this.#handlers.handleEnd("the peer closed");
      return this.#port.close();
    }
    this.#handlers.handleMessage(data);
    this.#taken++;
    if (this.#taken < UNTAKEN_MAX / 4) return;
    this.#port.postMessage(this.#taken);
    this.#taken = 0;
  }

  #taken = 0;

  #handleTaken(count: number): void {
    this.#untaken -= count;
    if (this.#untaken < UNTAKEN_MAX / 2) this.#handlers.handleDrained();
  }
}
