/**
 * `wt://host:port/path`: a stream link over one WebTransport session, with further streams and datagrams beside it.
 *
 * Deno listens. Deno and browsers dial; Bun and Node do not, because neither has an HTTP/3 for WebTransport.
 * The HTTP/3 on Deno is Hawser's own, over Deno's QUIC: Deno's WebTransport loses the ends of streams. Deno needs
 * `--unstable-net` (or `"unstable": ["net"]` in deno.json).
 *
 * A listener without `tls.cert` makes a certificate for development, and follows it with another before it ends. Its
 * address then trusts both by their hashes, `wt://host:port/path?hash=...`, and no authority is asked; ask `server.urls`
 * again to hear of those to come. With `tls.cert` and `tls.key` the certificate is verified by its authority, which
 * browsers must know, or by `quic.serverCertificateHashes` of the dial.
 *
 * Options: `origins`, as with `ws`; `tls` and `quic` as with `quic`, but for `tls.alpn`, which is HTTP/3's.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@hawser/hawser";
 *
 * await using server = await listen("wt://127.0.0.1:0/chat", { origins: ["https://example.org"] });
 * await using connection = await connect(server.urls); // In a page: the URL that the server has told it.
 * console.log(connection.remoteAddress.includes("/chat?hash=")); // true
 * ```
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Transport } from "../../link.ts";
import { runtime } from "../runtime.ts";

/** The transport of `wt://`. */
export const wt: Transport = {
  schemes: ["wt"],

  async dial(address, options) {
    options.signal?.throwIfAborted();
    const { dial } = await adapter();
    options.signal?.throwIfAborted();
    return await dial(address, options);
  },

  async listen(address, options, handler) {
    const { listen } = await adapter();
    return await listen(address, options, handler);
  },
};

async function adapter(): Promise<typeof import("./deno.ts")> {
  if (runtime === "deno") return await import("./deno.ts");
  throw new HawserError(
    "unsupported",
    `${runtime} has no HTTP/3 for wt://; take quic:// or wss:// there, or run the program on Deno`,
  );
}
