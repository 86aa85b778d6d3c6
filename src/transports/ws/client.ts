/**
 * Dials `ws://` with the `WebSocket` that every runtime has; on Deno with that of the `ws` package, if it is there.
 * The package dials `wss://` too, and whatever asks for more than an address.
 *
 * Deno's own leaves Nagle's algorithm on and writes header and payload apart, so that whatever does not fill a TCP
 * segment waits some 40 ms for the peer's delayed acknowledgement (RFC 1122 §4.2.3.2).
 *
 * @module
 */

import type { HawserError } from "../../errors.ts";
import { WS_PROBE_MS_MAX } from "../../limits.ts";
import type { Address, Link } from "../../link.ts";
import { failure } from "../failure.ts";
import { runtime } from "../runtime.ts";
import type { DialOptions } from "../tls/dial.ts";
import { establish, nativeSocket, notHawser } from "./establish.ts";

/** Opens a link; see `Transport.dial`. */
export async function dial(
  address: Address,
  messageBytesMax: number,
  options: DialOptions,
): Promise<Link> {
  const { signal, tls, proxy, deflate = false } = options;
  const isSecure = address.scheme === "wss";
  const isDemanding = (isSecure && tls !== undefined) || proxy !== undefined || deflate;
  const wanted = isDemanding || isSecure || runtime === "deno" ? await import("./packaged.ts") : undefined;
  const ws = await wanted?.loadPackage();
  // The runtime's own WebSocket verifies a server too, but does not say why it refuses one.
  if (wanted !== undefined && (isDemanding || (isSecure && ws !== undefined))) {
    return await wanted.dialPackaged(address, options, messageBytesMax);
  }
  signal?.throwIfAborted();
  const socket = ws === undefined
    ? nativeSocket(address)
    : wanted!.openPackaged(ws, address, messageBytesMax);
  return await establish(address, socket, messageBytesMax, signal, (cause) => explain(address, cause));
}

// A WebSocket that fails does not say why (Bun's has the code of the system), so the port is tried once by itself.
async function explain(address: Address, cause: unknown): Promise<HawserError> {
  const dialled = `cannot dial ${address.href}`;
  if (typeof (cause as { code?: unknown } | undefined)?.code === "string") return failure(cause, dialled);
  if (runtime !== "deno" && runtime !== "node") return notHawser(address, cause);
  const { connect } = await import("node:net");
  return await new Promise((resolve) => {
    const probe = connect({
      host: address.host,
      port: address.port || (address.scheme === "wss" ? 443 : 80),
      timeout: WS_PROBE_MS_MAX,
    });
    const finish = (error: HawserError) => {
      probe.destroy();
      resolve(error);
    };
    probe.once("error", (error) => finish(failure(firstOf(error), dialled)));
    probe.once("timeout", () => finish(failure({ code: "ETIMEDOUT" }, dialled)));
    probe.once("connect", () => finish(notHawser(address, cause)));
  });
}

function firstOf(error: Error): unknown {
  return error instanceof AggregateError ? error.errors[0] : error;
}
