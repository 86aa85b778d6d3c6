/**
 * TCP on Deno: `Deno.connect`, `Deno.listen`.
 *
 * @module
 */

import type { Address, Link, ListenHandler, Listening, TransportOptions } from "../../link.ts";
import { formatAddress } from "../address.ts";
import { failure } from "../failure.ts";
import { acceptFrom, DenoSocketLink } from "../stream_socket/deno.ts";
import type { DialOptions } from "./mod.ts";

/** Opens a link; see `Transport.dial`. */
export async function dial(address: Address, options: DialOptions): Promise<Link> {
  try {
    const { host: hostname, port } = address;
    return linkOf(await Deno.connect({ hostname, port, signal: options.signal }), options);
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw failure(cause, `cannot dial ${address.href}`);
  }
}

/** Listens; see `Transport.listen`. */
// deno-lint-ignore require-await -- `Deno.listen` throws at once; here that must reject
export async function listen(
  address: Address,
  options: TransportOptions,
  handler: ListenHandler,
): Promise<Listening> {
  let listener: Deno.TcpListener;
  try {
    listener = Deno.listen({ hostname: address.host, port: address.port, reusePort: options.reusePort });
  } catch (cause) {
    throw failure(cause, `cannot listen on ${address.href}`);
  }
  return acceptFrom(listener, urlOf(listener.addr), (conn) => linkOf(conn, options), handler);
}

function linkOf(conn: Deno.TcpConn, options: TransportOptions): Link {
  const link = new DenoSocketLink(conn, urlOf(conn.localAddr), urlOf(conn.remoteAddr));
  if (options.noDelay !== false) conn.setNoDelay(true);
  if (options.keepAlive !== false) conn.setKeepAlive(true);
  return link;
}

function urlOf({ hostname: host, port }: Deno.NetAddr): string {
  return formatAddress({ scheme: "tcp", host, port });
}
