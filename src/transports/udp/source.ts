/**
 * Where datagrams come from, told without an allocation per packet.
 *
 * @module
 */

import type { DatagramSource } from "../../link.ts";
import { UDP_SOURCES_MAX } from "../../limits.ts";
import { formatAddress, parseAddress } from "../address.ts";

/** The URL of a host and port. */
export function udpUrl(host: string, port: number): string {
  return formatAddress({ scheme: "udp", host, port });
}

/** One host and port. */
export class UdpSource implements DatagramSource {
  readonly host: string;
  readonly port: number;
  readonly key: string;
  readonly address: string;

  /** `host` is an IP address as the runtime writes it. */
  constructor(host: string, port: number) {
    this.host = host;
    this.port = port;
    this.address = udpUrl(host, port);
    this.key = this.address;
  }
}

/**
 * Remembers the last `UDP_SOURCES_MAX` senders, more or less: one slot for
 * each value of the port's low bits. Two senders that share a slot cost an
 * allocation per change, and nothing else; a flood of senders costs no more.
 */
export class SourceCache {
  readonly #slots: (UdpSource | undefined)[] = new Array(UDP_SOURCES_MAX).fill(undefined);

  /** The source of a host and port. */
  find(host: string, port: number): UdpSource {
    const slot = port & (UDP_SOURCES_MAX - 1);
    const known = this.#slots[slot];
    if (known !== undefined && known.port === port && known.host === host) return known;
    return this.#slots[slot] = new UdpSource(host, port);
  }
}

/**
 * The host and port of a source that anybody may have made.
 * @throws {TypeError} where its address is no `udp://` address with a port.
 * @throws {HawserError} `invalid-address` where it is no address at all.
 */
export function sourceOf(source: DatagramSource): UdpSource {
  if (source instanceof UdpSource) return source;
  const { scheme, host, port } = parseAddress(source.address);
  if (scheme !== "udp" || port === 0) {
    throw new TypeError(`${source.address} is no source; it looks like udp://192.0.2.1:4000`);
  }
  return new UdpSource(host, port);
}
