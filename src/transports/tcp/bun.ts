/**
 * TCP on Bun: `Bun.connect`, `Bun.listen`.
 *
 * @module
 */

import type { Address, Link, ListenHandler, Listening, TransportOptions } from "../../link.ts";
import { formatAddress } from "../address.ts";
import { bunListenFailure } from "../bun_failure.ts";
import { failure } from "../failure.ts";
import { type BunSocket, BunSocketLink, dialSocket, listenSocket } from "../stream_socket/bun.ts";
import type { DialOptions } from "./mod.ts";

/** Opens a link; see `Transport.dial`. */
export async function dial(address: Address, options: DialOptions): Promise<Link> {
  const place = { hostname: address.host, port: address.port };
  try {
    return await dialSocket(place, options.signal, (socket) => linkOf(socket, options));
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw failure(cause, `cannot dial ${address.href}`);
  }
}

/** Listens; see `Transport.listen`. */
export async function listen(
  address: Address,
  options: TransportOptions,
  handler: ListenHandler,
): Promise<Listening> {
  const { host, port } = address;
  const place = { hostname: host, port, reusePort: options.reusePort };
  try {
    const listener = listenSocket(place, (socket) => handler.onLink(linkOf(socket, options)));
    return { url: urlOf(host, listener.port), close: () => Promise.resolve(listener.stop()) };
  } catch (cause) {
    throw await bunListenFailure(cause, address);
  }
}

function linkOf(socket: BunSocket, options: TransportOptions): BunSocketLink {
  const local = urlOf(socket.localAddress, socket.localPort);
  const link = new BunSocketLink(socket, local, urlOf(socket.remoteAddress, socket.remotePort));
  socket.setNoDelay(options.noDelay !== false);
  socket.setKeepAlive(options.keepAlive !== false);
  return link;
}

function urlOf(host: string, port: number): string {
  return formatAddress({ scheme: "tcp", host, port });
}
