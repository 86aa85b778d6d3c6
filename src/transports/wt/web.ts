/**
 * `wt://` in browsers, over their own `WebTransport`: they can dial, and not listen.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Transport } from "../../link.ts";
import { placeOf } from "./place.ts";
import { WtWebLink } from "./web_link.ts";

/** The transport of `wt://` in browsers. */
export const webTransportDialler: Transport = {
  schemes: ["wt"],

  async dial(address, { signal, quic }) {
    const { authority, path, hashes } = placeOf(address);
    signal?.throwIfAborted();
    if (typeof WebTransport !== "function") {
      const message =
        "there is no WebTransport here: the page must come over https, or the browser is too old";
      throw new HawserError("unsupported", `${message}; dial wss://`);
    }
    const serverCertificateHashes = [...hashes, ...quic?.serverCertificateHashes ?? []].map((value) => ({
      algorithm: "sha-256",
      value,
    }));
    const session = new WebTransport(`https://${authority}${path}`, { serverCertificateHashes });
    const onAbort = () => session.close();
    signal?.addEventListener("abort", onAbort);
    try {
      await session.ready;
      signal?.throwIfAborted(); // Deno makes ready what was closed before.
      return new WtWebLink(session, await session.createBidirectionalStream(), address.href);
    } catch (cause) {
      signal?.throwIfAborted();
      // A browser tells nobody why a dial failed, so that no page can look around in its user's network.
      throw new HawserError(
        "quic",
        `cannot dial ${address.href}: nobody there opens a WebTransport session; check path, port and certificate, ` +
          "and that the listener admits this origin",
        { cause },
      );
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  },

  // deno-lint-ignore require-await -- what is thrown here must reject
  async listen({ href }) {
    throw new HawserError("unsupported", `nobody listens on ${href} in a page or a worker; let it dial Deno`);
  },
};
