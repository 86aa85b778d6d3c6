/**
 * What TLS is told, by whichever transport uses it.
 *
 * @module
 */

import type { HawserError } from "./errors.ts";

/** A certificate and its private key, both in PEM. */
export interface TlsCredentials {
  /** The certificate, followed by those between it and an authority, if there are any. */
  readonly cert: string;
  /** The private key of the first certificate, unencrypted. */
  readonly key: string;
}

/**
 * What TLS is told. TLS 1.2 and 1.3 are spoken, with forward secrecy and authenticated ciphers only.
 *
 * A server's certificate is always verified: its dates, its name and who issued it. There is no way to switch that off.
 */
export interface TlsOptions extends Partial<TlsCredentials> {
  /**
   * Who is trusted to issue certificates: authorities in PEM, and `"system"` for those of the operating system.
   * A self-signed certificate is its own authority. Default for a dial: the public authorities that the runtime
   * brings along. Listeners that demand client certificates must name theirs.
   */
  ca?: string | readonly string[];
  /**
   * Pins: the peer's own certificate must hold one of these public keys, and must be valid besides. Written
   * `sha256/` and the base64 of the SHA-256 of the key's SubjectPublicKeyInfo.
   */
  pins?: readonly string[];
  /** Dials: the name that is asked for (SNI), and that the certificate must be for. Default: the host of the address. */
  serverName?: string;
  /** Application protocols, the preferred first (ALPN). A peer with none of them is refused. Default: none is spoken of. */
  alpn?: readonly string[];
  /** The oldest TLS that is spoken. Default 1.2. */
  versionMin?: "1.2" | "1.3";
  /** Listeners: demand a certificate of every client, issued by one of `ca`. Default false. */
  clientCertificates?: boolean;
  /** Listeners: certificates for further host names that clients ask for (SNI): `{ "b.example": { cert, key } }`. */
  hosts?: Readonly<Record<string, TlsCredentials>>;
  /** Listeners: hears of each client that was refused, and where it was. Must not throw. */
  onRefusal?: (error: HawserError, remoteAddress: string) => void;
}
