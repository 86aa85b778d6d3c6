/**
 * The dialling side of tests of UDP, and what else they share.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import type { Link, TransportOptions } from "../../src/link.ts";
import { parseAddress } from "../../src/transports/address.ts";
import { udp } from "../../src/transports/udp/mod.ts";
import { Arrivals } from "./arrivals.ts";

/** Longer than any datagram is on its way within one machine. */
export const NEVER_MS = 150;

/** A dialled link and what it hears. */
export class UdpClient {
  readonly link: Link;
  /** All that the link told. */
  readonly arrivals = new Arrivals();

  private constructor(link: Link) {
    this.link = link;
    link.start(this.arrivals);
  }

  /** Dials and starts. */
  static async dial(url: string, options: TransportOptions = {}): Promise<UdpClient> {
    return new UdpClient(await dialUdp(url, options));
  }

  /** Datagrams that arrived and were not taken. */
  get count(): number {
    return this.arrivals.count;
  }

  /** The next datagram. */
  next(): Promise<Uint8Array> {
    return this.arrivals.next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.link.close();
  }
}

/** Opens a link. */
export function dialUdp(url: string, options: TransportOptions = {}): Promise<Link> {
  return udp.dial(parseAddress(url), options);
}

/** Fails unless `call` rejects with this code; resolves to the error. */
export async function refused(code: string, call: () => Promise<unknown>): Promise<HawserError> {
  const error = await assertRejects(call, HawserError);
  assertEquals(error.code, code, error.message);
  return error;
}

/** Bytes that differ with the length and the place. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index * 7 + length);
}

/** Resolves after `ms` milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
