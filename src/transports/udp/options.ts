/**
 * Checks what a caller asks of a UDP socket, and resolves where it should go.
 *
 * @module
 */

import { UDP_MTU_DEFAULT, UDP_MTU_MAX, UDP_MTU_MIN } from "../../limits.ts";
import type { TransportOptions } from "../../link.ts";
import { failure } from "../failure.ts";
import type { UdpSocketOptions } from "./socket.ts";

/** All of {@linkcode UdpSocketOptions} that does not depend on an address. */
export type UdpTuning = Omit<UdpSocketOptions, "host" | "port" | "remote">;

/**
 * The most bytes of one datagram.
 * @throws {RangeError} outside `UDP_MTU_MIN` to `UDP_MTU_MAX`.
 */
export function mtuOf(options: TransportOptions): number {
  return whole("mtu", options.mtu ?? UDP_MTU_DEFAULT, UDP_MTU_MIN, UDP_MTU_MAX);
}

/**
 * The options of the socket.
 * @throws {RangeError} for numbers out of range and groups that are none.
 */
export function tuningOf(options: TransportOptions): UdpTuning {
  const { ttl, receiveBufferBytes, sendBufferBytes, multicast } = options;
  if (ttl !== undefined) whole("ttl", ttl, 1, 255);
  if (receiveBufferBytes !== undefined) whole("receiveBufferBytes", receiveBufferBytes, 1, 2 ** 30);
  if (sendBufferBytes !== undefined) whole("sendBufferBytes", sendBufferBytes, 1, 2 ** 30);
  if (multicast?.ttl !== undefined) whole("multicast.ttl", multicast.ttl, 0, 255);
  for (const group of multicast?.groups ?? []) {
    if (!isMulticast(group)) {
      throw new RangeError(`${group} is no multicast group: 224.0.0.0 to 239.255.255.255, or ff00::/8`);
    }
  }
  return {
    reusePort: options.reusePort ?? false,
    reuseAddress: options.reuseAddress ?? false,
    broadcast: options.broadcast ?? false,
    ttl,
    receiveBufferBytes,
    sendBufferBytes,
    multicast,
  };
}

/** Whether an IP address is a multicast group (RFC 1112 §4, RFC 4291 §2.7). */
export function isMulticast(host: string): boolean {
  return host.includes(":") ? /^ff/i.test(host) : isIpv4(host) && Number.parseInt(host) >> 4 === 0b1110;
}

/**
 * The IP address of a host as `parseAddress` gives it, written as the runtimes write senders.
 * @throws {HawserError} `invalid-address` where the name does not resolve.
 * @throws the reason of `signal`.
 */
export async function resolveHost(host: string, signal?: AbortSignal): Promise<string> {
  signal?.throwIfAborted();
  if (host.includes(":") || isIpv4(host)) return host;
  const { lookup } = await import("node:dns/promises");
  const found = lookup(host).then(({ address }) => address, (cause) => {
    throw failure(cause, `cannot resolve ${host}`);
  });
  return await untilAborted(found, signal);
}

/** Gives up waiting for `work` as soon as `signal` says so; `work` itself cannot be stopped. */
async function untilAborted<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return await work;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function isIpv4(host: string): boolean {
  return /^[\d.]+$/.test(host);
}

function whole(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`${name} is ${value}; it must be a whole number from ${min} to ${max}`);
}
