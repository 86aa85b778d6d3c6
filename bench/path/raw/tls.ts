/**
 * TLS as `node:tls` has it, on every runtime: one write per message.
 *
 * @module
 */

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";
import { addressWith, credentials, partsOf } from "../credentials.ts";
import type { Network, Pipe } from "../pipe.ts";

const HOST = "127.0.0.1";

/** The bare network. */
export const tls: Network = {
  async serve(onPipe) {
    const { cert, key, ca } = await credentials();
    const server = createServer({ cert, key }, (socket) => onPipe(tlsPipe(socket)));
    server.listen({ host: HOST, port: 0 });
    await once(server, "listening");
    return addressWith(String((server.address() as AddressInfo).port), ca);
  },
  async dial(place) {
    const { address, certPem } = partsOf(place);
    const socket = connect({ host: HOST, port: Number(address), ca: certPem });
    await once(socket, "secureConnect");
    return tlsPipe(socket);
  },
};

function tlsPipe(socket: TLSSocket): Pipe {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  return {
    send: (bytes) =>
      socket.write(bytes) ? undefined : new Promise((resolve) => socket.once("drain", () => resolve())),
    receive: (handler) => void socket.on("data", (bytes: Uint8Array) => void handler(bytes)),
  };
}
