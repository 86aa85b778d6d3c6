/**
 * From a `WebSocket` of the web's kind to an open link.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Address, Link } from "../../link.ts";
import { SUBPROTOCOL } from "./upgrade.ts";
import { WebSocketLink } from "./web_socket_link.ts";

/** Why a dial failed, in words, from what the socket said. */
export type Explain = (cause: unknown) => Promise<HawserError>;

/**
 * Waits until `socket`, which is connecting, is open, and makes a link of it. Nothing stays open when it rejects.
 * @throws {HawserError} what `explain` says, or the reason of `signal`
 */
export function establish(
  address: Address,
  socket: WebSocket,
  messageBytesMax: number,
  signal: AbortSignal | undefined,
  explain: Explain,
): Promise<Link> {
  const { promise, resolve, reject } = Promise.withResolvers<Link>();
  let cause: unknown;
  const onAbort = () => {
    socket.close();
    reject(signal?.reason);
  };
  const onError = (event: Event) => cause = (event as Partial<ErrorEvent>).error ?? event;
  const onClose = () => {
    if (!signal?.aborted) void explain(cause).then(reject).finally(settle);
  };
  const settle = () => {
    signal?.removeEventListener("abort", onAbort);
    socket.removeEventListener("error", onError);
    socket.removeEventListener("close", onClose);
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  socket.addEventListener("error", onError);
  socket.addEventListener("close", onClose);
  socket.addEventListener("open", () => {
    if (signal?.aborted) return;
    settle();
    if (socket.protocol === SUBPROTOCOL) {
      // A WebSocket does not tell its own address.
      resolve(new WebSocketLink(socket, `${address.scheme}://0.0.0.0`, address.href, messageBytesMax));
    } else {
      socket.close();
      reject(notHawser(address, undefined));
    }
  }, { once: true });
  return promise;
}

/**
 * A socket of the runtime that is connecting.
 * @throws {HawserError} `invalid-address` where the runtime refuses the address
 */
export function nativeSocket(address: Address): WebSocket {
  return opened(address, () => new WebSocket(address.href, [SUBPROTOCOL]));
}

/** As `nativeSocket`, of another class. */
export function opened(address: Address, construct: () => WebSocket): WebSocket {
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

/** The error of a peer that answers, but not as a listener of Hawser does; `hint` is what else may be wrong. */
export function notHawser(address: Address, cause: unknown, hint = ""): HawserError {
  return new HawserError(
    "websocket",
    `cannot dial ${address.href}: what listens there does not open a WebSocket with the subprotocol ${SUBPROTOCOL}; ` +
      `check path and port, and that the listener admits this origin${hint}`,
    { cause },
  );
}
