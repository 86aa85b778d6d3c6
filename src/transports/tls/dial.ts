/**
 * Dials TLS over `node:tls`, on Deno, Bun and Node alike.
 *
 * @module
 */

import type { Socket } from "node:net";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { HawserError } from "../../errors.ts";
import { TLS_HANDSHAKE_MS_MAX } from "../../limits.ts";
import type { Address, TransportOptions } from "../../link.ts";
import { runtime } from "../runtime.ts";
import { opened } from "../stream_socket/node.ts";
import { clientOptions } from "./options.ts";
import { judgeDates, judgePeer, tlsError, tlsFailure } from "./refusal.ts";

/** Options of a dial. */
export type DialOptions = TransportOptions & { readonly signal?: AbortSignal };

/**
 * Opens a socket to a server that has proved who it is, and gives it to `open` at once.
 *
 * @throws {HawserError} `tls` with the reason of the refusal, or what a dial of TCP throws
 */
export async function dialTls<T>(
  address: Address,
  options: DialOptions,
  open: (socket: TLSSocket) => T,
): Promise<T> {
  const { tls = {}, signal } = options;
  const { host, port } = address;
  const target = { ...clientOptions(address, tls), host, port, allowHalfOpen: true };
  const doing = `cannot dial ${address.href}`;
  try {
    return await opened(connect(target), "secureConnect", signal, (socket) => {
      const refusal = judgePeer(socket, tls);
      if (refusal !== undefined) throw tlsError(refusal, doing);
      return open(socket);
    });
  } catch (cause) {
    signal?.throwIfAborted();
    const error = tlsFailure(cause, doing);
    if (runtime !== "deno" || error.reason !== "unknown-issuer") throw error;
    throw await wrongDates(target, signal, error, doing);
  }
}

// Deno says of wrong dates that the issuer is unknown. So one more handshake, over which nothing is ever sent, brings
// the certificate to look at.
async function wrongDates(
  target: ConnectionOptions,
  signal: AbortSignal | undefined,
  error: HawserError,
  doing: string,
): Promise<HawserError> {
  const socket: Socket = connect({ ...target, rejectUnauthorized: false });
  socket.setTimeout(TLS_HANDSHAKE_MS_MAX, () => socket.destroy(error));
  try {
    const refusal = await opened(socket as TLSSocket, "secureConnect", signal, (looked) => {
      const reason = judgeDates(looked, Date.now());
      looked.destroy();
      return reason;
    });
    return refusal === undefined ? error : tlsError(refusal, doing, error.cause);
  } catch {
    return error;
  }
}
