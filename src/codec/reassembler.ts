/**
 * Joins fragments into messages. What it holds is bounded by count, bytes, runs and age.
 *
 * Which bytes have arrived is kept by {@linkcode Runs}, of which each codec has its own; the rules are here.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { REASSEMBLY_FINISHED_MAX } from "../limits.ts";
import { checkReassembly } from "./arguments.ts";
import type { Reassembler, ReassemblyLimits, ReassemblyResult } from "./codec.ts";

/** Which bytes of one message have arrived. */
export interface Runs {
  /**
   * Adds the bytes `start` to `end` (exclusive), at least one. Returns how many gaps they filled: 0 for bytes that
   * were all there, -1 if too many runs would be needed; then nothing has changed.
   */
  add(start: number, end: number): number;
  /** Where gap `index` of the last `add` begins. */
  gapStart(index: number): number;
  /** Where it ends. */
  gapEnd(index: number): number;
  /** Frees its memory. */
  dispose(): void;
}

/** A message of which something is missing. */
interface Incomplete {
  readonly bytes: Uint8Array;
  readonly runs: Runs;
  readonly since: number;
  missing: number;
}

/** Joins fragments into messages. */
export class MessageReassembler implements Reassembler {
  readonly #limits: ReassemblyLimits;
  readonly #createRuns: (runsMax: number) => Runs;
  /** In order of their first fragment, so that the oldest comes first. None before the first fragment: most sessions see none. */
  #incomplete: Map<number, Incomplete> | undefined;
  /** What a late fragment of a finished message is, oldest first. */
  #finished: Map<number, "duplicate" | "dropped"> | undefined;
  #bytes = 0;
  #dropped = 0;

  constructor(limits: ReassemblyLimits, createRuns: (runsMax: number) => Runs) {
    checkReassembly(limits);
    this.#limits = limits;
    this.#createRuns = createRuns;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get messages(): number {
    return this.#incomplete?.size ?? 0;
  }

  get dropped(): number {
    return this.#dropped;
  }

  push(
    id: number,
    total: number,
    offset: number,
    source: Uint8Array,
    at: number,
    length: number,
    now: number,
  ): ReassemblyResult {
    if (at + length > source.length) throw new RangeError("the fragment's data reaches beyond its source");
    this.#judge(total, offset, length);
    const finished = this.#finished?.get(id);
    if (finished !== undefined) return finished;
    const known = this.#incomplete?.get(id);
    if (known !== undefined && known.bytes.length !== total) {
      throw new HawserError("protocol", `message ${id} was said to have another length before; close`);
    }
    if (length === total) {
      if (known !== undefined) this.#remove(id, known);
      this.#finish(id, "duplicate");
      return new Uint8Array(source.subarray(at, at + length));
    }
    return this.#take(id, known ?? this.#begin(id, total, now), offset, source, at, length);
  }

  /** A fragment must lie within its message, and carry something unless the message is empty. */
  #judge(total: number, offset: number, length: number): void {
    if (!(offset >= 0 && length >= 0 && offset + length <= total) || (length === 0 && total > 0)) {
      throw new HawserError(
        "protocol",
        `a fragment of ${length} bytes at ${offset} does not fit a message of ${total}; close`,
      );
    }
    if (total > this.#limits.messageBytesMax) {
      throw new HawserError(
        "packet-too-large",
        `a message of ${total} bytes is over the limit of ${this.#limits.messageBytesMax}; cut it, or raise the limit`,
      );
    }
  }

  /** Reserves room for a message; the oldest ones are pushed out if there is none. */
  #begin(id: number, total: number, now: number): Incomplete {
    const incomplete = this.#incomplete ??= new Map();
    for (const [oldId, old] of incomplete) {
      const full = incomplete.size >= this.#limits.messagesMax;
      if (!full && this.#bytes + total <= this.#limits.bytesMax) break;
      this.#drop(oldId, old);
    }
    const message = {
      bytes: new Uint8Array(total),
      runs: this.#createRuns(this.#limits.runsMax),
      since: now,
      missing: total,
    };
    incomplete.set(id, message);
    this.#bytes += total;
    return message;
  }

  #take(
    id: number,
    message: Incomplete,
    offset: number,
    source: Uint8Array,
    at: number,
    length: number,
  ): ReassemblyResult {
    const gaps = message.runs.add(offset, offset + length);
    if (gaps === 0) return "duplicate";
    if (gaps < 0) {
      this.#drop(id, message);
      return "dropped";
    }
    for (let i = 0; i < gaps; i++) {
      const [start, end] = [message.runs.gapStart(i), message.runs.gapEnd(i)];
      message.bytes.set(source.subarray(at + start - offset, at + end - offset), start);
      message.missing -= end - start;
    }
    if (message.missing > 0) return "incomplete";
    this.#remove(id, message);
    this.#finish(id, "duplicate");
    return message.bytes;
  }

  #drop(id: number, message: Incomplete): void {
    this.#remove(id, message);
    this.#finish(id, "dropped");
    this.#dropped++;
  }

  #remove(id: number, message: Incomplete): void {
    this.#incomplete?.delete(id);
    this.#bytes -= message.bytes.length;
    message.runs.dispose();
  }

  #finish(id: number, lateFragments: "duplicate" | "dropped"): void {
    const finished = this.#finished ??= new Map();
    finished.set(id, lateFragments);
    if (finished.size <= REASSEMBLY_FINISHED_MAX) return;
    for (const oldest of finished.keys()) {
      finished.delete(oldest);
      return;
    }
  }

  expire(now: number): void {
    for (const [id, message] of this.#incomplete ?? []) {
      if (now < message.since + this.#limits.ageMsMax) return;
      this.#drop(id, message);
    }
  }

  deadline(): number {
    if (this.#incomplete === undefined) return Infinity;
    for (const message of this.#incomplete.values()) return message.since + this.#limits.ageMsMax;
    return Infinity;
  }

  dispose(): void {
    for (const [id, message] of this.#incomplete ?? []) this.#drop(id, message);
    this.#finished = undefined;
  }
}
