/**
 * Dials `ws://` with the `WebSocket` that every runtime has.
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
export function dial(
  address: Address,
  messageBytesMax: number,
  signal: AbortSignal | undefined,
): Promise<Link> {
  const { promise, resolve, reject } = Promise.withResolvers<Link>();
  const socket = open(address);
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

function open(address: Address): WebSocket {
  try {
    const socket = new WebSocket(address.href, [SUBPROTOCOL]);
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
