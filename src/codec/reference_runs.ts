/**
 * Which bytes of a message have arrived, as the reference codec keeps it: a sorted list of runs.
 *
 * @module
 */

import type { Runs } from "./reassembler.ts";

/** From a start to an end, exclusive. */
type Run = readonly [start: number, end: number];

/** Sorted runs that neither overlap nor touch. */
export class ReferenceRuns implements Runs {
  readonly #runsMax: number;
  #runs: readonly Run[] = [];
  #gaps: Run[] = [];

  constructor(runsMax: number) {
    this.#runsMax = runsMax;
  }

  add(start: number, end: number): number {
    const before = this.#runs.filter((run) => run[1] < start);
    const after = this.#runs.filter((run) => run[0] > end);
    const touching = this.#runs.slice(before.length, this.#runs.length - after.length);
    const gaps: Run[] = [];
    let missing = start;
    for (const [runStart, runEnd] of touching) {
      if (runStart > missing) gaps.push([missing, runStart]);
      missing = Math.max(missing, runEnd);
    }
    if (missing < end) gaps.push([missing, end]);
    if (gaps.length === 0) return 0;
    if (before.length + 1 + after.length > this.#runsMax) return -1;
    const merged: Run = [
      Math.min(start, touching[0]?.[0] ?? start),
      Math.max(end, touching.at(-1)?.[1] ?? end),
    ];
    this.#runs = [...before, merged, ...after];
    this.#gaps = gaps;
    return gaps.length;
  }

  gapStart(index: number): number {
    return this.#gaps[index][0];
  }

  gapEnd(index: number): number {
    return this.#gaps[index][1];
  }

  dispose(): void {
    this.#runs = [];
  }
}
