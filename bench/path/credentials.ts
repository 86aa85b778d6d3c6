/**
 * A server's certificate on its way to whoever dials: it travels behind the address.
 *
 * @module
 */

/** An address that also says which certificate to trust. */
export function addressWith(address: string, certPem: string): string {
  return `${address} ${btoa(certPem)}`;
}

/** The two parts of what `addressWith` made; no certificate where there is none. */
export function partsOf(address: string): { readonly address: string; readonly certPem: string | undefined } {
  const [bare, certificate] = address.split(" ");
  return { address: bare, certPem: certificate === undefined ? undefined : atob(certificate) };
}
