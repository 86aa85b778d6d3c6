/**
 * `ws://` and `wss://` where there is nothing but the `WebSocket` of the web: browsers can dial, and not listen.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Transport } from "../../link.ts";
import { establish, nativeSocket, notHawser } from "./establish.ts";
import { messageBytesMaxOf } from "./ws_link.ts";

/** The transport of `ws://` and `wss://` in browsers. */
export const webSocketDialler: Transport = {
  schemes: ["ws", "wss"],

  async dial(address, options) {
    const messageBytesMax = messageBytesMaxOf(options);
    options.signal?.throwIfAborted();
    // A browser tells nobody why a dial failed, so that no page can look around in its user's network.
    const hint = address.scheme === "wss" ? ", and that the browser knows its certificate" : "";
    const explain = (cause: unknown) => Promise.resolve(notHawser(address, cause, hint));
    return await establish(address, nativeSocket(address), messageBytesMax, options.signal, explain);
  },

  // deno-lint-ignore require-await -- what is thrown here must reject
  async listen({ href }) {
    throw new HawserError(
      "unsupported",
      `nobody listens on ${href} in a page or a worker; let it dial Deno, Bun or Node`,
    );
  },
};
