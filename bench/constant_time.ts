/**
 * Does the time of a comparison tell where two tags, or two cookies, differ?
 *
 * Those that differ in the first byte and those that differ in the last one are compared in random turns, and
 * Welch's t says whether the two times are distinguishable: below 4.5 they are not (Reparaz, Balasch and
 * Verbauwhede, "Dude, is my code constant time?"). The median of five rounds counts. A comparison that stops at
 * the first difference runs beside them as a control: it must be found out, or the method sees nothing.
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
import { constantTimeEqual } from "../src/noise/constant_time.ts";

const T_MAX = 4.5;
const ROUNDS = 5;
/** Measurements of each class in a round. */
const SAMPLES = 2_000;
/** Comparisons in one measurement, so that the clock can resolve it. */
const BATCH = 1_000;
/** Measurements above this quantile of both classes together are interruptions, not comparisons. */
const QUANTILE_KEPT = 0.8;

/** Two runs of bytes, and what compares them `BATCH` times. */
interface Comparison {
  readonly name: string;
  readonly left: Uint8Array;
  readonly right: Uint8Array;
  run(): unknown;
}

const core = new WasmCore(coreModule(preferredBuild()));

/** Tags, in the memory of the core. */
function tags(name: string, compare: (left: number, right: number) => number): Comparison {
  const [left, right] = [core.map.work, core.map.work + 64];
  return {
    name,
    left: core.bytes.subarray(left, left + 16),
    right: core.bytes.subarray(right, right + 16),
    run: () => {
      let equal = 0;
      for (let i = 0; i < BATCH; i++) equal += compare(left, right);
      return equal;
    },
  };
}

const { tagsEqual } = core.exports;
const constantTime = tags(`tags in the core (${core.source.build} build)`, tagsEqual);
const leaky = tags("leaky control", (left, right) => {
  const { bytes } = core;
  let at = 0;
  while (at < 16 && bytes[left + at] === bytes[right + at]) at++;
  return at === 16 ? 1 : 0;
});

/** Cookies and ids of handshakes, by the function that noise and session use. */
const cookies: Comparison = {
  name: "cookies",
  left: new Uint8Array(32),
  right: new Uint8Array(32),
  run: () => {
    let equal = 0;
    for (let i = 0; i < BATCH; i++) if (constantTimeEqual(cookies.left, cookies.right)) equal++;
    return equal;
  },
};

/** The time of one batch on bytes that differ in byte `at`. */
function measure({ left, right, run }: Comparison, at: number): number {
  crypto.getRandomValues(left);
  right.set(left);
  right[at] ^= 1 + Math.floor(255 * Math.random());
  const start = performance.now();
  run();
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

function round(comparison: Comparison): number {
  const first: number[] = [];
  const last: number[] = [];
  while (first.length < SAMPLES || last.length < SAMPLES) {
    // One place in the code for both classes: an engine may compile two places differently.
    const at = Math.random() < 0.5 ? 0 : comparison.left.length - 1;
    const time = measure(comparison, at);
    (at === 0 ? first : last).push(time);
  }
  const all = [...first, ...last].sort((a, b) => a - b);
  const limit = all[Math.floor(QUANTILE_KEPT * all.length)];
  return Math.abs(welch(first.filter((time) => time <= limit), last.filter((time) => time <= limit)));
}

/** The median of all rounds, after one that only warms up. */
function medianT(comparison: Comparison): number {
  round(comparison);
  return Array.from({ length: ROUNDS }, () => round(comparison)).sort((a, b) => a - b)[ROUNDS >> 1];
}

process.exitCode = 0;
for (const comparison of [constantTime, cookies]) {
  const t = medianT(comparison);
  console.log(`${comparison.name}: t = ${t.toFixed(2)}, allowed is ${T_MAX}`);
  if (t < T_MAX) continue;
  console.log("FAILED: the time of the comparison tells where they differ");
  process.exitCode = 1;
}
const control = medianT(leaky);
console.log(`${leaky.name}: t = ${control.toFixed(2)}, needed is more than ${T_MAX}`);
if (!(control > T_MAX)) {
  console.log("FAILED: the method did not find the leaky control out");
  process.exitCode = 1;
}
