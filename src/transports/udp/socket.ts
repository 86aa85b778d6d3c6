/**
 * What a runtime must offer so that Hawser speaks UDP on it: one socket.
 *
 * @module
 */

import type { HawserError } from "../../errors.ts";

/** How a socket is opened. Hosts are IP addresses, never names. */
export interface UdpSocketOptions {
  /** The address to bind; a wildcard address for all of them. */
  readonly host: string;
  /** The port to bind; 0 takes a free one. */
  readonly port: number;
  /** The one address to talk to. Runtimes that can tell the kernel do so. */
  readonly remote: { readonly host: string; readonly port: number } | undefined;
  readonly reusePort: boolean;
  readonly reuseAddress: boolean;
  readonly broadcast: boolean;
  readonly ttl: number | undefined;
  readonly receiveBufferBytes: number | undefined;
  readonly sendBufferBytes: number | undefined;
  readonly multicast: UdpMulticast | undefined;
}

/** Multicast groups to join, and how to send to them. */
export interface UdpMulticast {
  readonly groups: readonly string[];
  readonly ttl?: number;
  readonly loopback?: boolean;
  readonly interface?: string;
}

/** What a socket tells its user. None of these may throw. */
export interface UdpSocketHandler {
  /** A datagram arrived; `bytes` are valid until the call returns. */
  onDatagram(bytes: Uint8Array, host: string, port: number): void;
  /** The socket was `congested`, and no longer is. */
  onDrain(): void;
  /** The kernel heard that nobody listens at the remote address. */
  onRefused(): void;
  /** The socket died by itself; called at most once, and never after `close`. */
  onDeath(error: HawserError): void;
}

/** One bound socket. */
export interface UdpSocket {
  /** The address it is bound to. */
  readonly host: string;
  /** The real port. */
  readonly port: number;
  /** Whether the kernel lets in nothing but what comes from the remote address. */
  readonly filtered: boolean;
  /** Whether more datagrams are on their way to the kernel than is good. `onDrain` tells when that is over. */
  readonly congested: boolean;
  /** Datagrams that were dropped on the way to the kernel. */
  readonly dropped: number;
  /** Takes ownership of `bytes`. Never throws; `false`: dropped. */
  send(bytes: Uint8Array, host: string, port: number): boolean;
  /** Waits for what is on its way to the kernel, unless `abort`; resolves when the socket is gone. Safe to call twice. */
  close(abort: boolean): Promise<void>;
}

/**
 * Whether `error` says that nobody listens at an address to which something was sent (ICMP; on Windows ECONNRESET
 * where the socket is not connected). The socket itself is well.
 */
export function isRefusal(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === "ECONNREFUSED" || code === "ECONNRESET";
}

/**
 * Opens a socket on one runtime.
 * @throws {HawserError} `address-in-use`, `unsupported` or `io`.
 */
export type OpenUdpSocket = (options: UdpSocketOptions, handler: UdpSocketHandler) => Promise<UdpSocket>;
