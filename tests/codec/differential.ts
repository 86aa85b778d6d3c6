/**
 * A random conversation on several lanes, held against the reference packet by packet: sizes around every border
 * of the kernels, lanes in turn, forgeries, and new keys at any moment.
 *
 * @module
 */

import { assert } from "@std/assert";
import type { Codec, LaneOptions, Opener, PacketReader, Sealer } from "../../src/codec/codec.ts";
import { BODY_BYTES_MAX, PACKET_BYTES_MAX } from "../../src/limits.ts";
import type { Random } from "../simulation/random.ts";
import { openPacket, sealPacket } from "./codecs.ts";

/** Sizes where a kernel, a group of blocks or a lookahead begins or ends; one byte more or less is tried too. */
const BORDERS = [0, 16, 64, 128, 192, 256, 448, 512, 704, 768, 960, 1_024, 1_472, 2_048, 4_096, 16_384];

/** One half for each codec. */
interface Lane {
  readonly sealers: Sealer[];
  readonly openers: Opener[];
  readonly readers: PacketReader[];
}

/** The lanes of one run, the same ones on each codec. The last codec is the one that is believed. */
export class Differential {
  readonly #codecs: readonly Codec[];
  readonly #random: Random;
  readonly #pool: Uint8Array;
  readonly #words = new TextEncoder().encode("the rope that holds a ship to the shore; ".repeat(1_700));
  readonly #lanes: Lane[];
  /** Packets that every codec has sealed and opened. */
  exchanged = 0;

  constructor(codecs: readonly Codec[], random: Random) {
    this.#codecs = codecs;
    this.#random = random;
    this.#pool = random.bytes(BODY_BYTES_MAX + 64);
    this.#lanes = Array.from({ length: random.between(1, 4) }, (_, lane) => {
      const sequence = random.chance(0.2) ? 2 ** 32 - random.between(1, 20) : 0;
      return this.#lane({ key: random.bytes(32), lane, datagram: random.chance(0.4), sequence });
    });
  }

  #lane(options: LaneOptions): Lane {
    const reader = { datagram: options.datagram, packetBytesMax: PACKET_BYTES_MAX };
    return {
      sealers: this.#codecs.map((codec) => codec.createSealer(options)),
      openers: this.#codecs.map((codec) => codec.createOpener(options)),
      readers: this.#codecs.map((codec) => codec.createReader(reader)),
    };
  }

  /** Seals, forges and opens `count` packets, or a few more. */
  run(count: number): void {
    for (const end = this.exchanged + count; this.exchanged < end;) {
      const lane = this.#lanes[this.#random.between(0, this.#lanes.length - 1)];
      if (lane.sealers[0].sequence === 2 ** 32 || this.#random.chance(0.02)) this.#rekey(lane);
      // Runs of one size are what a lookahead is made for.
      const size = this.#size();
      for (let run = this.#random.between(1, 6); run > 0 && lane.sealers[0].sequence < 2 ** 32; run--) {
        this.#exchange(lane, size);
        this.exchanged++;
      }
    }
  }

  /** Gives back all memory. */
  dispose(): void {
    for (const { sealers, openers } of this.#lanes) {
      for (const half of [...sealers, ...openers]) half.dispose();
    }
  }

  #rekey({ sealers, openers }: Lane): void {
    const key = this.#random.bytes(32);
    for (const half of [...sealers, ...openers]) half.rekey(key);
  }

  #exchange({ sealers, openers, readers }: Lane, size: number): void {
    const { text, compress } = this.#text(size);
    const packets = this.#codecs.map((codec, i) => sealPacket(codec, sealers[i], text, compress));
    const believed = packets[packets.length - 1];
    const forged = this.#random.chance(0.1) ? this.#forge(believed) : undefined;
    this.#codecs.forEach((codec, i) => {
      // Compressors may choose differently, so only what is not compressed is the same everywhere.
      if (!compress) {
        assert(same(packets[i], believed), `packet ${this.exchanged}: ${codec.choice} seals otherwise`);
      }
      if (forged !== undefined) {
        assert(
          !opens(codec, readers[i], openers[i], forged),
          `packet ${this.exchanged}: ${codec.choice} opens a forgery`,
        );
      }
      const opened = openPacket(codec, readers[i], openers[i], compress ? packets[i] : believed);
      assert(same(opened, text), `packet ${this.exchanged}: ${codec.choice} opens otherwise`);
    });
  }

  #size(): number {
    if (this.#random.chance(0.5)) return this.#random.between(0, 200);
    if (this.#random.chance(0.02)) return this.#random.between(0, BODY_BYTES_MAX);
    const border = BORDERS[this.#random.between(0, BORDERS.length - 1)];
    return Math.max(0, border + this.#random.between(-1, 1));
  }

  #text(size: number): { readonly text: Uint8Array; readonly compress: boolean } {
    const compress = this.#random.chance(0.2);
    const source = this.#random.chance(0.5) ? this.#words : this.#pool;
    const at = this.#random.between(0, 63) % (source.length - size + 1);
    return { text: source.subarray(at, at + size), compress };
  }

  /** The packet with one bit changed behind the header. */
  #forge(packet: Uint8Array): Uint8Array {
    const forged = packet.slice();
    const bit = this.#random.between(8 * 10, 8 * packet.length - 1);
    forged[bit >> 3] ^= 1 << (bit & 7);
    return forged;
  }
}

function opens(codec: Codec, reader: PacketReader, opener: Opener, packet: Uint8Array): boolean {
  try {
    openPacket(codec, reader, opener, packet);
    return true;
  } catch {
    return false;
  }
}

/** Faster than a deep comparison, and than `every`: most of the time goes into this. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
