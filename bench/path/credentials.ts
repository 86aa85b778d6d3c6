/**
 * A server's certificate on its way to whoever dials: it travels behind the address.
 *
 * @module
 */

import { createCertificate } from "../../src/transports/tls/certificate.ts";

/** A server's certificate, and that of the authority which has issued it: QUIC trusts none that vouches for itself. */
export async function credentials(): Promise<{ cert: string; key: string; ca: string }> {
  const authority = await createCertificate({ authority: true });
  const { certPem, keyPem } = await createCertificate({ issuer: authority });
  return { cert: certPem, key: keyPem, ca: authority.certPem };
}

/** An address that also says which certificate to trust. */
export function addressWith(address: string, certPem: string): string {
  return `${address} ${btoa(certPem)}`;
}

/** The two parts of what `addressWith` made; no certificate where there is none. */
export function partsOf(address: string): { readonly address: string; readonly certPem: string | undefined } {
  const [bare, certificate] = address.split(" ");
  return { address: bare, certPem: certificate === undefined ? undefined : atob(certificate) };
}
