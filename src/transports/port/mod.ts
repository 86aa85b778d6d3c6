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
    checkName(address);
    await prepare();
    signal?.throwIfAborted();
    const link = new PortLink(await dialPort(address.host, signal), address.href, address.href);
    if (runtime === "deno") link.watch();
    return link;
  },

  async listen(address, _options, handler) {
    checkName(address);
    await prepare();
    const url = address.href;
    const unlisten = listenOnPorts(address.host, (port) => handler.onLink(new PortLink(port, url, url)));
    if (unlisten === undefined) {
      const advice = "choose another name for the port";
      throw new HawserError("address-in-use", `another listener of this worker has ${url}; ${advice}`);
    }
    let closed = false;
    return {
      url,
      close() {
        if (!closed) unlisten();
        closed = true;
        return Promise.resolve();
      },
    };
  },
};

function checkName(address: Address): void {
  if (address.host !== "") return;
  throw new HawserError("invalid-address", `${address.href} names no port; write port://name`);
}

async function prepare(): Promise<void> {
  if (typeof MessageChannel === "undefined") {
    throw new HawserError("unsupported", `${runtime} has no message ports; dial ws:// there`);
  }
  // Without this module Deno does not tell that the other end of a port is closed.
  if (runtime === "deno") await import("node:worker_threads");
}
