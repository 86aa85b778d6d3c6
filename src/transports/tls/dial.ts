/**
 * Dials TLS over `node:tls`, on Deno, Bun and Node alike.
 *
 * @module
 */

import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { HawserError } from "../../errors.ts";
import { TLS_HANDSHAKE_MS_MAX } from "../../limits.ts";
import type { Address, TransportOptions } from "../../link.ts";
import { dialThroughProxy, parseProxy } from "../proxy.ts";
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
  const { tls = {}, proxy, signal } = options;
  const { host, port } = address;
  const wanted = { ...clientOptions(address, tls), host, port, allowHalfOpen: true };
  if (proxy !== undefined) parseProxy(proxy);
  const begin = async (more: ConnectionOptions) => {
    if (proxy === undefined) return connect({ ...wanted, ...more });
    return connect({ ...wanted, ...more, socket: await dialThroughProxy(proxy, address, signal) });
  };
  const doing = `cannot dial ${address.href}`;
  try {
    return await opened(await begin({}), "secureConnect", signal, (socket) => {
      const refusal = judgePeer(socket, tls);
      if (refusal !== undefined) throw tlsError(refusal, doing);
      return open(socket);
    });
  } catch (cause) {
    signal?.throwIfAborted();
    const error = tlsFailure(cause, doing);
    if (runtime !== "deno" || error.reason !== "unknown-issuer") throw error;
    throw await wrongDates(() => begin({ rejectUnauthorized: false }), signal, error, doing);
  }
}

// Deno says of wrong dates that the issuer is unknown. So one more handshake, over which nothing is ever sent, brings
// the certificate to look at.
async function wrongDates(
  begin: () => Promise<TLSSocket>,
  signal: AbortSignal | undefined,
  error: HawserError,
  doing: string,
): Promise<HawserError> {
  try {
    const socket = await begin();
    socket.setTimeout(TLS_HANDSHAKE_MS_MAX, () => socket.destroy(error));
    const refusal = await opened(socket, "secureConnect", signal, (looked) => {
      const reason = judgeDates(looked, Date.now());
      looked.destroy();
      return reason;
    });
    return refusal === undefined ? error : tlsError(refusal, doing, error.cause);
  } catch {
    return error;
  }
}
