/**
 * Does the time of the tag comparison tell where two tags differ?
 *
 * Tags that differ in the first byte and tags that differ in the last one are compared in random turns, and
 * Welch's t says whether the two times are distinguishable: below 4.5 they are not (Reparaz, Balasch and
 * Verbauwhede, "Dude, is my code constant time?"). The median of five rounds counts. A comparison that stops at
 * the first difference runs beside it as a control: it must be found out, or the method sees nothing.
 *
 * ```sh
 * deno run -A bench/constant_time.ts     bun bench/constant_time.ts     node bench/constant_time.ts
 * ```
 *
 * @module
 */

import process from "node:process";
import { coreModule, preferredBuild } from "../src/codec/core_modules.ts";
import { WasmCore } from "../src/codec/wasm_core.ts";

const T_MAX = 4.5;
const ROUNDS = 5;
/** Measurements of each class in a round. */
const SAMPLES = 2_000;
/** Comparisons in one measurement, so that the clock can resolve it. */
const BATCH = 1_000;
/** Measurements above this quantile of both classes together are interruptions, not comparisons. */
const QUANTILE_KEPT = 0.8;

const TAG_BYTES = 16;

/** Compares the two tags, `BATCH` times. */
type Comparison = () => unknown;

const core = new WasmCore(coreModule(preferredBuild()));
const { tagsEqual } = core.exports;
const left = core.map.work;
const right = left + 64;

function constantTime(): number {
  let equal = 0;
  for (let i = 0; i < BATCH; i++) equal += tagsEqual(left, right);
  return equal;
}

function leaky(): number {
  let equal = 0;
  const { bytes } = core;
  for (let i = 0; i < BATCH; i++) {
    let at = 0;
    while (at < TAG_BYTES && bytes[left + at] === bytes[right + at]) at++;
    if (at === TAG_BYTES) equal++;
  }
  return equal;
}

/** The time of one batch on tags that differ in byte `at`. */
function measure(compare: Comparison, at: number): number {
  crypto.getRandomValues(core.bytes.subarray(left, left + TAG_BYTES));
  core.bytes.copyWithin(right, left, left + TAG_BYTES);
  core.bytes[right + at] ^= 1 + Math.floor(255 * Math.random());
  const start = performance.now();
  compare();
  return performance.now() - start;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Welch's t of two samples with different variances. */
function welch(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const spread = (values: readonly number[], centre: number) =>
    values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1) / values.length;
  return (meanA - meanB) / Math.sqrt(spread(a, meanA) + spread(b, meanB));
}

function round(compare: Comparison): number {
  const first: number[] = [];
  const last: number[] = [];
  while (first.length < SAMPLES || last.length < SAMPLES) {
    // One place in the code for both classes: an engine may compile two places differently.
    const at = Math.random() < 0.5 ? 0 : TAG_BYTES - 1;
    const time = measure(compare, at);
    (at === 0 ? first : last).push(time);
  }
  const all = [...first, ...last].sort((a, b) => a - b);
  const limit = all[Math.floor(QUANTILE_KEPT * all.length)];
  return Math.abs(welch(first.filter((time) => time <= limit), last.filter((time) => time <= limit)));
}

/** The median of all rounds, after one that only warms up. */
function medianT(compare: Comparison): number {
  round(compare);
  return Array.from({ length: ROUNDS }, () => round(compare)).sort((a, b) => a - b)[ROUNDS >> 1];
}

const t = medianT(constantTime);
const control = medianT(leaky);
console.log(
  `tag comparison of the core (${core.source.build} build): t = ${t.toFixed(2)}, allowed is ${T_MAX}`,
);
console.log(`leaky control: t = ${control.toFixed(2)}, needed is more than ${T_MAX}`);
if (!(t < T_MAX)) console.log("FAILED: the time of the comparison tells where tags differ");
if (!(control > T_MAX)) console.log("FAILED: the method did not find the leaky control out");
process.exitCode = t < T_MAX && control > T_MAX ? 0 : 1;
