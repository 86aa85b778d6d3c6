/**
 * The parts of Bun's `node:quic` that are used: neither Deno nor Node has its types.
 *
 * @module
 */

import type { KeyObject, X509Certificate } from "node:crypto";
import { HawserError } from "../../errors.ts";

/** Where a socket is. */
export interface BunSocketAddress {
  readonly address: string;
  readonly port: number;
  readonly family: "ipv4" | "ipv6";
}

/** A UDP socket for QUIC. */
export interface BunQuicEndpoint {
  /** Undefined if it could not be bound; `closed` rejects then. */
  readonly address: BunSocketAddress | undefined;
  readonly closed: Promise<void>;
  /** Refuses whoever comes, and ends when the last session has. */
  close(): Promise<void>;
}

/** One connection. */
export interface BunQuicSession {
  onstream: ((stream: BunQuicStream) => void) | undefined;
  ondatagram: ((bytes: Uint8Array) => void) | undefined;
  onerror: ((cause: unknown) => void) | undefined;
  readonly opened: Promise<unknown>;
  readonly closed: Promise<void>;
  readonly path: { readonly local: BunSocketAddress; readonly remote: BunSocketAddress } | undefined;
  readonly peerCertificate: X509Certificate | undefined;
  /** What the peer allows; its limit of streams counts those that are open at once. */
  readonly remoteTransportParams: { readonly initialMaxStreamsBidi: bigint } | null | undefined;
  readonly maxDatagramSize: number;
  createBidirectionalStream(options: { highWaterMark: number }): Promise<BunQuicStream>;
  sendDatagram(bytes: Uint8Array): Promise<bigint>;
  destroy(error: undefined, options: { code: bigint; type: "application" }): void;
}

/** One stream. */
export interface BunQuicStream extends AsyncIterable<readonly Uint8Array[]> {
  readonly id: bigint | null;
  readonly closed: Promise<void>;
  readonly writer: BunQuicWriter;
  highWaterMark: number;
  destroy(): void;
}

/** The writing side of a stream. */
export interface BunQuicWriter {
  /** Null when nothing can be written any more. */
  readonly desiredSize: number | null;
  /** Takes all of the bytes, or none: `false`. */
  writeSync(bytes: Uint8Array): boolean;
  endSync(): number;
}

/** What both ends are told. */
export interface BunSessionOptions {
  readonly alpn: string | readonly string[];
  readonly endpoint: BunQuicEndpoint;
  readonly enableEarlyData: false;
  readonly keepAlive: number | undefined;
  readonly handshakeTimeout: number;
  readonly transportParams: Readonly<Record<string, number>>;
  readonly onerror: (cause: unknown) => void;
  readonly servername?: string;
  readonly ca?: readonly Uint8Array[];
  readonly verifyPeer?: "auto" | "manual";
  readonly sni?: Readonly<Record<string, { readonly keys: KeyObject[]; readonly certs: Uint8Array[] }>>;
}

/** `node:quic`. */
export interface BunQuic {
  readonly QuicEndpoint: new (
    options: { address: BunSocketAddress; maxConnectionsPerHost: number; maxConnectionsTotal: number },
  ) => BunQuicEndpoint;
  connect(address: BunSocketAddress, options: BunSessionOptions): Promise<BunQuicSession>;
  listen(onSession: (session: BunQuicSession) => void, options: BunSessionOptions): Promise<BunQuicEndpoint>;
}

/**
 * Bun's `node:quic`.
 * @throws {HawserError} `unsupported` where this Bun has none.
 */
export function loadBunQuic(): BunQuic {
  // A static import would not be found by Deno and Node, which read this file to check its types.
  const found = process.getBuiltinModule("node:quic") as unknown as BunQuic | undefined;
  if (found !== undefined) return found;
  throw new HawserError("unsupported", "this version of Bun has no QUIC; take Bun 1.4 or later");
}
