/**
 * `quic://host:port`: a stream link over one QUIC connection, with further streams and datagrams beside it.
 *
 * Options: `tls` (`cert` and `key` for a listener, `ca` and `serverName` for a dial) and `quic`. The listener's
 * certificate is verified, by an authority or by its hash (`quic.serverCertificateHashes`); on Deno `ca` is trusted beside
 * the public authorities, elsewhere in place of them. Client certificates are refused as `unsupported`: Hawser's handshake
 * proves who both sides are. The application protocol (ALPN) is `hawser`; who speaks another is refused.
 *
 * The link is the first stream. It ends in an orderly way only after a mark of its end, so a peer that died, or a stream
 * that was aborted, is never taken for one that was done.
 *
 * Deno needs `--unstable-net` (or `"unstable": ["net"]` in deno.json), fixes the flow-control windows at 1.25 MB per
 * stream, and cannot see that nobody listens: a dial to nobody ends with `timeout` there, with `connection-refused` on Bun
 * and Node. Deno frees the port of a closed listener only when it collects garbage; the same process can listen on it again
 * at once. Node needs the package `@matrixai/quic`.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@hawser/hawser";
 * import { createCertificate } from "@hawser/hawser/certificates";
 *
 * const { certPem: cert, keyPem: key, sha256 } = await createCertificate();
 * await using server = await listen("quic://127.0.0.1:0", { tls: { cert, key } });
 * await using connection = await connect(server.urls, { quic: { serverCertificateHashes: [sha256] } });
 * console.log(connection.traits.nativeStreams); // true
 * ```
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Address, Listening, Transport } from "../../link.ts";
import { runtime } from "../runtime.ts";
import type { QuicConnection } from "./connection.ts";
import type { QuicDoor } from "./door.ts";
import type { QuicDialSettings, QuicListenSettings } from "./settings.ts";

/** What each runtime's file offers; both reject with what the runtime said, or a `QuicFailure`. */
export interface QuicRuntime {
  /** Opens a connection, whose handshake is complete. Gives up as soon as `signal` aborts, with its reason. */
  dial(address: Address, settings: QuicDialSettings, signal: AbortSignal): Promise<QuicConnection>;
  /** Listens, and shows every connection to `door`. Once closed it turns them away. */
  listen(address: Address, settings: QuicListenSettings, door: QuicDoor): Promise<Listening>;
}

/** The transport of `quic://`. */
export const quic: Transport = {
  schemes: ["quic"],

  async dial(address, options) {
    options.signal?.throwIfAborted();
    if (address.port === 0) {
      throw new HawserError("invalid-address", `${address.href} has no port to dial; write quic://host:7000`);
    }
    const runtime = await adapter();
    const { dialQuic } = await import("./dial.ts");
    options.signal?.throwIfAborted();
    return await dialQuic(runtime, address, options);
  },

  async listen(address, options, handler) {
    const runtime = await adapter();
    const { listenQuic } = await import("./serve.ts");
    return await listenQuic(runtime, address, options, handler);
  },
};

async function adapter(): Promise<QuicRuntime> {
  switch (runtime) {
    case "deno":
      return await import("./deno.ts");
    case "bun":
      return await import("./bun.ts");
    case "node":
      return await import("./node.ts");
    default:
      throw new HawserError(
        "unsupported",
        `${runtime} has no QUIC for quic://; dial wss:// there, or run the program on Deno, Bun or Node`,
      );
  }
}
