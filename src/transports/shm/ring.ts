/**
 * A ring of records in memory that two threads or processes share: one writes, the other reads, nobody locks.
 *
 * `tail` counts the bytes that were ever written and `head` those that were ever read, both modulo 2^32; between them
 * lies what waits. Each side writes its own index only, keeps its own copy of it, and never believes what stands in
 * memory there. The other's index is read once and judged before it is used; the reader copies what waits before it looks
 * at it. So a peer that scribbles over the memory can damage its own messages and end the link, and no more.
 *
 * ```
 * record   u32  length of the payload (bits 0-30) · bit 31: the message goes on in the next record
 *          the payload, and zeros up to a multiple of four bytes; it may go round the end of the ring
 * ```
 *
 * @module
 */

import { HawserError } from "../../errors.ts";

const LENGTH_BYTES = 4;
const GOES_ON = 0x8000_0000;

/** Where one ring lies in shared memory. */
export interface RingPlace {
  /** The words of the whole memory. */
  readonly words: Int32Array;
  /** The word of the index of what was written. */
  readonly tail: number;
  /** The word of the index of what was read. */
  readonly head: number;
  /** The records: a power of two of bytes. */
  readonly data: Uint8Array;
}

/** The end that writes. */
export class RingWriter {
  readonly #place: RingPlace;
  readonly #lengths: Uint32Array;
  readonly #capacity: number;
  readonly #payloadMax: number;
  #tail: number;
  // The reader's index as it was last seen: it can only have gone on.
  #head: number;

  /** Both ends begin with an empty ring, whose indexes both stand at `from`: 0, but for tests. */
  constructor(place: RingPlace, from = 0) {
    this.#place = place;
    this.#tail = this.#head = from;
    this.#capacity = place.data.length;
    // Several records fit, so that reader and writer of a large message work side by side.
    this.#payloadMax = this.#capacity / 4 - LENGTH_BYTES;
    this.#lengths = new Uint32Array(place.data.buffer, place.data.byteOffset, this.#capacity / 4);
  }

  /**
   * Writes what follows `from` of a message, in one record, or as much as one takes.
   * @returns up to where the message was written; -1 where there is no room for the record
   * @throws {HawserError} `protocol` if the reader's index is impossible
   */
  write(message: Uint8Array, from: number): number {
    const left = message.length - from;
    const length = left > this.#payloadMax ? this.#payloadMax : left;
    const size = LENGTH_BYTES + (length + 3 & ~3);
    if (this.#capacity - (this.#tail - this.#head >>> 0) < size && this.#freed() < size) return -1;
    const at = this.#tail & this.#capacity - 1;
    this.#lengths[at >>> 2] = length < left ? length | GOES_ON : length;
    this.#copy(message, from, length, at + LENGTH_BYTES & this.#capacity - 1);
    this.#tail = this.#tail + size >>> 0;
    Atomics.store(this.#place.words, this.#place.tail, this.#tail | 0);
    return from + length;
  }

  // How many bytes are free, after a look at what was read.
  #freed(): number {
    const head = Atomics.load(this.#place.words, this.#place.head) >>> 0;
    const used = this.#tail - head >>> 0;
    if (used > (this.#tail - this.#head >>> 0)) throw breach("it has read what was not written");
    this.#head = head;
    return this.#capacity - used;
  }

  #copy(message: Uint8Array, from: number, length: number, at: number): void {
    const { data } = this.#place;
    const whole = from === 0 && length === message.length;
    const first = this.#capacity - at;
    if (length <= first) {
      data.set(whole ? message : message.subarray(from, from + length), at);
    } else {
      data.set(message.subarray(from, from + first), at);
      data.set(message.subarray(from + first, from + length), 0);
    }
  }
}

/** The end that reads. */
export class RingReader {
  readonly #place: RingPlace;
  readonly #capacity: number;
  #head: number;
  // A copy of what waited, and how far it was looked at. It grows up to the size of the ring.
  #batch: Uint8Array = new Uint8Array(4 * 1024);
  #lengths: Uint32Array = new Uint32Array(this.#batch.buffer);
  #at = 0;
  #end = 0;

  /** Both ends begin with an empty ring, whose indexes both stand at `from`: 0, but for tests. */
  constructor(place: RingPlace, from = 0) {
    this.#place = place;
    this.#head = from;
    this.#capacity = place.data.length;
  }

  /** Whether the message that `next` began goes on in the next record. */
  goesOn = false;

  /**
   * Takes all that waits out of the ring; `next` then gives one record after the other.
   * @returns whether there was anything
   * @throws {HawserError} `protocol` if the writer's index is impossible
   */
  take(): boolean {
    const tail = Atomics.load(this.#place.words, this.#place.tail) >>> 0;
    const length = tail - this.#head >>> 0;
    if (length === 0) return false;
    if (length > this.#capacity || (length & 3) !== 0) {
      throw breach("it has written more than there is room for");
    }
    if (length > this.#batch.length) this.#grow(length);
    const at = this.#head & this.#capacity - 1;
    const { data } = this.#place;
    const first = this.#capacity - at;
    if (length <= first) this.#batch.set(data.subarray(at, at + length));
    else {
      this.#batch.set(data.subarray(at));
      this.#batch.set(data.subarray(0, length - first), first);
    }
    this.#head = tail;
    Atomics.store(this.#place.words, this.#place.head, tail | 0);
    this.#at = 0;
    this.#end = length;
    return true;
  }

  /** Whether nothing waits in the ring. */
  get isEmpty(): boolean {
    return Atomics.load(this.#place.words, this.#place.tail) >>> 0 === this.#head;
  }

  /**
   * The payload of the next record that was taken, valid until the next `take`; `undefined` after the last.
   * @throws {HawserError} `protocol` if its length is impossible
   */
  next(): Uint8Array | undefined {
    if (this.#at === this.#end) return undefined;
    const header = this.#lengths[this.#at >>> 2];
    const start = this.#at + LENGTH_BYTES;
    const end = start + (header & ~GOES_ON);
    if (end > this.#end) throw breach("a record is longer than what was written");
    this.goesOn = (header & GOES_ON) !== 0;
    this.#at = end + 3 & ~3;
    return this.#batch.subarray(start, end);
  }

  #grow(length: number): void {
    let size = this.#batch.length;
    while (size < length) size *= 2;
    this.#batch = new Uint8Array(size);
    this.#lengths = new Uint32Array(this.#batch.buffer);
  }
}

function breach(what: string): HawserError {
  return new HawserError("protocol", `the other end broke the rules of the shared memory: ${what}`);
}
