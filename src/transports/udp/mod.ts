/**
 * `udp://`: datagrams over IPv4 and IPv6, on Deno, Bun and Node.
 *
 * Deno and Bun have sockets of their own, which are the faster ones; options
 * that those lack are served by the runtime's `node:dgram`, so that an option
 * means the same everywhere.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Address, Link, ListenHandler, Listening, Transport, TransportOptions } from "../../link.ts";
import { runtime } from "../runtime.ts";
import { DialledUdpLink } from "./dialled_link.ts";
import { UdpListening } from "./listening.ts";
import { isMulticast, mtuOf, resolveHost, tuningOf, type UdpTuning } from "./options.ts";
import type { OpenUdpSocket } from "./socket.ts";

/**
 * The transport of `udp://host:port`.
 *
 * Listening on port 0 takes a free one, which `url` then tells. A dialled link
 * lets in only what its target sends, unless the target is a multicast group,
 * or `broadcast` was asked for. Where the runtime can connect a UDP socket
 * (Bun, Node), a link to which nobody listens ends with `connection-refused`
 * before it has heard anything; elsewhere it stays silent.
 *
 * Options: `mtu`, `ttl`, `broadcast`, `multicast`, `reuseAddress`, `reusePort`,
 * `receiveBufferBytes`, `sendBufferBytes`. Deno has neither `reusePort` nor
 * buffer sizes, and refuses them as `unsupported`; its own socket may broadcast
 * without being asked to.
 */
export const udp: Transport = {
  schemes: ["udp"],
  dial,
  listen,
};

async function dial(
  address: Address,
  options: TransportOptions & { readonly signal?: AbortSignal },
): Promise<Link> {
  const mtu = mtuOf(options);
  const tuning = { ...tuningOf(options), reusePort: false }; // A listener's option.
  if (address.port === 0) {
    throw new HawserError("invalid-address", `${address.href} has no port to dial; write udp://host:7000`);
  }
  const host = reachable(await resolveHost(address.host, options.signal));
  const shared = isMulticast(host) || tuning.broadcast;
  const open = await pickSocket(tuning);
  options.signal?.throwIfAborted();
  const link = await DialledUdpLink.open(open, { host, port: address.port, shared }, mtu, {
    ...tuning,
    host: host.includes(":") ? "::" : "0.0.0.0",
    port: 0,
    remote: shared ? undefined : { host, port: address.port },
  });
  if (options.signal?.aborted) {
    await link.close({ abort: true });
    throw options.signal.reason;
  }
  return link;
}

async function listen(
  address: Address,
  options: TransportOptions,
  handler: ListenHandler,
): Promise<Listening> {
  const mtu = mtuOf(options);
  const tuning = tuningOf(options);
  const host = await resolveHost(address.host);
  const open = await pickSocket(tuning);
  return await UdpListening.open(
    open,
    mtu,
    { ...tuning, host, port: address.port, remote: undefined },
    handler,
  );
}

/** The address that answers come from: systems take "any host" for this one. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

/** The runtime's own socket where it has one that can do what is asked; `node:dgram` for all else. */
async function pickSocket(tuning: UdpTuning): Promise<OpenUdpSocket> {
  const { ttl, multicast, receiveBufferBytes, sendBufferBytes, reusePort, reuseAddress } = tuning;
  const plain = ttl === undefined && multicast === undefined && !reusePort &&
    receiveBufferBytes === undefined && sendBufferBytes === undefined;
  if (runtime === "browser" || runtime === "workerd") {
    throw new HawserError("unsupported", `${runtime} has no UDP; use ws://, or run on Deno, Bun or Node`);
  }
  if (plain && runtime === "deno") {
    const { available, open } = await import("./deno.ts");
    if (available) return open;
  }
  if (plain && !reuseAddress && runtime === "bun") {
    return (await import("./bun.ts")).open;
  }
  return (await import("./node.ts")).open;
}
