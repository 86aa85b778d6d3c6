/**
 * Counts nonces that repeat, over ten million packets if need be.
 *
 * @module
 */

import type { Codec } from "../../src/codec/codec.ts";

/** A set of 64-bit values that stays small: remembers values, and tells when one comes again. */
class Unrepeated {
  readonly #slots: BigUint64Array;

  /** `countMax` values will be added at most. */
  constructor(countMax: number) {
    this.#slots = new BigUint64Array(2 ** Math.ceil(Math.log2(1.5 * countMax)));
  }

  /** Adds the first eight of some bytes; `false` if the same ones were there. Eight zeros are no value. */
  add(bytes: Uint8Array): boolean {
    const value = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
    const mask = this.#slots.length - 1;
    // The values are as good as random, so their own bits spread them.
    for (let at = Number(value & 0xffffffffn) & mask;; at = (at + 1) & mask) {
      if (this.#slots[at] === value) return false;
      if (this.#slots[at] !== 0n) continue;
      this.#slots[at] = value;
      return true;
    }
  }
}

/** Sizes whose packets take their key stream from different places. */
const SIZES = [64, 64, 64, 1_024, 40, 200, 1_024, 1_024, 8, 2_048, 64];

/**
 * Seals zeros, so that the ciphertext is the key stream, `count` times on two lanes in turn with new keys now and
 * then; returns how many began like one before. None may: a nonce would have been used twice.
 */
export function repeatedKeyStreams(codec: Codec, count: number, key: (epoch: number) => Uint8Array): number {
  const seen = new Unrepeated(count);
  const lanes = [0, 1].map((lane) => codec.createSealer({ key: key(0), lane, datagram: false }));
  const packet = new Uint8Array(2_048 + 26);
  let repeated = 0;
  for (let i = 0; i < count; i++) {
    const sealer = lanes[(i >> 2) & 1];
    if (i % 9_973 === 9_972) sealer.rekey(key(sealer.epoch + 1));
    const size = SIZES[i % SIZES.length];
    codec.plaintext.fill(0, 0, size);
    sealer.seal(size, { compress: false }, packet, 0);
    if (!seen.add(packet.subarray(10))) repeated++;
  }
  for (const sealer of lanes) sealer.dispose();
  return repeated;
}
