/**
 * The memory that two ends share: a ring for each direction, and how they wake each other.
 *
 * ```
 *    0  i32  "HWR1"                             i32  bytes of a ring
 *   64  i32  tail  of the ring to the listener
 *  128  i32  head  of it
 *  192  i32  tail  of the ring to the dialler
 *  256  i32  head  of it
 *  320  i32  wishes of the dialler: 1 wake me when there is data, 2 when there is room
 *  384  i32  bell of the dialler: counts up whenever it is woken
 *  448  i32  wishes of the listener
 *  512  i32  bell of the listener
 * 1024  the ring to the listener
 *    …  the ring to the dialler
 * ```
 *
 * Words that different ends write lie 64 bytes apart: on cache lines of their own.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { SHM_RING_BYTES } from "../../limits.ts";
import { type RingPlace, RingReader, RingWriter } from "./ring.ts";

const MAGIC = 0x3152_5748; // "HWR1" in little-endian.
const RINGS_AT = 1_024;

/** The bytes of all of it. */
export const REGION_BYTES: number = RINGS_AT + 2 * SHM_RING_BYTES;

/** An end asks to be woken when there is data. */
export const WISH_DATA = 1;
/** An end asks to be woken when there is room. */
export const WISH_ROOM = 2;

/** The two ends. */
export type Side = "dialler" | "listener";

/** The words of one end. */
interface EndWords {
  readonly wishes: number;
  readonly bell: number;
}

const WORDS: Readonly<Record<Side, EndWords>> = {
  dialler: { wishes: 320 / 4, bell: 384 / 4 },
  listener: { wishes: 448 / 4, bell: 512 / 4 },
};

/** One end's view of the memory. */
export class Region {
  readonly reader: RingReader;
  readonly writer: RingWriter;
  readonly words: Int32Array;
  /** Our bell, which the other end rings. */
  readonly bell: number;
  /** The other end's bell. */
  readonly peerBell: number;
  readonly #wishes: number;
  readonly #peerWishes: number;

  /**
   * @param memory `REGION_BYTES` of it; zeros, but for what `format` wrote
   * @throws {HawserError} `protocol` if it is not what `format` made
   */
  constructor(memory: ArrayBufferLike, side: Side) {
    const words = new Int32Array(memory, 0, RINGS_AT / 4);
    if (memory.byteLength < REGION_BYTES || words[0] !== MAGIC || words[1] !== SHM_RING_BYTES) {
      throw new HawserError("protocol", "the shared memory is not that of a link of this version of Hawser");
    }
    const toListener = placeOf(memory, words, 64, RINGS_AT);
    const toDialler = placeOf(memory, words, 192, RINGS_AT + SHM_RING_BYTES);
    const isDialler = side === "dialler";
    this.words = words;
    this.writer = new RingWriter(isDialler ? toListener : toDialler);
    this.reader = new RingReader(isDialler ? toDialler : toListener);
    const [own, peer] = isDialler ? [WORDS.dialler, WORDS.listener] : [WORDS.listener, WORDS.dialler];
    this.#wishes = own.wishes;
    this.#peerWishes = peer.wishes;
    this.bell = own.bell;
    this.peerBell = peer.bell;
  }

  /** Makes memory of zeros a region. */
  static format(memory: ArrayBufferLike): void {
    new Int32Array(memory, 0, 2).set([MAGIC, SHM_RING_BYTES]);
  }

  /** Asks to be woken. What was wished for must be looked at again afterwards: it may have come meanwhile. */
  wish(wish: number): void {
    Atomics.or(this.words, this.#wishes, wish);
  }

  /** Whether the other end must be woken for this; it is asked once. */
  isWished(wish: number): boolean {
    if ((Atomics.load(this.words, this.#peerWishes) & wish) === 0) return false;
    return (Atomics.exchange(this.words, this.#peerWishes, 0) & wish) !== 0;
  }
}

function placeOf(memory: ArrayBufferLike, words: Int32Array, indexesAt: number, dataAt: number): RingPlace {
  const tail = indexesAt / 4;
  return { words, tail, head: tail + 16, data: new Uint8Array(memory, dataAt, SHM_RING_BYTES) };
}
