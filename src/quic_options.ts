/**
 * What QUIC is told.
 *
 * @module
 */

/** What QUIC is told, beside what TLS is told. */
export interface QuicOptions {
  /** Streams that the peer may have open at once, beside the one that carries the link. Default 100. */
  streamsMax?: number;
  /** How long a connection may be silent before it is given up, in milliseconds; the smaller of both sides counts. Default 300,000. */
  idleMsMax?: number;
  /** After how much silence the peer is asked for a sign of life, in milliseconds. Default 30,000; `Infinity` never asks. */
  keepAliveMs?: number;
  /** Bytes that the peer may send on all streams together before they are read. Default 10 MiB. Deno does not let it be set. */
  windowBytes?: number;
  /** Bytes that the peer may send on one stream before they are read. Default 1 MiB. Deno does not let it be set. */
  streamWindowBytes?: number;
  /** How long the handshake may take, in milliseconds. Default 10,000. */
  handshakeMsMax?: number;
  /**
   * Dials: send with the first packet where the peer is known from an earlier connection (0-RTT). Whoever records that
   * packet can send it again. Default false. Deno alone has it.
   */
  earlyData?: boolean;
  /**
   * Dials: SHA-256 of the certificates that a server may have, in DER; no authority is asked then. The way to trust a
   * server that made its certificate itself.
   */
  serverCertificateHashes?: readonly Uint8Array<ArrayBuffer>[];
}
