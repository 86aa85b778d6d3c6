/**
 * `ws://host:port/path` and `wss://host:port/path`: message links over WebSockets.
 *
 * Every runtime can dial; Deno, Bun and Node can listen. Both sides must name the subprotocol `hawser-v1`, and only
 * binary messages are taken. Options: `messageBytesMax`; for listeners `origins` and, where the system has it,
 * `reusePort`; for dials `proxy`. With `deflate` on both sides messages are compressed (permessage-deflate), which
 * gains nothing as a rule: packets are ciphertext, and compressed already where that helps.
 *
 * `wss://` is TLS as that of `tls://`, with the same options `tls` and the same refusals, and needs the package `ws` on
 * every runtime: `npm install ws`. Without it the runtime's own WebSocket still dials where no `tls`, `proxy` or
 * `deflate` is asked for.
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

/** The transport of `ws://` and `wss://`. */
export const ws: Transport = {
  schemes: ["ws", "wss"],

  async dial(address, options) {
    const messageBytesMax = messageBytesMaxOf(options);
    const { dial } = await import("./client.ts");
    options.signal?.throwIfAborted();
    return await dial(address, messageBytesMax, options);
  },

  async listen(address, options, handler): Promise<Listening> {
    const messageBytesMax = messageBytesMaxOf(options);
    const origins = (options.origins ?? []).map((origin) => origin.toLowerCase());
    const rules = { path: address.path.split("?")[0] || "/", origins };
    const { listen } = await adapter(address, options);
    return await listen({ address, rules, options, messageBytesMax, handler });
  },
};

async function adapter(
  { scheme }: Address,
  { deflate = false }: TransportOptions,
): Promise<{ listen(what: WsListen): Promise<Listening> }> {
  if (runtime === "browser" || runtime === "workerd") {
    const advice = "it can dial, or the listener runs on Deno, Bun or Node";
    throw new HawserError("unsupported", `${runtime} cannot listen on ${scheme}://; ${advice}`);
  }
  if (scheme === "wss") return await import("./secure.ts");
  // Deno has no compression of messages, and the package has it everywhere.
  if (runtime === "node" || deflate) return await import("./node.ts");
  return runtime === "deno" ? await import("./deno.ts") : await import("./bun.ts");
}
