/**
 * Options that suit a purpose, to be spread into one's own.
 *
 * The values are those that the Olocus network transport recommends for each, as far as every runtime takes them: none
 * lets the time to live of TCP be set (64 is the system's own), and Deno fixes the windows of QUIC.
 *
 * @module
 */

import type { TransportOptions } from "../link.ts";

const MIB = 1024 * 1024;

/**
 * Options for common purposes.
 *
 * @example
 * ```ts
 * import { connect, listen, PRESETS } from "@hawser/hawser";
 *
 * await using server = await listen("tcp://127.0.0.1:0", { ...PRESETS.productionTcp });
 * await using connection = await connect(server.urls, { ...PRESETS.productionTcp });
 * console.log(connection.traits.kind); // stream
 * ```
 */
export const PRESETS: {
  /** Servers that run for months: dead peers are noticed, small messages leave at once, a restart gets its port back. */
  readonly productionTcp: TransportOptions;
  /** Many datagrams, none of which any network cuts in two. */
  readonly highPerformanceUdp: TransportOptions;
  /**
   * Many streams, and clients that may be silent for two minutes. On Bun and Node larger windows go with it:
   * `quic: { ...PRESETS.enterpriseQuic.quic, windowBytes: 100 * 2 ** 20, streamWindowBytes: 10 * 2 ** 20 }`.
   */
  readonly enterpriseQuic: TransportOptions;
  /** Large messages through a WebSocket, and no more than that. */
  readonly productionWebSocket: TransportOptions;
} = {
  productionTcp: { keepAlive: true, noDelay: true, reuseAddress: true, reusePort: false },
  highPerformanceUdp: { mtu: 1_400, reuseAddress: true, broadcast: false },
  enterpriseQuic: {
    quic: {
      streamsMax: 1_000,
      keepAliveMs: 30_000,
      idleMsMax: 120_000,
    },
  },
  productionWebSocket: { messageBytesMax: 32 * MIB, deflate: false },
};
