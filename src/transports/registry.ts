/**
 * The transports of Deno, Bun and Node.
 *
 * @module
 */

import type { Transport } from "../link.ts";
import { TransportTable } from "./table.ts";

/** Every transport that Hawser has; specifiers are literal, so that bundlers and registries see every file. */
export const transports: TransportTable = new TransportTable({
  tcp: async () => (await import("./tcp/mod.ts")).tcp,
  tls: async () => (await import("./tls/mod.ts")).tls,
  quic: async () => (await import("./quic/mod.ts")).quic,
  udp: async () => (await import("./udp/mod.ts")).udp,
  ws: async () => (await import("./ws/mod.ts")).ws,
  wss: async () => (await import("./ws/mod.ts")).ws,
  wt: async () => (await import("./wt/mod.ts")).wt,
  unix: async () => (await import("./unix/mod.ts")).unix,
  port: async () => (await import("./port/mod.ts")).port,
  shm: async () => (await import("./shm/mod.ts")).shm,
  webrtc: async () => (await import("./webrtc/mod.ts")).webrtc,
  mem: async () => (await import("./mem/mod.ts")).mem,
});

/**
 * Adds a transport of the user's own. It serves its schemes from now on, in place of a built-in one of that name.
 *
 * @throws {TypeError} if a scheme is not a word in lower case
 * @throws {RangeError} if a scheme was registered before
 *
 * @example
 * ```ts
 * import { connect, HawserError, registerTransport } from "@hawser/hawser";
 *
 * const unreachable = () => Promise.reject(new HawserError("unsupported", "no pigeon can be had"));
 * registerTransport({ schemes: ["pigeon"], dial: unreachable, listen: unreachable });
 *
 * await connect("pigeon://loft", { trust: () => true }).catch((error) => console.log(error.message));
 * ```
 */
export function registerTransport(transport: Transport): void {
  transports.register(transport);
}

/**
 * The transport that serves `scheme`; see {@linkcode TransportTable.find}.
 * @throws {HawserError} `invalid-address` if nobody serves it
 */
export function transportFor(scheme: string): Promise<Transport> {
  return transports.find(scheme);
}
