/**
 * What the demo speaks through: a Hawser connection, or the plain runtime beside it.
 *
 * Both ends of the demo know only this, so that the two are measured with the same code.
 *
 * @module
 */

import type { Connection } from "../../mod.ts";

/** A two-way road for messages. */
export interface Channel {
  /** Whether what was sent arrives, in order, while the channel lives. */
  readonly reliable: boolean;
  /** The most bytes of a file that one message should carry. */
  readonly chunkBytes: number;
  /** Where messages may be lost: how many may be on their way without an answer. */
  readonly windowMessages: number;
  /** Sends a message, which is copied. `false`: accepted, but wait for `drained` before the next. */
  send(message: Uint8Array): boolean;
  /** Resolves when there is room; rejects when the channel has ended. */
  drained(): Promise<void>;
  /** Calls `handler` with each message, valid until it returns. A later handler takes the place of an earlier one. */
  onMessage(handler: (message: Uint8Array) => void): void;
  /** Resolves, with the reason, when the channel has ended. */
  readonly ended: Promise<string>;
  /** Ends the channel in order. */
  close(): Promise<void>;
}

/** A reliable transport has no bound on messages: one record per packet of Hawser. */
export const RELIABLE_CHUNK_BYTES: number = 64 * 1024 - 64;

// A lost datagram loses its message whole, so messages are short: a dozen datagrams.
const DATAGRAM_CHUNK_BYTES = 16 * 1024;

/** A connection of Hawser as a channel. */
export function channelOf(connection: Connection): Channel {
  const { reliable } = connection.traits;
  return {
    reliable,
    chunkBytes: reliable ? RELIABLE_CHUNK_BYTES : DATAGRAM_CHUNK_BYTES,
    windowMessages: 32,
    send: (message) => connection.send(message),
    drained: () => connection.drained(),
    onMessage: (handler) => connection.onMessage(handler),
    ended: connection.closed.then(({ error, by, code, reason }) =>
      error?.message ?? `the connection was closed (${by}, code ${code}${reason === "" ? "" : `, ${reason}`})`
    ),
    close: async () => void await connection.close(),
  };
}
