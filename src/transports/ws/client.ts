/**
 * Dials `ws://` with the `WebSocket` that every runtime has; on Deno with that of the `ws` package, if it is there.
 *
 * Deno's own leaves Nagle's algorithm on and writes header and payload apart, so that whatever does not fill a TCP
 * segment waits some 40 ms for the peer's delayed acknowledgement (RFC 1122 §4.2.3.2).
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { WS_PROBE_MS_MAX } from "../../limits.ts";
import type { Address, Link } from "../../link.ts";
import { failure } from "../failure.ts";
import { runtime } from "../runtime.ts";
import { SUBPROTOCOL } from "./upgrade.ts";
import { WebSocketLink } from "./web_socket_link.ts";

/** A WebSocket does not tell its own address. */
const LOCAL_ADDRESS = "ws://0.0.0.0";

/** Opens a link; see `Transport.dial`. */
export async function dial(
  address: Address,
  messageBytesMax: number,
  signal: AbortSignal | undefined,
): Promise<Link> {
  const open = runtime === "deno" ? await packaged(messageBytesMax) ?? native : native;
  signal?.throwIfAborted();
  return await establish(address, open(address), messageBytesMax, signal);
}

function establish(
  address: Address,
  socket: WebSocket,
  messageBytesMax: number,
  signal: AbortSignal | undefined,
): Promise<Link> {
  const { promise, resolve, reject } = Promise.withResolvers<Link>();
  const onAbort = () => {
    socket.close();
    reject(signal?.reason);
  };
  const settle = () => signal?.removeEventListener("abort", onAbort);
  signal?.addEventListener("abort", onAbort, { once: true });
  let cause: unknown;
  socket.onerror = (event) => cause = (event as Partial<ErrorEvent>).error ?? event;
  socket.onclose = () => {
    if (!signal?.aborted) void explain(address, cause).then(reject).finally(settle);
  };
  socket.onopen = () => {
    if (signal?.aborted) return;
    settle();
    if (socket.protocol === SUBPROTOCOL) {
      resolve(new WebSocketLink(socket, LOCAL_ADDRESS, address.href, messageBytesMax));
    } else {
      socket.onclose = null;
      socket.close();
      reject(notHawser(address, undefined));
    }
  };
  return promise;
}

function native(address: Address): WebSocket {
  return opened(address, () => new WebSocket(address.href, [SUBPROTOCOL]));
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

function opened(address: Address, construct: () => WebSocket): WebSocket {
  try {
    const socket = construct();
    socket.binaryType = "arraybuffer";
    return socket;
  } catch (cause) {
    const message =
      `${address.href} is no address that a WebSocket takes (an IPv6 zone, for one); write another`;
    throw new HawserError("invalid-address", message, { cause });
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

function notHawser(address: Address, cause: unknown): HawserError {
  return new HawserError(
    "websocket",
    `cannot dial ${address.href}: what listens there does not open a WebSocket with the subprotocol ${SUBPROTOCOL}; ` +
      `check path and port, and that the listener admits this origin`,
    { cause },
  );
}
