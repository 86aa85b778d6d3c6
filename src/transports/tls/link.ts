/**
 * A link over a socket of `node:tls`.
 *
 * @module
 */

import type { TLSSocket } from "node:tls";
import { HawserError } from "../../errors.ts";
import { LINK_EARLY_BYTES_MAX, LINK_MESSAGE_BYTES } from "../../limits.ts";
import type { Address, Link, LinkTraits, TransportOptions } from "../../link.ts";
import { formatAddress } from "../address.ts";
import { runtime } from "../runtime.ts";
import { NodeSocketLink } from "../stream_socket/node.ts";
import { SOCKET_TRAITS } from "../stream_socket/traits.ts";
import { tlsFailure } from "./refusal.ts";

const TRAITS: LinkTraits = { ...SOCKET_TRAITS, encrypted: true };

/** The link over a socket whose handshake is done; `dialled` is where a proxy leads, if there is one between. */
export function linkOf(socket: TLSSocket, options: TransportOptions, dialled?: Address): Link {
  socket.setNoDelay(options.noDelay !== false);
  socket.setKeepAlive(options.keepAlive !== false);
  const local = formatAddress({ scheme: "tls", host: socket.localAddress, port: socket.localPort });
  const remote = dialled?.href ??
    formatAddress({ scheme: "tls", host: socket.remoteAddress, port: socket.remotePort });
  return new TlsSocketLink(socket, local, remote);
}

class TlsSocketLink extends NodeSocketLink {
  // Deno alone: what arrived before the start, because its sockets of TLS read on although nobody asks for it.
  #early: Uint8Array[] | undefined;
  #earlyBytes = 0;

  constructor(socket: TLSSocket, localAddress: string, remoteAddress: string) {
    super(socket, localAddress, remoteAddress, TRAITS);
    if (runtime !== "deno") return;
    this.#early = [];
    socket.on("data", (bytes: Uint8Array) => this.#received(bytes));
  }

  protected override begin(): void {
    if (this.#early === undefined) return super.begin();
    queueMicrotask(() => {
      const early = this.#early ?? [];
      this.#early = undefined;
      for (const bytes of early) this.receiver?.onReceive(bytes);
    });
  }

  // With TLS 1.3 a client learns only now, by an alert, that the listener does not want it.
  protected override fail(cause: unknown): void {
    super.fail(tlsFailure(cause, `the link to ${this.remoteAddress} broke`));
  }

  #received(bytes: Uint8Array): void {
    if (this.#early === undefined) return this.receiver?.onReceive(bytes);
    this.#early.push(bytes);
    this.#earlyBytes += bytes.length + LINK_MESSAGE_BYTES;
    if (this.#earlyBytes <= LINK_EARLY_BYTES_MAX) return;
    this.#early = [];
    const message = `${this.remoteAddress} sent too much before the link was started`;
    this.finish(new HawserError("backpressure", message));
  }
}
