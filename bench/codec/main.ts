/**
 * Measures the codec beside its peers in the same run.
 *
 * ```
 * deno run -A bench/codec/main.ts --help
 * ```
 *
 * Every runtime gets a process of its own.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { type RuntimeName, runtimes, spawnRuntime } from "../../tests/runtimes/runtimes.ts";
import { circumstancesNow, packageVersions, writeReport } from "../report.ts";
import type { Comparison } from "./contest.ts";
import { chartsOf, inSum, type Result, rowOf, TABLE_HEAD } from "./report.ts";

const PEER_PACKAGES = ["@noble/ciphers", "libsodium-wrappers", "lz4-napi", "lz4-wasm-nodejs", "lz4js"];

/** Longer than any run takes: a process that hangs is killed, and the run fails. */
const RUN_MS_MAX = 10 * 60_000;

const HELP = `Measures the codec beside its peers, on one core, all in turn. One runtime takes about a minute.

deno task bench:codec [options]

  --runtime NAME   deno, bun or node; may be given more than once. Default: all three
  --only WORDS     operations and sizes in bytes that contain the words; may be given more than once
  --rounds N       rounds of each contender; the one that a quarter of them beat is shown. Default 45
  --ms N           length of one round. Default 3
  --json           print one object per line instead of a table
  --report         write bench/charts/, bench/results/codec.json and the section of bench/README.md
  --help           print this
`;

const values = readOptions();
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
for (const option of ["rounds", "ms"] as const) {
  if (!(Number(values[option]) > 0)) refuse(`--${option} takes a number above 0, not ${values[option]}`);
}
const names = values.runtime.map((name) =>
  runtimes.find((known) => known.name === name)?.name ??
    refuse(`--runtime takes ${runtimes.map((known) => known.name).join(", ")}, not ${name}`)
);

const circumstances = await circumstancesNow(names);
const results: Result[] = [];
if (!values.json) console.log(TABLE_HEAD);
for (const name of names) await measure(name);
if (!values.json) console.log(`\n${inSum(results)}`);
if (values.report) {
  const peers = `Peers: ${await packageVersions(PEER_PACKAGES)}.`;
  const body = [peers, inSum(results), [TABLE_HEAD, ...results.map(rowOf)].join("\n")].join("\n\n");
  const command = ["deno task bench:codec", ...process.argv.slice(2)].join(" ");
  await writeReport({ name: "codec", circumstances, command, results, charts: chartsOf(results), body });
}

async function measure(runtime: RuntimeName): Promise<void> {
  const args = [values.rounds, values.ms, ...values.only];
  await using runner = spawnRuntime(runtime, "bench/codec/runner.ts", args, { timeoutMs: RUN_MS_MAX });
  for await (const line of runner.lines) {
    const comparison: Comparison = JSON.parse(line);
    const result = { runtime, ...comparison };
    results.push(result);
    console.log(values.json ? JSON.stringify(result) : rowOf(result));
  }
  const { code } = await runner.exited;
  if (code !== 0) refuse(`the run under ${runtime} failed:\n${runner.stderr}`);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        runtime: { type: "string", multiple: true, default: runtimes.map(({ name }) => name) },
        only: { type: "string", multiple: true, default: [] },
        rounds: { type: "string", default: "45" },
        ms: { type: "string", default: "3" },
        json: { type: "boolean", default: false },
        report: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return refuse(`${(error as Error).message}; --help lists what may be said`);
  }
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
