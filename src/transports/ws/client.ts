/**
 * Dials `ws://` with the `WebSocket` that every runtime has; on Deno with that of the `ws` package, if it is there.
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
import { establish, nativeSocket, notHawser, opened } from "./establish.ts";
import { SUBPROTOCOL } from "./upgrade.ts";

/** Opens a link; see `Transport.dial`. */
export async function dial(
  address: Address,
  messageBytesMax: number,
  signal: AbortSignal | undefined,
): Promise<Link> {
  const open = runtime === "deno" ? await packaged(messageBytesMax) ?? nativeSocket : nativeSocket;
  signal?.throwIfAborted();
  return await establish(address, open(address), messageBytesMax, signal, (cause) => explain(address, cause));
}

/** How the `ws` package opens a socket; `undefined` where it is not installed. */
async function packaged(messageBytesMax: number): Promise<((address: Address) => WebSocket) | undefined> {
  try {
    const { WebSocket: Socket } = await import("ws");
    // Somewhat more than is taken, so that a message which is too large is refused as on every other runtime.
    const options = { perMessageDeflate: false, maxPayload: 2 * messageBytesMax };
    return (address) =>
      opened(address, () => new Socket(address.href, [SUBPROTOCOL], options) as unknown as WebSocket);
  } catch {
    return undefined;
  }
}

// A WebSocket that fails does not say why (Bun's has the code of the system), so the port is tried once by itself.
async function explain(address: Address, cause: unknown): Promise<HawserError> {
  const dialled = `cannot dial ${address.href}`;
  if (typeof (cause as { code?: unknown } | undefined)?.code === "string") return failure(cause, dialled);
  if (runtime !== "deno" && runtime !== "node") return notHawser(address, cause);
  const { connect } = await import("node:net");
  return await new Promise((resolve) => {
    const probe = connect({ host: address.host, port: address.port || 80, timeout: WS_PROBE_MS_MAX });
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
