/**
 * Certificates that the tests of TLS share.
 *
 * @module
 */

import type { Transport } from "../../../src/link.ts";
import type { TlsCredentials, TlsOptions } from "../../../src/tls_options.ts";
import { type Certificate, createCertificate } from "../../../src/transports/tls/certificate.ts";

/** The authority that issues everything that is right. */
export const authority: Certificate = await createCertificate({ authority: true, names: ["Right CA"] });

/** A server of this machine. */
export const server: Certificate = await createCertificate({ issuer: authority, usage: ["server"] });

/** A client. */
export const client: Certificate = await createCertificate({
  issuer: authority,
  names: ["client.test"],
  usage: ["client"],
});

/** A certificate as an option. */
export function credentials({ certPem: cert, keyPem: key }: Certificate): TlsCredentials {
  return { cert, key };
}

/** The transport with `tls` added to what every dial and every listen is told. */
export function withTls(transport: Transport, tls: TlsOptions): Transport {
  return {
    schemes: transport.schemes,
    dial: (address, options) => transport.dial(address, { tls, ...options }),
    listen: (address, options, handler) => transport.listen(address, { tls, ...options }, handler),
  };
}
