/**
 * `port://name`: message links between workers, over a `MessagePort` or a `Worker` that {@linkcode registerPort} has
 * given a name, on every runtime that has them.
 *
 * Each link has a channel of its own, so one port carries any number of them. Large messages are transferred, not
 * copied, where nothing else lies in their buffer. The end of a worker ends its links at once where the runtime
 * tells (Deno, Bun, Node, Chromium); elsewhere the keepalive of the session finds out.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Address, Transport } from "../../link.ts";
import { runtime } from "../runtime.ts";
import { PortLink } from "./port_link.ts";
import { dialPort, listenOnPorts } from "./registered_ports.ts";

/** The transport of `port://`. */
export const port: Transport = {
  schemes: ["port"],

  async dial(address, { signal }) {
    await preparePorts(address);
    signal?.throwIfAborted();
    return carrierOf((await dialPort("port", address.host, signal)).port, address.href);
  },

  async listen(address, _options, handler) {
    await preparePorts(address);
    const url = address.href;
    const close = listenOnPorts("port", address.host, (port) => handler.onLink(new PortLink(port, url, url)));
    return { url, close };
  },
};

/** A link over a port that was dialled. */
export function carrierOf(port: MessagePort, url: string): PortLink {
  const link = new PortLink(port, url, url);
  if (runtime === "deno") link.watch();
  return link;
}

/**
 * Makes sure that there are ports, and that they tell of their end.
 * @throws {HawserError} `invalid-address` if the address names no port, `unsupported` where there are none
 */
export async function preparePorts(address: Address): Promise<void> {
  if (address.host === "") {
    throw new HawserError("invalid-address", `${address.href} names no port; write ${address.scheme}://name`);
  }
  if (typeof MessageChannel === "undefined") {
    throw new HawserError("unsupported", `${runtime} has no message ports; dial ws:// there`);
  }
  // Without this module Deno does not tell that the other end of a port is closed.
  if (runtime === "deno") await import("node:worker_threads");
}
