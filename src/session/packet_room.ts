/**
 * How much one packet of a link carries.
 *
 * @module
 */

import { BODY_BYTES_MAX, PACKET_OVERHEAD_MAX } from "../limits.ts";

/** What REKEY takes, which may follow all else in a packet of an ordered lane. */
export const REKEY_BYTES = 1;

/** The most bytes of text in a packet of a link that carries `mtu` bytes at once. */
export function bodyBytesMax(mtu: number = Infinity): number {
  return Math.min(BODY_BYTES_MAX, mtu - PACKET_OVERHEAD_MAX);
}
