/**
 * One channel per remote address over a plain datagram socket.
 *
 * @module
 */

import type { Channel } from "../channel.ts";
import { DATAGRAM_CHUNK_BYTES, DATAGRAM_WINDOW } from "./control.ts";
import { Handlers } from "./handlers.ts";

/** Sends to one address; `false`: wait for `handleDrained`. */
export type SendDatagram = (bytes: Uint8Array) => boolean;

/** The end of a channel that a socket feeds. */
export interface DatagramChannel {
  readonly handlers: Handlers;
  readonly channel: Channel;
}

/** Makes a channel that sends with `send`. */
export function datagramChannel(send: SendDatagram, close: () => Promise<void>): DatagramChannel {
  const handlers = new Handlers();
  const channel: Channel = {
    reliable: false,
    chunkBytes: DATAGRAM_CHUNK_BYTES,
    windowMessages: DATAGRAM_WINDOW,
    send,
    drained: () => handlers.drained(),
    onMessage: handlers.onMessage,
    ended: handlers.ended,
    async close() {
      handlers.handleEnd("closed");
      await close();
    },
  };
  return { handlers, channel };
}

/** Finds the channel of a sender, or opens one. */
export class Senders {
  readonly #channels: Map<string, DatagramChannel> = new Map();
  readonly #onChannel: (channel: Channel) => void;
  #lastKey = "";
  #last: DatagramChannel | undefined;

  constructor(onChannel: (channel: Channel) => void) {
    this.#onChannel = onChannel;
  }

  /** A datagram came from `host` and `port`; `open` says how to answer there. */
  handle(bytes: Uint8Array, host: string, port: number, open: () => SendDatagram): void {
    const key = `${host} ${port}`;
    if (this.#last === undefined || key !== this.#lastKey) {
      this.#last = this.#channels.get(key) ?? this.#open(key, open());
      this.#lastKey = key;
    }
    this.#last.handlers.handleMessage(bytes);
  }

  /** The socket takes more. */
  handleDrained(): void {
    for (const { handlers } of this.#channels.values()) handlers.handleDrained();
  }

  #open(key: string, send: SendDatagram): DatagramChannel {
    const opened = datagramChannel(send, () => Promise.resolve());
    this.#channels.set(key, opened);
    this.#onChannel(opened.channel);
    return opened;
  }
}
