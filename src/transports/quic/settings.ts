/**
 * Judges what a user says about QUIC and its TLS.
 *
 * TLS within QUIC is always 1.3. Options that only some runtimes could keep are refused on all of them: what a client's
 * certificate would prove, Hawser's own handshake proves.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import {
  QUIC_HANDSHAKE_MS_MAX,
  QUIC_IDLE_MS_MAX,
  QUIC_KEEPALIVE_MS,
  QUIC_STREAM_WINDOW_BYTES,
  QUIC_STREAMS_MAX,
  QUIC_WINDOW_BYTES,
} from "../../quic_limits.ts";
import type { Address, TransportOptions } from "../../link.ts";
import type { QuicOptions } from "../../quic_options.ts";
import type { TlsOptions } from "../../tls_options.ts";
import { runtime } from "../runtime.ts";
import { clientOptions, serverOptions } from "../tls/options.ts";

/** What Hawser's connections say they speak (ALPN, RFC 7301); who speaks nothing of the kind is refused. */
export const QUIC_PROTOCOL = "hawser";

/** What both ends are told, complete. Times are milliseconds. */
export interface QuicSettings {
  readonly alpn: readonly string[];
  readonly streamsMax: number;
  readonly idleMsMax: number;
  readonly keepAliveMs: number;
  readonly windowBytes: number;
  readonly streamWindowBytes: number;
  readonly handshakeMsMax: number;
}

/** What a dial is told. */
export interface QuicDialSettings extends QuicSettings {
  /** Authorities in PEM; `undefined` for those that the runtime brings along. */
  readonly ca: readonly string[] | undefined;
  /** The name or IP address that the certificate must be for. */
  readonly serverName: string;
  readonly earlyData: boolean;
  /** SHA-256 of certificates, in place of authorities. */
  readonly hashes: readonly Uint8Array<ArrayBuffer>[] | undefined;
}

/** What a listener is told. */
export interface QuicListenSettings extends QuicSettings {
  readonly cert: string;
  readonly key: string;
}

/**
 * The settings of a dial.
 * @throws {HawserError} `unsupported` for what QUIC, or this runtime, does not do
 * @throws {TypeError} {RangeError} for options that cannot be right
 */
export function dialSettings(address: Address, { tls = {}, quic = {} }: TransportOptions): QuicDialSettings {
  refuse(tls.cert !== undefined || tls.key !== undefined, "tls.cert and tls.key of a dial", CLIENTS);
  refuse(quic.earlyData === true && runtime !== "deno", "quic.earlyData", `${runtime} has none`);
  const common = settingsOf(tls, quic);
  const { ca } = clientOptions(address, tls) as { ca?: string[] };
  const hashes = quic.serverCertificateHashes;
  if (hashes?.some((hash) => hash.length !== 32)) {
    throw new TypeError("quic.serverCertificateHashes: each has the 32 bytes of a SHA-256");
  }
  return {
    ...common,
    ca,
    serverName: tls.serverName ?? address.host.replace(/\.$/, ""),
    earlyData: quic.earlyData ?? false,
    hashes,
  };
}

/** The settings of a listener; throws as `dialSettings` does. */
export function listenSettings({ tls = {}, quic = {} }: TransportOptions): QuicListenSettings {
  refuse(tls.clientCertificates === true, "tls.clientCertificates", CLIENTS);
  refuse(tls.hosts !== undefined, "tls.hosts", "a listener shows one certificate");
  refuse(quic.serverCertificateHashes !== undefined, "quic.serverCertificateHashes of a listener", CLIENTS);
  const common = settingsOf(tls, quic);
  const { cert, key } = serverOptions(tls) as { cert: string; key: string };
  return { ...common, cert, key };
}

const CLIENTS =
  "clients have no certificates there: Hawser's own handshake proves who they are, and authorize " +
  "decides; take tls:// where certificates must do so";

function settingsOf(tls: TlsOptions, quic: QuicOptions): QuicSettings {
  refuse(
    tls.pins !== undefined,
    "tls.pins",
    "not every runtime shows the certificate; pin it whole, by quic.serverCertificateHashes",
  );
  const windows = quic.windowBytes !== undefined || quic.streamWindowBytes !== undefined;
  refuse(windows && runtime === "deno", "quic.windowBytes and quic.streamWindowBytes", "Deno fixes them");
  return {
    alpn: alpnOf(tls),
    streamsMax: whole("streamsMax", quic.streamsMax ?? QUIC_STREAMS_MAX, 0, 2 ** 32),
    idleMsMax: whole("idleMsMax", quic.idleMsMax ?? QUIC_IDLE_MS_MAX, 1, 2 ** 31),
    keepAliveMs: quic.keepAliveMs === Infinity
      ? Infinity
      : whole("keepAliveMs", quic.keepAliveMs ?? QUIC_KEEPALIVE_MS, 1, 2 ** 31),
    windowBytes: whole("windowBytes", quic.windowBytes ?? QUIC_WINDOW_BYTES, 1_024, 2 ** 32),
    streamWindowBytes: whole(
      "streamWindowBytes",
      quic.streamWindowBytes ?? QUIC_STREAM_WINDOW_BYTES,
      1_024,
      2 ** 32,
    ),
    handshakeMsMax: whole("handshakeMsMax", quic.handshakeMsMax ?? QUIC_HANDSHAKE_MS_MAX, 1, 2 ** 31),
  };
}

function alpnOf({ alpn = [QUIC_PROTOCOL] }: TlsOptions): readonly string[] {
  if (alpn.length === 0) throw new TypeError("tls.alpn: QUIC needs at least one application protocol");
  return alpn;
}

function refuse(asked: boolean, option: string, why: string): void {
  if (asked) throw new HawserError("unsupported", `quic:// knows no ${option}: ${why}`);
}

function whole(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`quic.${name} is ${value}; it must be a whole number from ${min} to ${max}`);
}
