/**
 * Listens to TLS over `node:tls`, on Deno, Bun and Node alike.
 *
 * @module
 */

import type { AddressInfo } from "node:net";
import { createSecureContext, createServer, type TLSSocket } from "node:tls";
import type { Address, ListenHandler, Listening, TransportOptions } from "../../link.ts";
import { formatAddress } from "../address.ts";
import { failure } from "../failure.ts";
import { bound } from "../stream_socket/node.ts";
import { Handshakes } from "./handshakes.ts";
import { hostCredentials, serverOptions } from "./options.ts";

/** Where and as what a server of TLS listens. */
export interface TlsListen {
  readonly address: Address;
  readonly options: TransportOptions;
  readonly handler: ListenHandler;
  /** Takes the socket of a client that may come in. */
  onSocket(socket: TLSSocket): void;
}

/**
 * Listens; see `Transport.listen`. Who is refused is told to `tls.onRefusal`.
 *
 * @throws {TypeError} for options that cannot be right
 */
export async function listenTls({ address, options, handler, onSocket }: TlsListen): Promise<Listening> {
  const { scheme, host, port, path } = address;
  const { tls = {}, reusePort = false } = options;
  const server = createServer({ ...serverOptions(tls), allowHalfOpen: true });
  for (const [name, credentials] of hostCredentials(tls)) {
    server.addContext(name, createSecureContext(credentials));
  }
  const handshakes = new Handshakes(tls, scheme);
  server.on("connection", (socket) => handshakes.begin(socket));
  server.on("tlsClientError", (cause, socket) => handshakes.fail(cause, socket));
  server.on("secureConnection", (socket) => {
    if (handshakes.succeed(socket)) onSocket(socket);
  });
  const urlOf = (server: { address(): unknown }) => {
    const { address: host, port } = server.address() as AddressInfo;
    return formatAddress({ scheme, host, port, path });
  };
  try {
    const listening = await bound(server, { where: { host, port, reusePort }, urlOf }, handler);
    return {
      url: listening.url,
      close() {
        handshakes.abort();
        return listening.close();
      },
    };
  } catch (cause) {
    throw failure(cause, `cannot listen on ${address.href}`);
  }
}
