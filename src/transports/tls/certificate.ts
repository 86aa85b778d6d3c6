/**
 * Certificates for development and tests, made in this process: authorities, and what they issue for servers and clients.
 *
 * Everything that speaks TLS takes them: `tls://`, `wss://`, QUIC, and WebTransport with `serverCertificateHashes`.
 * The keys are ECDSA P-256, made by WebCrypto. The encoding is that of the package `@peculiar/x509`, which is loaded
 * when first needed: `npm install @peculiar/x509@1`.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { CERTIFICATE_AGE_MS, CERTIFICATE_LIFE_MS } from "../../limits.ts";

/** A certificate and its private key. The key is a secret: what writes this to a file must protect it. */
export interface Certificate {
  /** The certificate in PEM, what a `cert` option takes. */
  readonly certPem: string;
  /** The private key in PEM (PKCS #8), what a `key` option takes. */
  readonly keyPem: string;
  /** The certificate in DER. */
  readonly certDer: Uint8Array<ArrayBuffer>;
  /** The private key in DER (PKCS #8). */
  readonly keyDer: Uint8Array<ArrayBuffer>;
  /** SHA-256 of `certDer`: what WebTransport's `serverCertificateHashes` compare. */
  readonly sha256: Uint8Array<ArrayBuffer>;
  /** The pin of its public key: `sha256/` and the base64 of the SHA-256 of its SubjectPublicKeyInfo (RFC 7469 §2.4). */
  readonly pin: string;
}

/** What a certificate is to say. */
export interface CertificateOptions {
  /**
   * Host names and IP addresses that it is for; the first is its subject too.
   * Default: `localhost`, `127.0.0.1` and `::1`; for an authority `Hawser development CA`, as subject only.
   */
  readonly names?: readonly string[];
  /** Who signs. Default: itself. */
  readonly issuer?: Pick<Certificate, "certPem" | "keyPem">;
  /** Whether it may issue others, and is not one of a server or client itself. Default false. */
  readonly authority?: boolean;
  /** What its holder may be. Default both. */
  readonly usage?: readonly ("server" | "client")[];
  /** From when on it is valid. Default: an hour ago, because clocks differ. */
  readonly validFrom?: Date;
  /** Until when. Default: 13 days after `validFrom`, because browsers refuse to pin what lives longer than 14. */
  readonly validTo?: Date;
}

/**
 * Makes a key and a certificate for it.
 *
 * @throws {HawserError} `unsupported` where `@peculiar/x509` is not installed
 * @throws {RangeError} if it would end before it begins, or names nothing
 *
 * @example A server that its clients know by a common authority
 * ```ts
 * import { createCertificate } from "@hawser/hawser/certificates";
 *
 * const authority = await createCertificate({ authority: true });
 * const server = await createCertificate({ issuer: authority, names: ["localhost", "127.0.0.1"] });
 * console.log(server.certPem.split("\n")[0]); // -----BEGIN CERTIFICATE-----
 * console.log(server.pin.startsWith("sha256/")); // true
 * ```
 */
export async function createCertificate(options: CertificateOptions = {}): Promise<Certificate> {
  const { authority = false, issuer } = options;
  const names = options.names ?? (authority ? ["Hawser development CA"] : ["localhost", "127.0.0.1", "::1"]);
  if (names.length === 0) throw new RangeError("a certificate needs at least one name");
  const notBefore = options.validFrom ?? new Date(Date.now() - CERTIFICATE_AGE_MS);
  const notAfter = options.validTo ?? new Date(notBefore.getTime() + CERTIFICATE_LIFE_MS);
  if (!(notAfter > notBefore)) throw new RangeError("a certificate must end after it begins");

  const x509 = await load();
  const keys = await crypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
  const subject = [{ CN: [names[0]] }];
  const parent = issuer === undefined ? undefined : new x509.X509Certificate(issuer.certPem);
  const signingKey = issuer === undefined ? keys.privateKey : await importKey(issuer.keyPem);
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: parent?.subjectName ?? subject,
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new x509.BasicConstraintsExtension(authority, undefined, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(parent?.publicKey ?? keys.publicKey),
      ...(authority ? authorityExtensions(x509) : leafExtensions(x509, names, options.usage)),
    ],
  });
  const certDer = new Uint8Array(certificate.rawData);
  const keyDer = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  return {
    certPem: toPem("CERTIFICATE", certDer),
    keyPem: toPem("PRIVATE KEY", keyDer),
    certDer,
    keyDer,
    sha256: new Uint8Array(await crypto.subtle.digest("SHA-256", certDer)),
    pin: await pinOf(new Uint8Array(certificate.publicKey.rawData)),
  };
}

/** The pin of a public key, given as SubjectPublicKeyInfo in DER. */
export async function pinOf(spkiDer: Uint8Array<ArrayBuffer>): Promise<string> {
  return `sha256/${toBase64(new Uint8Array(await crypto.subtle.digest("SHA-256", spkiDer)))}`;
}

type X509 = typeof import("@peculiar/x509");

const KEY = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };

async function load(): Promise<X509> {
  try {
    return await import("@peculiar/x509");
  } catch (cause) {
    const message = "making certificates needs a package: npm install @peculiar/x509@1";
    throw new HawserError("unsupported", message, { cause });
  }
}

function authorityExtensions(x509: X509): import("@peculiar/x509").Extension[] {
  const { keyCertSign, cRLSign } = x509.KeyUsageFlags;
  return [new x509.KeyUsagesExtension(keyCertSign | cRLSign, true)];
}

function leafExtensions(
  x509: X509,
  names: readonly string[],
  usage: CertificateOptions["usage"] = ["server", "client"],
): import("@peculiar/x509").Extension[] {
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
  return [
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension(usage.map((one) => one === "server" ? serverAuth : clientAuth)),
    new x509.SubjectAlternativeNameExtension(
      names.map((value) => ({ type: isIpAddress(value) ? "ip" as const : "dns" as const, value })),
    ),
  ];
}

function isIpAddress(name: string): boolean {
  return name.includes(":") || /^[\d.]+$/.test(name);
}

async function importKey(pem: string): Promise<CryptoKey> {
  const base64 = pem.replaceAll(/-----[^-]+-----|\s/g, "");
  const der = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  return await crypto.subtle.importKey("pkcs8", der, KEY, false, ["sign"]);
}

// RFC 7468 §2: lines of 64 characters.
function toPem(label: string, der: Uint8Array): string {
  const lines = toBase64(der).replaceAll(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
