/**
 * `port://name` with nothing but the message ports of the web: what browsers have.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Address, Transport } from "../../link.ts";
import { runtime } from "../runtime.ts";
import { PortLink } from "./port_link.ts";
import { dialPort, listenOnPorts } from "./registered_ports.ts";

/** The transport of `port://` in pages and their workers. */
export const webPort: Transport = {
  schemes: ["port"],

  async dial(address, { signal }) {
    requirePorts(address);
    signal?.throwIfAborted();
    return carrierOf((await dialPort("port", address.host, signal)).port, address.href);
  },

  // deno-lint-ignore require-await -- what is thrown here must reject
  async listen(address, _options, handler) {
    requirePorts(address);
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
 * Makes sure that there are ports, and that one is named.
 * @throws {HawserError} `invalid-address` if the address names no port, `unsupported` where there are none
 */
export function requirePorts(address: Address): void {
  if (address.host === "") {
    throw new HawserError("invalid-address", `${address.href} names no port; write ${address.scheme}://name`);
  }
  if (typeof MessageChannel === "undefined") {
    throw new HawserError("unsupported", `${runtime} has no message ports; dial ws:// there`);
  }
}
