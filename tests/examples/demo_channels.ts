/**
 * Channels in memory for tests of the demo: perfect ones, and those that lose or change messages.
 *
 * @module
 */

import type { Channel } from "../../examples/demo/channel.ts";

/** What becomes of message number `index` of one direction: what to deliver, or `undefined` to lose it. */
export type Weather = (message: Uint8Array, index: number) => Uint8Array | undefined;

/** Options of {@linkcode channelPair}. */
export interface PairOptions {
  readonly reliable: boolean;
  /** On the way from the near end to the far end. */
  readonly out?: Weather;
  /** On the way back. */
  readonly back?: Weather;
}

/** Two ends of one channel. */
export function channelPair({ reliable, out, back }: PairOptions): { near: End; far: End } {
  const near = new End(reliable, out);
  const far = new End(reliable, back);
  near.peer = far;
  far.peer = near;
  return { near, far };
}

/** One end. */
export class End implements Channel {
  readonly reliable: boolean;
  readonly chunkBytes = 1_000;
  readonly windowMessages = 8;
  readonly ended: Promise<string>;
  peer!: End;
  readonly #weather: Weather;
  readonly #end: (reason: string) => void;
  #handler: ((message: Uint8Array) => void) | undefined;
  #sent = 0;

  constructor(reliable: boolean, weather: Weather = (message) => message) {
    this.reliable = reliable;
    this.#weather = weather;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.ended = promise;
    this.#end = resolve;
  }

  send(message: Uint8Array): boolean {
    const delivered = this.#weather(message.slice(), this.#sent++);
    if (delivered !== undefined) queueMicrotask(() => this.peer.#handler?.(delivered));
    return true;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  onMessage(handler: (message: Uint8Array) => void): void {
    this.#handler = handler;
  }

  /** Breaks the channel. */
  break(reason: string): void {
    this.#end(reason);
  }

  close(): Promise<void> {
    this.#end("closed");
    return Promise.resolve();
  }
}
