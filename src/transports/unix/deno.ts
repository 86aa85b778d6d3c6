/**
 * Unix sockets on Deno: `Deno.connect`, `Deno.listen`.
 *
 * @module
 */

import type { Address, Link, ListenHandler, Listening } from "../../link.ts";
import { acceptFrom, DenoSocketLink } from "../stream_socket/deno.ts";
import { UNNAMED } from "./path.ts";

/** Opens a link; see `UnixRuntime`. */
export async function dial(path: string, address: Address): Promise<Link> {
  const conn = await Deno.connect({ transport: "unix", path });
  return new DenoSocketLink(conn, UNNAMED, address.href);
}

/** Listens; see `UnixRuntime`. */
// deno-lint-ignore require-await -- `Deno.listen` throws at once; here that must reject
export async function listen(path: string, url: string, handler: ListenHandler): Promise<Listening> {
  const listener = Deno.listen({ transport: "unix", path });
  return acceptFrom(listener, url, (conn) => new DenoSocketLink(conn, url, UNNAMED), handler);
}
