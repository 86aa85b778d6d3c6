/**
 * Unix sockets on Node, and named pipes of Windows on every runtime: `node:net`.
 *
 * @module
 */

import type { Address, Link, ListenHandler, Listening } from "../../link.ts";
import { dialSocket, listenSocket, NodeSocketLink } from "../stream_socket/node.ts";
import { UNNAMED } from "./path.ts";

/** Opens a link; see `UnixRuntime`. */
export function dial(path: string, address: Address, signal: AbortSignal | undefined): Promise<Link> {
  return dialSocket({ path }, signal, (socket) => new NodeSocketLink(socket, UNNAMED, address.href));
}

/** Listens; see `UnixRuntime`. */
export function listen(path: string, url: string, handler: ListenHandler): Promise<Listening> {
  return listenSocket(
    { where: { path }, urlOf: () => url, open: (socket) => new NodeSocketLink(socket, url, UNNAMED) },
    handler,
  );
}
