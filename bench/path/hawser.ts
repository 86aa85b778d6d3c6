/**
 * Hawser itself, encrypted unless both sides are told to leave packets plain in memory.
 *
 * @module
 */

import { connect, type Connection, listen } from "../../mod.ts";
import { pickCodec } from "../../src/codec/pick.ts";
import { createCertificate } from "../../src/transports/tls/certificate.ts";
import { addressWith, partsOf } from "./credentials.ts";
import { type Network, type Pipe, type Scheme, socketPath } from "./pipe.ts";

/** What differs from Hawser's defaults. */
export interface HawserOptions {
  readonly compress: boolean;
  readonly plain: boolean;
}

/**
 * Hawser over one of its transports.
 * @throws {Error} where the WebAssembly core cannot be used: the reference is not what is to be measured.
 */
export function hawser(scheme: Scheme, options: HawserOptions): Network {
  const { kind, choice } = pickCodec();
  if (kind !== "wasm") throw new Error(`only the WebAssembly core is measured here, but this is ${choice}`);
  return {
    async serve(onPipe) {
      const certificate = scheme === "tls" ? await createCertificate() : undefined;
      const tls = { cert: certificate?.certPem, key: certificate?.keyPem };
      const server = await listen([placeOf(scheme)], { ...options, tls });
      server.onConnection((connection) => onPipe(pipeOf(connection)));
      return certificate === undefined ? server.urls[0] : addressWith(server.urls[0], certificate.certPem);
    },
    async dial(place) {
      const { address, certPem } = partsOf(place);
      return pipeOf(await connect(address, { ...options, tls: { ca: certPem } }));
    },
  };
}

function placeOf(scheme: Scheme): string {
  if (scheme === "mem") return "mem://0";
  return scheme === "unix" || scheme === "shm" ? `${scheme}://${socketPath()}` : `${scheme}://127.0.0.1:0`;
}

function pipeOf(connection: Connection): Pipe {
  return {
    send: (bytes) => connection.send(bytes) ? undefined : connection.drained(),
    receive: (handler) => connection.onMessage((message) => void handler(message)),
    closed: connection.closed,
  };
}
