/**
 * `port://name`: message links between workers, over a `MessagePort` or a `Worker` that {@linkcode registerPort} has
 * given a name, on every runtime that has them.
 *
 * Each link has a channel of its own, so one port carries any number of them. Large messages are transferred, not
 * copied, where nothing else lies in their buffer. The end of a worker ends its links at once: Deno, Bun and Node tell
 * it, and in browsers a lock does (`life_lock.ts`), where the page came over https or from this machine; elsewhere
 * the keepalive of the session finds out.
 *
 * @module
 */

import type { Transport } from "../../link.ts";
import { runtime } from "../runtime.ts";
import { webPort } from "./web.ts";

/** The transport of `port://` on Deno, Bun and Node. */
export const port: Transport = {
  schemes: webPort.schemes,

  async dial(address, options) {
    await preparePorts();
    return await webPort.dial(address, options);
  },

  async listen(address, options, handler) {
    await preparePorts();
    return await webPort.listen(address, options, handler);
  },
};

/** Makes sure that ports tell of their end: without this module Deno does not tell that the other end is closed. */
export async function preparePorts(): Promise<void> {
  if (runtime === "deno") await import("node:worker_threads");
}
