/**
 * `ws://host:port/path`: message links over WebSockets.
 *
 * Every runtime can dial; Deno, Bun and Node can listen. Both sides must name the subprotocol `hawser-v1`, and only
 * binary messages are taken. Options: `messageBytesMax`; for listeners `origins` and, where the system has it,
 * `reusePort`. Nothing is compressed here: packets are ciphertext.
 *
 * A side that dialled may close only with codes that the web allows: it says 3003 for 1003 (text) and 3009 for 1009
 * (too large). On Deno, Node and browsers an aborted link still sends what the runtime's WebSocket had taken.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Address, ListenHandler, Listening, Transport, TransportOptions } from "../../link.ts";
import { runtime } from "../runtime.ts";
import type { UpgradeRules } from "./upgrade.ts";
import { messageBytesMaxOf } from "./ws_link.ts";

/** What a runtime's file needs to listen. */
export interface WsListen {
  readonly address: Address;
  readonly rules: UpgradeRules;
  readonly options: TransportOptions;
  readonly messageBytesMax: number;
  readonly handler: ListenHandler;
}

/** The transport of `ws://`. */
export const ws: Transport = {
  schemes: ["ws"],

  async dial(address, options) {
    const messageBytesMax = messageBytesMaxOf(options);
    const { dial } = await import("./client.ts");
    options.signal?.throwIfAborted();
    return await dial(address, messageBytesMax, options.signal);
  },

  async listen(address, options, handler): Promise<Listening> {
    const messageBytesMax = messageBytesMaxOf(options);
    const origins = (options.origins ?? []).map((origin) => origin.toLowerCase());
    const rules = { path: address.path.split("?")[0] || "/", origins };
    const { listen } = await adapter();
    return await listen({ address, rules, options, messageBytesMax, handler });
  },
};

async function adapter(): Promise<{ listen(what: WsListen): Promise<Listening> }> {
  switch (runtime) {
    case "deno":
      return await import("./deno.ts");
    case "bun":
      return await import("./bun.ts");
    case "node":
      return await import("./node.ts");
    default:
      throw new HawserError(
        "unsupported",
        `${runtime} cannot listen on ws://; it can dial, or the listener runs on Deno, Bun or Node`,
      );
  }
}
