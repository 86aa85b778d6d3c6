/**
 * `mem://name`: message links inside one process, on every runtime.
 *
 * Names live in this module, so they are shared by all that runs in one worker. A message is handed over as it is: the
 * receiver gets the very bytes that were sent.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Link, ListenHandler, Transport } from "../../link.ts";
import { formatAddress } from "../address.ts";
import { MemoryLink } from "./memory_link.ts";

const listeners = new Map<string, ListenHandler>();
let lastNumber = 0;

/** The transport of `mem://`. */
export const mem: Transport = {
  schemes: ["mem"],

  async dial(address, { signal }) {
    await undefined; // A dial is asynchronous on every transport: the signal may still fire.
    signal?.throwIfAborted();
    const handler = listeners.get(address.host);
    if (handler === undefined) {
      throw new HawserError(
        "connection-refused",
        `nobody listens on ${address.href} in this process; listen first`,
      );
    }
    const [near, far] = MemoryLink.pair(urlOf(freeName("dialled")), address.href);
    handler.onLink(far);
    return near;
  },

  // deno-lint-ignore require-await -- what is thrown here must reject
  async listen(address, _options, handler) {
    const name = address.host === "" || address.host === "0" ? freeName("listener") : address.host;
    const url = urlOf(name);
    if (listeners.has(name)) {
      throw new HawserError(
        "address-in-use",
        `another listener of this process has ${url}; choose another name, or mem://0 for a free one`,
      );
    }
    listeners.set(name, handler);
    return {
      url,
      close() {
        if (listeners.get(name) === handler) listeners.delete(name);
        return Promise.resolve();
      },
    };
  },
};

/**
 * Two ends of one link, without a name.
 */
export function memoryPair(): [Link, Link] {
  return MemoryLink.pair(urlOf(freeName("pair")), urlOf(freeName("pair")));
}

function urlOf(host: string): string {
  return formatAddress({ scheme: "mem", host });
}

function freeName(stem: string): string {
  let name: string;
  do name = `${stem}-${++lastNumber}`; while (listeners.has(name));
  return name;
}
