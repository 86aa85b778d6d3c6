/**
 * `tls://host:port`: a stream link over TLS 1.2 or 1.3, on Deno, Bun and Node.
 *
 * Options: `tls` (see {@linkcode TlsOptions}), `proxy` for dials, and those of `tcp://`. A dial verifies the certificate of the listener: its
 * dates, its name and who issued it. What is refused is an error with the code `tls` and a `reason`.
 *
 * With TLS 1.3 a client is done before the listener has looked at its certificate, so that a refusal ends the link: by an
 * error with a reason where the listener says why (OpenSSL does, and every runtime where there is no certificate), otherwise
 * by an end that comes too soon.
 *
 * Deno tells a listener only that a client's certificate does not verify: an expired one is an `unknown-issuer` there.
 *
 * All three use `node:tls`: Deno's own TLS neither shows the peer's certificate nor asks clients for theirs, and Bun's is
 * what its `node:tls` is made of.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@hawser/hawser";
 * import { createCertificate } from "@hawser/hawser/certificates";
 *
 * const authority = await createCertificate({ authority: true });
 * const { certPem: cert, keyPem: key, pin } = await createCertificate({ issuer: authority });
 * await using server = await listen("tls://127.0.0.1:0", { tls: { cert, key } });
 * await using connection = await connect(server.urls, { tls: { ca: authority.certPem, pins: [pin] } });
 * console.log(connection.traits.encrypted); // true
 * ```
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Transport } from "../../link.ts";
import { runtime } from "../runtime.ts";
import { checkTcpOptions } from "../tcp/options.ts";

/** The transport of `tls://`. */
export const tls: Transport = {
  schemes: ["tls"],

  async dial(address, options) {
    options.signal?.throwIfAborted();
    checkTcpOptions(options);
    if (address.port === 0) {
      throw new HawserError("invalid-address", `${address.href} has no port to dial; write tls://host:7000`);
    }
    requireSockets();
    const [{ dialTls }, { linkOf }] = await Promise.all([import("./dial.ts"), import("./link.ts")]);
    options.signal?.throwIfAborted();
    const proxied = options.proxy === undefined ? undefined : address;
    return await dialTls(address, options, (socket) => linkOf(socket, options, proxied));
  },

  async listen(address, options, handler) {
    checkTcpOptions(options);
    requireSockets();
    const [{ listenTls }, { linkOf }] = await Promise.all([import("./serve.ts"), import("./link.ts")]);
    const onLink = (socket: Parameters<typeof linkOf>[0]) => handler.onLink(linkOf(socket, options));
    return await listenTls({ address, options, handler, onSocket: onLink });
  },
};

function requireSockets(): void {
  if (runtime === "deno" || runtime === "bun" || runtime === "node") return;
  throw new HawserError(
    "unsupported",
    `${runtime} has no sockets for tls://; dial wss:// there, or run the program on Deno, Bun or Node`,
  );
}
