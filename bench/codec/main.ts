/**
 * Measures the codec beside its peers in the same run.
 *
 * ```
 * deno run -A bench/codec/main.ts [--runtime deno|bun|node] [--only "seal packet 64"] [--rounds 45] [--ms 3] [--json]
 * ```
 *
 * Every runtime gets a process of its own. `--only` takes the start or any part of an operation with its size in bytes.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { type RuntimeName, runtimes, spawnRuntime } from "../../tests/runtimes/runtimes.ts";
import type { Comparison } from "./contest.ts";
import { goalOf } from "./goals.ts";

const { values } = parseArgs({
  options: {
    runtime: { type: "string", multiple: true, default: runtimes.map(({ name }) => name) },
    only: { type: "string", multiple: true, default: [] },
    rounds: { type: "string", default: "45" },
    ms: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
  },
});

/** Longer than any run takes: a process that hangs is killed, and the run fails. */
const RUN_MS_MAX = 10 * 60_000;

for (const option of ["rounds", "ms"] as const) {
  if (!(Number(values[option]) > 0)) refuse(`--${option} takes a number above 0, not ${values[option]}`);
}
const names = values.runtime.map((name) =>
  runtimes.find((known) => known.name === name)?.name ??
    refuse(`--runtime takes ${runtimes.map((known) => known.name).join(", ")}, not ${name}`)
);

if (!values.json) {
  console.log("| runtime | operation | bytes | Hawser | unit | peer | its figure | ratio | goal |");
  console.log("|---|---|--:|--:|---|---|--:|--:|---|");
}
for (const name of names) await measure(name);

async function measure(runtime: RuntimeName): Promise<void> {
  const args = [values.rounds, values.ms, ...values.only];
  await using runner = spawnRuntime(runtime, "bench/codec/runner.ts", args, { timeoutMs: RUN_MS_MAX });
  for await (const line of runner.lines) {
    const comparison: Comparison = JSON.parse(line);
    if (values.json) console.log(JSON.stringify({ runtime, ...comparison }));
    else printRow(runtime, comparison);
  }
  const { code } = await runner.exited;
  if (code !== 0) refuse(`the run under ${runtime} failed:\n${runner.stderr}`);
}

function printRow(runtime: RuntimeName, comparison: Comparison): void {
  const { operation, size, ours, unit, peer, peerValue, ratio } = comparison;
  const goal = goalOf(runtime, comparison);
  const judged = goal === undefined ? "" : `${goal}: ${ratio >= goal ? "met" : "missed"}`;
  const cells = [
    runtime,
    operation,
    size,
    shown(ours),
    unit,
    peer,
    shown(peerValue),
    ratio.toFixed(2),
    judged,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

function shown(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
