/**
 * `tcp://host:port`: a stream link over TCP, on Deno, Bun and Node.
 *
 * Options: `keepAlive` and `noDelay` are on unless switched off; `reusePort` where the runtime has it. No runtime
 * offers the time to live of a TCP socket, and all of them set SO_REUSEADDR by themselves, so `ttl` and
 * `reuseAddress: false` are refused. A peer that ends its sending half has ended the link.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Address, ListenHandler, Listening, Transport, TransportOptions } from "../../link.ts";
import { runtime } from "../runtime.ts";
import { checkTcpOptions } from "./options.ts";

/** Options of a dial. */
export type DialOptions = TransportOptions & { readonly signal?: AbortSignal };

/** What each runtime's file offers. */
export interface TcpRuntime {
  /** Opens a link; see `Transport.dial`. */
  dial(address: Address, options: DialOptions): Promise<import("../../link.ts").Link>;
  /** Listens; see `Transport.listen`. */
  listen(address: Address, options: TransportOptions, handler: ListenHandler): Promise<Listening>;
}

/** The transport of `tcp://`. */
export const tcp: Transport = {
  schemes: ["tcp"],
  async dial(address, options) {
    options.signal?.throwIfAborted();
    checkTcpOptions(options);
    if (address.port === 0) {
      throw new HawserError("invalid-address", `${address.href} has no port to dial; write tcp://host:7000`);
    }
    const { dial } = await adapter();
    options.signal?.throwIfAborted();
    return await dial(address, options);
  },
  async listen(address, options, handler) {
    checkTcpOptions(options);
    const { listen } = await adapter();
    return await listen(address, options, handler);
  },
};

async function adapter(): Promise<TcpRuntime> {
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
        `${runtime} has no TCP sockets for tcp://; dial ws:// there, or run the program on Deno, Bun or Node`,
      );
  }
}
