/**
 * TCP on Cloudflare Workers: `connect` of `cloudflare:sockets`. They dial and cannot listen.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Transport } from "../../link.ts";
import { failure } from "../failure.ts";
import { type WorkerdSocket, WorkerdSocketLink } from "../stream_socket/workerd.ts";

interface Sockets {
  connect(
    address: { readonly hostname: string; readonly port: number },
    options: { readonly secureTransport: "off"; readonly allowHalfOpen: true },
  ): WorkerdSocket;
}

// Not written as a literal in the import, because everybody else's type checkers and bundlers would stumble over it.
const SOCKETS = "cloudflare:sockets";

/** A worker does not learn which of its addresses a socket has. */
const LOCAL_ADDRESS = "tcp://0.0.0.0";

/** The transport of `tcp://` in workers. */
export const workerdTcp: Transport = {
  schemes: ["tcp"],

  async dial({ host: hostname, port, href }, { signal }) {
    signal?.throwIfAborted();
    if (port === 0) {
      throw new HawserError("invalid-address", `${href} has no port to dial; write tcp://host:7000`);
    }
    const { connect } = await import(SOCKETS) as Sockets;
    let socket: WorkerdSocket | undefined;
    try {
      socket = connect({ hostname, port }, { secureTransport: "off", allowHalfOpen: true });
      await untilAborted(socket.opened, signal);
      return new WorkerdSocketLink(socket, LOCAL_ADDRESS, href);
    } catch (cause) {
      socket?.close().catch(() => {});
      signal?.throwIfAborted();
      throw failure(cause, `cannot dial ${href}`);
    }
  },

  // deno-lint-ignore require-await -- what is thrown here must reject
  async listen({ href }) {
    throw new HawserError(
      "unsupported",
      `a worker cannot listen on ${href}; let it dial, or take an endpoint`,
    );
  },
};

async function untilAborted(opened: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([opened, promise]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}
