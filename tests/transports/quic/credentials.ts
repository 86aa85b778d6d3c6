/**
 * What the tests of QUIC tell both ends.
 *
 * @module
 */

import type { Transport, TransportOptions } from "../../../src/link.ts";
import { quic } from "../../../src/transports/quic/mod.ts";
import { authority, credentials, server } from "../tls/credentials.ts";

/** What a listener is told. */
export const listening: TransportOptions = { tls: credentials(server) };

/** What a dial is told. */
export const dialling: TransportOptions = { tls: { ca: authority.certPem }, quic: { handshakeMsMax: 3_000 } };

/** The transport, with the above for whoever says nothing else. */
export const transport: Transport = {
  schemes: quic.schemes,
  dial: (address, options) => quic.dial(address, { ...dialling, ...options }),
  listen: (address, options, handler) => quic.listen(address, { ...listening, ...options }, handler),
};
