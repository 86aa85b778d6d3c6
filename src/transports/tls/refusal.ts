/**
 * Why TLS refused, in words that are the same on every runtime.
 *
 * Node speaks through OpenSSL, Bun through BoringSSL, Deno through rustls; all three use the codes of Node, though not
 * always the same for the same cause.
 *
 * @module
 */

import { createHash, X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { HawserError, type TlsRefusal } from "../../errors.ts";
import { failure } from "../failure.ts";

const ADVICE: Readonly<Record<TlsRefusal, string>> = {
  "expired": "the peer's certificate has expired; it must be renewed there",
  "not-yet-valid": "the peer's certificate is not valid yet; check the clocks",
  "wrong-name": "the peer's certificate is for other names; dial one of them, or give tls.serverName",
  "unknown-issuer":
    "nobody who is trusted has issued the peer's certificate; if it is right, give its authority in tls.ca",
  "wrong-usage": "the peer's certificate is not for this use",
  "pin-mismatch": "the key of the peer's certificate is none of tls.pins",
  "no-certificate": "the client showed no certificate and must; it gives one by tls.cert and tls.key",
  "own-certificate": "the peer refuses our certificate; check who issued it, its dates and its use",
  "version": "the two sides have no TLS version and cipher suite in common",
  "alpn": "the two sides have no application protocol in common; check tls.alpn",
  "handshake": "the TLS handshake failed; check that TLS is spoken at both ends",
};

const REASONS: Readonly<Record<string, TlsRefusal>> = {
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "not-yet-valid",
  ERR_TLS_CERT_ALTNAME_INVALID: "wrong-name",
  INVALID_PURPOSE: "wrong-usage",
  DEPTH_ZERO_SELF_SIGNED_CERT: "unknown-issuer",
  SELF_SIGNED_CERT_IN_CHAIN: "unknown-issuer",
  UNABLE_TO_GET_ISSUER_CERT: "unknown-issuer",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "unknown-issuer",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "unknown-issuer",
  CERT_SIGNATURE_FAILURE: "unknown-issuer",
  INVALID_CA: "unknown-issuer",
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: "no-certificate",
};

// What an alert of the peer says (RFC 8446 §6.2), by a part of the code that all runtimes share.
const ALERTS: readonly (readonly [part: string, reason: TlsRefusal])[] = [
  ["CERTIFICATE_REQUIRED", "no-certificate"],
  ["NO_APPLICATION_PROTOCOL", "alpn"],
  ["PROTOCOL_VERSION", "version"],
  ["UNSUPPORTED_PROTOCOL", "version"],
  ["NO_SHARED_CIPHER", "version"],
  ["UNKNOWN_CA", "own-certificate"],
  ["CERTIFICATE_EXPIRED", "own-certificate"],
  ["CERTIFICATE_UNKNOWN", "own-certificate"],
  ["CERTIFICATE_REVOKED", "own-certificate"],
  ["BAD_CERTIFICATE", "own-certificate"],
  ["UNSUPPORTED_CERTIFICATE", "own-certificate"],
  ["ACCESS_DENIED", "own-certificate"],
];

/** The error of a refusal. */
export function tlsError(reason: TlsRefusal, doing: string, cause?: unknown): HawserError {
  return new HawserError("tls", `${doing}: ${ADVICE[reason]}`, { cause, reason });
}

/** The `HawserError` for `cause`, which may be a refusal of TLS or anything else that happens to a socket. */
export function tlsFailure(cause: unknown, doing: string): HawserError {
  const { code = "", message = "" } = (cause ?? {}) as Partial<Error & { code: string }>;
  const reason = reasonOf(code, message);
  return reason === undefined ? failure(cause, doing) : tlsError(reason, doing, cause);
}

function reasonOf(code: string, message: string): TlsRefusal | undefined {
  if (code in REASONS) return REASONS[code];
  if (/^ERR_(SSL|TLS)_/.test(code)) {
    // Deno says the same code for several causes of TLS 1.2.
    const said = message.includes("CertificateRequired") ? "CERTIFICATE_REQUIRED" : code;
    return ALERTS.find(([part]) => said.includes(part))?.[1] ?? "handshake";
  }
  // The peer hung up amid the handshake: OpenSSL 3 and older peers do so without an alert.
  return message.includes("before secure TLS connection") ? "handshake" : undefined;
}

/**
 * Judges what only we can: the pins, and that an application protocol was agreed on.
 *
 * Pins are held against the peer's own certificate. The others that it sent prove nothing: anybody may send them.
 */
export function judgePeer(
  socket: TLSSocket,
  rules: { readonly pins?: readonly string[]; readonly alpn?: readonly string[] },
): TlsRefusal | undefined {
  if (rules.alpn !== undefined && !socket.alpnProtocol) return "alpn";
  if (rules.pins === undefined) return undefined;
  const { raw } = socket.getPeerCertificate();
  return raw !== undefined && rules.pins.includes(pinOfCertificate(raw)) ? undefined : "pin-mismatch";
}

/** Why a certificate whose dates are wrong was refused; `undefined` if they are right. */
export function judgeDates(socket: TLSSocket, now: number): TlsRefusal | undefined {
  const { valid_from: from, valid_to: to } = socket.getPeerCertificate();
  if (now > Date.parse(to)) return "expired";
  return now < Date.parse(from) ? "not-yet-valid" : undefined;
}

function pinOfCertificate(der: Uint8Array): string {
  const spki = new X509Certificate(der).publicKey.export({ type: "spki", format: "der" });
  return `sha256/${createHash("sha256").update(spki).digest("base64")}`;
}
