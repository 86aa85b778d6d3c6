/**
 * Judges what a user says about TLS, and says it to `node:tls`, which Deno, Bun and Node all have.
 *
 * @module
 */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import {
  checkServerIdentity,
  type ConnectionOptions,
  getCACertificates,
  type PeerCertificate,
  type SecureContextOptions,
  type TlsOptions as ServerOptions,
} from "node:tls";
import { TLS_HANDSHAKE_MS_MAX } from "../../limits.ts";
import type { Address } from "../../link.ts";
import type { TlsCredentials, TlsOptions } from "../../tls_options.ts";

/**
 * Every suite of TLS 1.3 but those for small devices, and of TLS 1.2 those with forward secrecy and an authenticated
 * cipher: what RFC 9325 §4.2 recommends, with ChaCha20-Poly1305 (RFC 7905).
 */
const CIPHERS = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
].join(":");

const PIN = /^sha256\/[A-Za-z0-9+/]{43}=$/;

/**
 * What a dial says to `node:tls`, the socket apart.
 *
 * @throws {TypeError} for options that cannot be right
 */
export function clientOptions(address: Address, options: TlsOptions): ConnectionOptions {
  checkPins(options);
  const name = options.serverName ?? address.host.replace(/\.$/, "");
  return {
    ...credentialsOf(options, "tls"),
    ...commonOptions(options),
    // SNI carries names only (RFC 6066 §3).
    servername: isIP(name) === 0 ? name : undefined,
    checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
      checkServerIdentity(name, certificate),
    rejectUnauthorized: true,
  };
}

/**
 * What a listener says to `node:tls`.
 *
 * @throws {TypeError} for options that cannot be right
 */
export function serverOptions(options: TlsOptions): ServerOptions {
  checkPins(options);
  if (options.cert === undefined) {
    throw new TypeError(
      "a listener of TLS needs tls.cert and tls.key; for development createCertificate of " +
        "@hawser/hawser/certificates makes them",
    );
  }
  const { clientCertificates = false } = options;
  if (clientCertificates && (options.ca === undefined || options.ca.length === 0)) {
    throw new TypeError("tls.clientCertificates needs tls.ca: who may issue them");
  }
  if (options.pins !== undefined && !clientCertificates) {
    throw new TypeError("tls.pins of a listener need tls.clientCertificates: nothing else could be pinned");
  }
  return {
    ...credentialsOf(options, "tls"),
    ...commonOptions(options),
    handshakeTimeout: TLS_HANDSHAKE_MS_MAX,
    requestCert: clientCertificates,
    rejectUnauthorized: clientCertificates,
  };
}

/** The certificates of a listener for further host names. */
export function hostCredentials(options: TlsOptions): [host: string, context: SecureContextOptions][] {
  return Object.entries(options.hosts ?? {}).map(([host, credentials]) => [
    host,
    { ...commonOptions(options), ...credentialsOf(credentials, `tls.hosts[${JSON.stringify(host)}]`) },
  ]);
}

function commonOptions(options: TlsOptions): SecureContextOptions & { ALPNProtocols?: string[] } {
  return {
    minVersion: options.versionMin === "1.3" ? "TLSv1.3" : "TLSv1.2",
    ciphers: CIPHERS,
    ca: authorities(options.ca),
    ALPNProtocols: options.alpn === undefined ? undefined : [...options.alpn],
  };
}

function authorities(ca: TlsOptions["ca"]): string[] | undefined {
  if (ca === undefined) return undefined;
  return (typeof ca === "string" ? [ca] : ca).flatMap((one) => {
    if (one === "system") return getCACertificates("system");
    parse(one, 'tls.ca is neither a certificate in PEM nor "system"');
    return [one];
  });
}

// Deno notices nothing of these until the first handshake fails for no reason that anybody could tell.
function credentialsOf({ cert, key }: Partial<TlsCredentials>, place: string): Partial<TlsCredentials> {
  if (cert === undefined && key === undefined) return {};
  if (cert === undefined || key === undefined) {
    throw new TypeError(`${place}.cert and ${place}.key belong together`);
  }
  const certificate = parse(cert, `${place}.cert is no certificate in PEM`);
  let matches: boolean;
  try {
    matches = certificate.checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    throw new TypeError(`${place}.key is no private key in PEM that can be read without a password`, {
      cause,
    });
  }
  if (!matches) throw new TypeError(`${place}.key is not the key of ${place}.cert`);
  return { cert, key };
}

function parse(pem: string, complaint: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new TypeError(complaint, { cause });
  }
}

function checkPins({ pins = [] }: TlsOptions): void {
  for (const pin of pins) {
    if (!PIN.test(pin)) {
      throw new TypeError(
        `tls.pins: ${JSON.stringify(pin)} is none: write sha256/ and the base64 of the hash, 44 characters`,
      );
    }
  }
}
