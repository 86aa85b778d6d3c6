/**
 * What was said and not yet acknowledged, packet by packet, to be said again over the next link.
 *
 * Packets are counted from the first that followed the handshake. Each is kept as the text that was sealed: over the
 * next link it is sealed again, with the keys of that link.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { Fifo } from "../fifo.ts";
import { BODY_BYTES_MAX } from "../limits.ts";
import { REPLAY_COST_BYTES, REPLAY_SLAB_BYTES, REPLAY_SPARES_MAX } from "../resume_limits.ts";
import { Slab } from "./slab.ts";

const slab = new Slab(REPLAY_SLAB_BYTES);
// Rooms for large texts, for whichever session needs one next.
const spares: Uint8Array[] = [];

/** The unacknowledged packets of one direction, the oldest first. */
export class ReplayLog {
  readonly #bytesMax: number;
  readonly #texts: Fifo<Uint8Array> = new Fifo();
  readonly #lengths: Fifo<number> = new Fifo();
  // How many of the last texts are still to be said again. Nothing is said for the first time meanwhile.
  #behind = 0;
  #first = 0;
  /** What it keeps, in bytes, with the book-keeping. */
  bytes = 0;

  /** From `bytesMax` on it `isFull`. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** How many packets were said so far. */
  get count(): number {
    return this.#first + this.#texts.length;
  }

  /** How many of them the peer has acknowledged. */
  get acknowledged(): number {
    return this.#first;
  }

  /** Whether nothing more may be said before the peer acknowledges some of it. */
  get isFull(): boolean {
    return this.bytes >= this.#bytesMax;
  }

  /** The next packet was said: the first `length` bytes of `text`, which are copied. */
  push(text: Uint8Array, length: number): void {
    const kept = length > BODY_BYTES_MAX / 2 ? inSpare(text, length) : slab.copy(text, 0, length);
    this.#texts.push(kept);
    this.#lengths.push(length);
    this.bytes += length + REPLAY_COST_BYTES;
  }

  /**
   * The peer has the first `count` packets.
   * @throws {HawserError} `protocol` if so many were never said.
   */
  acknowledge(count: number): void {
    if (count > this.count) {
      throw new HawserError(
        "protocol",
        `the peer acknowledges ${count} packets, of which ${this.count} were sent`,
      );
    }
    for (; this.#first < count; this.#first++) {
      this.bytes -= this.#lengths.shift()! + REPLAY_COST_BYTES;
      const text = this.#texts.shift()!;
      if (text.length === BODY_BYTES_MAX && spares.length < REPLAY_SPARES_MAX) spares.push(text);
    }
    this.#behind = Math.min(this.#behind, this.#texts.length);
  }

  /**
   * A new link is there, and the peer has the first `count` packets: those behind them are to be said again.
   * @throws {HawserError} `protocol` if so many were never said, or the peer has acknowledged more.
   */
  rewind(count: number): void {
    if (count < this.#first) {
      throw new HawserError("protocol", `the peer has ${count} packets, and has acknowledged ${this.#first}`);
    }
    this.acknowledge(count);
    this.#behind = this.#texts.length;
  }

  /** The length of the longest packet that it keeps. */
  get longest(): number {
    let longest = 0;
    for (let index = 0; index < this.#lengths.length; index++) {
      longest = Math.max(longest, this.#lengths.at(index)!);
    }
    return longest;
  }

  /** How many packets are still to be said again. */
  get toReplay(): number {
    return this.#behind;
  }

  /** How long the next packet to be said again is; 0 if there is none. */
  get replayLength(): number {
    return this.#behind === 0 ? 0 : this.#lengths.at(this.#texts.length - this.#behind)!;
  }

  /** Writes the next packet to be said again into `target`; returns its length, or 0 if there is none. */
  replay(target: Uint8Array): number {
    const length = this.replayLength;
    if (length === 0) return 0;
    target.set(this.#texts.at(this.#texts.length - this.#behind)!.subarray(0, length));
    this.#behind--;
    return length;
  }

  /** Forgets everything. */
  clear(): void {
    this.acknowledge(this.count);
  }
}

function inSpare(text: Uint8Array, length: number): Uint8Array {
  const spare = spares.pop() ?? new Uint8Array(BODY_BYTES_MAX);
  spare.set(length === text.length ? text : text.subarray(0, length));
  return spare;
}
