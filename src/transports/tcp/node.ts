/**
 * TCP on Node: `node:net`.
 *
 * @module
 */

import type { AddressInfo, Socket } from "node:net";
import type { Address, Link, ListenHandler, Listening, TransportOptions } from "../../link.ts";
import { formatAddress } from "../address.ts";
import { failure } from "../failure.ts";
import { dialSocket, listenSocket, NodeSocketLink } from "../stream_socket/node.ts";
import type { DialOptions } from "./mod.ts";

/** Opens a link; see `Transport.dial`. */
export async function dial(address: Address, options: DialOptions): Promise<Link> {
  const { host, port } = address;
  try {
    return await dialSocket({ host, port }, options.signal, (socket) => linkOf(socket, options));
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
  const how = {
    where: { host, port, reusePort: options.reusePort ?? false },
    urlOf(server: { address(): unknown }) {
      const { address: bound, port } = server.address() as AddressInfo;
      return urlOf(bound, port);
    },
    // A peer that is gone already has no address any more.
    open: (socket: Socket) => socket.remoteAddress === undefined ? undefined : linkOf(socket, options),
  };
  try {
    return await listenSocket(how, handler);
  } catch (cause) {
    throw failure(cause, `cannot listen on ${address.href}`);
  }
}

function linkOf(socket: Socket, options: TransportOptions): Link {
  socket.setNoDelay(options.noDelay !== false);
  socket.setKeepAlive(options.keepAlive !== false);
  const local = urlOf(socket.localAddress, socket.localPort);
  return new NodeSocketLink(socket, local, urlOf(socket.remoteAddress, socket.remotePort));
}

function urlOf(host: string | undefined, port: number | undefined): string {
  return formatAddress({ scheme: "tcp", host, port });
}
