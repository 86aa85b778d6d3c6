/**
 * Hawser itself, encrypted unless both sides are told to leave packets plain in memory.
 *
 * @module
 */

import { connect, type Connection, listen } from "../../mod.ts";
import { pickCodec } from "../../src/codec/pick.ts";
import { serveSignalling } from "../../src/transports/webrtc/signalling/mod.ts";
import { addressWith, credentials, partsOf } from "./credentials.ts";
import { type Network, type Pipe, type Scheme, socketPath } from "./pipe.ts";

/** The schemes whose servers show a certificate. */
const CERTIFIED: readonly Scheme[] = ["tls", "wss", "quic", "wt"];

const NO_CREDENTIALS = { cert: undefined, key: undefined, ca: undefined };

/** What differs from Hawser's defaults. */
export interface HawserOptions {
  readonly compress: boolean;
  readonly plain: boolean;
  /** Whether sessions outlive their links. Default false. */
  readonly resume?: boolean;
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
      const { cert, key, ca } = CERTIFIED.includes(scheme) ? await credentials() : NO_CREDENTIALS;
      const tls = { cert, key };
      const server = await listen([await placeOf(scheme)], { ...options, tls });
      server.onConnection((connection) => onPipe(pipeOf(connection)));
      return ca === undefined ? server.urls[0] : addressWith(server.urls[0], ca);
    },
    async dial(place) {
      const { address, certPem } = partsOf(place);
      return pipeOf(await connect(address, { ...options, tls: { ca: certPem } }));
    },
  };
}

async function placeOf(scheme: Scheme): Promise<string> {
  if (scheme === "mem") return "mem://0";
  if (scheme === "webrtc") {
    const { url } = await serveSignalling("ws://127.0.0.1:0");
    return `webrtc://bench?signalling=${encodeURIComponent(url)}`;
  }
  return scheme === "unix" || scheme === "shm" ? `${scheme}://${socketPath()}` : `${scheme}://127.0.0.1:0`;
}

function pipeOf(connection: Connection): Pipe {
  return {
    send: (bytes) => connection.send(bytes) ? undefined : connection.drained(),
    receive: (handler) => connection.onMessage((message) => void handler(message)),
    closed: connection.closed,
  };
}
