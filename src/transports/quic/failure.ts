/**
 * What QUIC says when it fails, as errors with a code and advice.
 *
 * Deno speaks through rustls and quinn, Bun through BoringSSL and lsquic; alerts of TLS have the numbers of RFC 8446 §6
 * in all of them, and travel as QUIC error codes 0x100 and above (RFC 9001 §4.8).
 *
 * @module
 */

import { HawserError, type TlsRefusal } from "../../errors.ts";
import { failure } from "../failure.ts";
import { tlsError } from "../tls/refusal.ts";
import { CLOSE_CODES } from "./connection.ts";

/** What a runtime said, taken apart as far as it can be. */
export interface QuicCause {
  /** A close code of the application. */
  readonly application?: bigint;
  /** The number of a TLS alert. */
  readonly alert?: number;
  /** Whether it was the peer that refused. */
  readonly byPeer?: boolean;
  /** Nothing was heard for too long. */
  readonly timeout?: boolean;
  /** The peer does not take the connection. */
  readonly refused?: boolean;
}

/** A connection that failed, as an adapter takes apart what its runtime said. */
export class QuicFailure extends Error {
  /** What the runtime said. */
  readonly said: QuicCause;

  /** Keeps what the runtime said, and its words. */
  constructor(said: QuicCause, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "QuicFailure";
    this.said = said;
  }
}

/** The `HawserError` for `cause`: a {@linkcode QuicFailure}, or anything else that a runtime throws. */
export function quicError(cause: unknown, doing: string): HawserError {
  if (!(cause instanceof QuicFailure)) return failure(cause, doing);
  const { said, message } = cause;
  if (said.application !== undefined) return closedByPeer(said.application, doing, cause);
  if (said.timeout) {
    return new HawserError("timeout", `${doing}: the peer was silent for too long; check the network`, {
      cause,
    });
  }
  if (said.refused) {
    const advice = "nobody listens there, or there is no room; check the address, or try later";
    return new HawserError("connection-refused", `${doing}: ${advice}`, { cause });
  }
  if (said.alert !== undefined) return tlsError(refusalOf(said, message), doing, cause);
  return new HawserError("quic", `${doing}: ${message}`, { cause });
}

function closedByPeer(code: bigint, doing: string, cause: QuicFailure): HawserError {
  if (code === CLOSE_CODES.refused) {
    const advice = "the peer has no room, or does not listen any more; try later";
    return new HawserError("connection-refused", `${doing}: ${advice}`, { cause });
  }
  return new HawserError("io", `${doing}: the peer gave the connection up; dial again`, { cause });
}

const ALERTS: Readonly<Record<number, TlsRefusal>> = {
  45: "expired",
  70: "version",
  116: "no-certificate",
  120: "alpn",
};

const WORDS: readonly (readonly [RegExp, TlsRefusal])[] = [
  [/not[- ]?yet[- ]?valid|NotValidYet/i, "not-yet-valid"],
  [/expired/i, "expired"],
  [/wrong-name|not valid for name|NotValidForName|hostname mismatch|HOSTNAME_MISMATCH/i, "wrong-name"],
  [/UnknownIssuer|self.?signed|issuer|verify the first|CaUsedAsEndEntity/i, "unknown-issuer"],
  [/purpose/i, "wrong-usage"],
];

function refusalOf({ alert = 0, byPeer }: QuicCause, message: string): TlsRefusal {
  if (alert === 120) return "alpn";
  // 42 to 49: what the peer has against our certificate, or we against its.
  const isAboutCertificate = alert >= 42 && alert <= 49;
  if (byPeer && isAboutCertificate) return "own-certificate";
  return WORDS.find(([words]) => words.test(message))?.[1] ?? ALERTS[alert] ??
    (isAboutCertificate ? "unknown-issuer" : "handshake");
}
