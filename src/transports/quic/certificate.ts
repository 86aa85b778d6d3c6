/**
 * Judges the certificate of a listener where the runtime shows it, for what the runtime does not judge.
 *
 * @module
 */

import { createHash, type X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { TlsRefusal } from "../../errors.ts";
import type { QuicDialSettings } from "./settings.ts";

/** Why a certificate is refused, whose chain was verified unless it is one of `hashes`; `undefined` if it is not. */
export function judgeCertificate(
  certificate: Pick<X509Certificate, "raw" | "validFrom" | "validTo" | "checkIP" | "checkHost"> | undefined,
  { hashes, serverName }: Pick<QuicDialSettings, "hashes" | "serverName">,
  now: number,
): TlsRefusal | undefined {
  if (certificate === undefined) return "no-certificate";
  if (hashes === undefined) {
    const named = isIP(serverName) === 0
      ? certificate.checkHost(serverName)
      : certificate.checkIP(serverName);
    return named === undefined ? "wrong-name" : undefined;
  }
  const hash = createHash("sha256").update(certificate.raw).digest();
  if (!hashes.some((one) => hash.equals(one))) return "unknown-issuer";
  if (now > Date.parse(certificate.validTo)) return "expired";
  return now < Date.parse(certificate.validFrom) ? "not-yet-valid" : undefined;
}
