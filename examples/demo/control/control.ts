/**
 * The control: the same work over the plain runtime, without Hawser, encryption or compression.
 *
 * One file per transport and runtime, each in the way its runtime is fastest.
 *
 * @module
 */

import { currentRuntime } from "../../../tests/runtimes/executables.ts";
import type { Channel } from "../channel.ts";

/** A plain listener. */
export interface ControlListening {
  readonly port: number;
  close(): Promise<void>;
}

/** One transport of the plain runtime, on 127.0.0.1. */
export interface Control {
  /** Listens on a free port and hands over each channel. */
  listen(onChannel: (channel: Channel) => void): Promise<ControlListening>;
  dial(port: number): Promise<Channel>;
}

/** The address of both ends. */
export const HOST = "127.0.0.1";

/** What one plain datagram carries of a file: an Ethernet frame less the headers, rounded down. */
export const DATAGRAM_CHUNK_BYTES = 1_400;

/** Datagrams on their way: what the kernel's default receive buffer (212,992 bytes, book-keeping included) holds. */
export const DATAGRAM_WINDOW = 64;

/** Bytes in a channel's queue from which on `send` returns `false`. */
export const HIGH_WATER_BYTES: number = 1024 * 1024;

/**
 * The control of a transport on this runtime.
 * @throws {Error} for a transport without one.
 */
export async function controlOf(transport: string): Promise<Control> {
  const runtime = currentRuntime();
  switch (transport) {
    case "tcp":
      return await import(`./tcp_${runtime}.ts`);
    case "udp":
      return await import(`./udp_${runtime}.ts`);
    case "ws":
      return await import(`./ws_${runtime}.ts`);
    case "mem":
      return await import("./mem.ts");
  }
  throw new Error(`there is no plain ${transport} to compare with`);
}
