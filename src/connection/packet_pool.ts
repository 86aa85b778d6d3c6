/**
 * Room for large packets, used again and again: an allocation of such a size costs as much as sealing a tenth of it.
 *
 * @module
 */

import { BODY_BYTES_MAX, PACKET_OVERHEAD_MAX, PACKET_SPARES_MAX } from "../limits.ts";

const PACKET_BYTES: number = BODY_BYTES_MAX + PACKET_OVERHEAD_MAX;

// Of no connection: only those that send need any, and most are idle.
const spares: Uint8Array[] = [];

/** What one connection has on loan. */
export class PacketLoans {
  #lent: Uint8Array[] | undefined;

  /** Room for one packet of any size. */
  lend(): Uint8Array {
    const packet = spares.pop() ?? new Uint8Array(PACKET_BYTES);
    (this.#lent ??= []).push(packet);
    return packet;
  }

  /** Nobody needs what was lent any more. */
  giveBack(): void {
    if (this.#lent === undefined) return;
    for (const packet of this.#lent) {
      if (spares.length < PACKET_SPARES_MAX) spares.push(packet);
    }
    this.#lent = undefined;
  }
}
