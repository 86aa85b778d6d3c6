/**
 * Dials `ws://` with the `WebSocket` that every runtime has.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
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
  const socket = new WebSocket(address.href, [SUBPROTOCOL]);
  socket.binaryType = "arraybuffer";
  const onAbort = () => {
    socket.close();
    reject(signal?.reason);
  };
  let cause: unknown;
  socket.onerror = (event) => cause = (event as Partial<ErrorEvent>).error ?? event;
  socket.onclose = () => {
    signal?.removeEventListener("abort", onAbort);
    if (!signal?.aborted) void explain(address, cause).then(reject);
  };
  socket.onopen = () => {
    if (signal?.aborted) return;
    signal?.removeEventListener("abort", onAbort);
    if (socket.protocol === SUBPROTOCOL) {
      resolve(new WebSocketLink(socket, LOCAL_ADDRESS, address.href, messageBytesMax));
    } else {
      socket.onclose = null;
      socket.close();
      reject(notHawser(address, undefined));
    }
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  return promise;
}

// A WebSocket that fails does not say why (Bun's has the code of the system), so the port is tried once by itself.
async function explain(address: Address, cause: unknown): Promise<HawserError> {
  const dialled = `cannot dial ${address.href}`;
  if (typeof (cause as { code?: unknown } | undefined)?.code === "string") return failure(cause, dialled);
  if (runtime !== "deno" && runtime !== "node") return notHawser(address, cause);
  const { connect } = await import("node:net");
  return await new Promise((resolve) => {
    const probe = connect({ host: address.host, port: address.port || 80 });
    probe.once("error", (error) => resolve(failure(firstOf(error), dialled)));
    probe.once("connect", () => {
      probe.destroy();
      resolve(notHawser(address, cause));
    });
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
