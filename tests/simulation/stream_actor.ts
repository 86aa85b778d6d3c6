// One stream of one side in a simulated conversation: writes, reads, and gives up by seed.

import { assert, assertEquals } from "@std/assert";
import type { SessionStream } from "../../src/session/streams/session_stream.ts";
import type { Random } from "./random.ts";

/** What one side does with one stream. */
export class StreamActor {
  readonly stream: SessionStream;
  readonly #random: Random;
  readonly #from: number;
  readonly #to: number;
  // After so many bytes it ends, or gives up.
  readonly #writes: number;
  readonly #resets: boolean;
  // After so many bytes it wants no more.
  readonly #reads: number;
  readonly #isSlow: boolean;
  #written = 0;
  #read = 0;

  /** `isOurs`: whether this side has opened it. */
  constructor(stream: SessionStream, isOurs: boolean, bytesMax: number, random: Random) {
    this.stream = stream;
    this.#random = random;
    this.#from = isOurs ? 1 : 2;
    this.#to = isOurs ? 2 : 1;
    this.#writes = random.chance(0.2) ? 0 : random.between(0, bytesMax);
    this.#resets = random.chance(0.15);
    this.#reads = random.chance(0.15) ? random.between(0, bytesMax) : Infinity;
    this.#isSlow = random.chance(0.2);
  }

  /** Whether both directions are over, as this side sees it. */
  get isDone(): boolean {
    const { incoming } = this.stream;
    return this.stream.isFinished && (incoming.isEnded || incoming.error !== undefined || incoming.isStopped);
  }

  /** Does something, or nothing. */
  step(): void {
    if (!this.stream.outgoing.isEnded && this.#random.chance(0.5)) this.#write();
    if (!this.#isSlow || this.#random.chance(0.2)) this.#take();
  }

  /** What came is what the other side wrote: all of it, where it was ended and nobody gave up. */
  check(writer: StreamActor | undefined): void {
    const { incoming } = this.stream;
    if (writer === undefined) return;
    assert(this.#read <= writer.#written, "more came than was written");
    if (incoming.isEnded) assertEquals(this.#read, writer.#written, "a stream ended before all had come");
  }

  #write(): void {
    const { outgoing } = this.stream;
    const length = Math.min(this.#writes - this.#written, this.#random.between(1, 20_000));
    if (length > 0 && outgoing.bytes < 60_000) {
      const chunk = new Uint8Array(length);
      for (let index = 0; index < length; index++) {
        chunk[index] = this.#byte(this.#from, this.#written + index);
      }
      outgoing.push(chunk);
      this.#written += length;
    }
    if (this.#written < this.#writes) return;
    if (this.#resets) outgoing.reset(this.#random.between(0, 1_000));
    else outgoing.end();
  }

  #take(): void {
    const { incoming } = this.stream;
    const target = new Uint8Array(this.#random.between(1, 30_000));
    const part = this.#random.chance(0.5) ? incoming.take() : target.subarray(0, incoming.takeInto(target));
    for (let index = 0; index < (part?.length ?? 0); index++) {
      if (part![index] === this.#byte(this.#to, this.#read + index)) continue;
      throw new Error(`byte ${this.#read + index} of stream ${this.stream.id} is wrong`);
    }
    this.#read += part?.length ?? 0;
    if (this.#read >= this.#reads) incoming.stop(this.#random.between(0, 1_000));
  }

  #byte(salt: number, index: number): number {
    return (index * 31 + (index >> 8) + this.stream.id * 7 + salt) & 0xff;
  }
}
