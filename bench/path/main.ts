/**
 * Measures the path from message to message, encrypted, beside the bare runtime and peers in the same run.
 *
 * ```
 * deno run -A bench/path/main.ts --help
 * ```
 *
 * @module
 */

import process from "node:process";
import type { RuntimeName } from "../../tests/runtimes/runtimes.ts";
import { circumstancesNow, packageVersions, writeReport } from "../report.ts";
import { lackOfDescriptors } from "./idle.ts";
import type { Measure } from "./measures.ts";
import { commandLine, minutesOf, readOptions } from "./options.ts";
import { removeSockets } from "./pipe.ts";
import { bodyOf, chartsOf } from "./report.ts";
import { compare, judge, type Judged } from "./result.ts";
import { median, type Outcome, reasonOf, runRounds } from "./rounds.ts";
import { inSum, rowOf, TABLE_HEAD } from "./table.ts";

const PEER_PACKAGES = [
  "socket.io",
  "socket.io-client",
  "capnweb",
  "@nats-io/transport-node",
  "libp2p",
  "@libp2p/tcp",
  "@chainsafe/libp2p-noise",
  "@chainsafe/libp2p-yamux",
  "noise-c.wasm",
  "noise-handshake",
  "ws",
];

const options = readOptions();
const circumstances = await circumstancesNow(options.runtimes);
const judged: Judged[] = [];
const missing: string[] = [];
console.error(`This takes about ${minutesOf(options)} minutes on a quiet machine.`);
if (!options.json) console.log(TABLE_HEAD);
for (const runtime of options.runtimes) {
  for (const measure of options.measures) {
    if (measure.runtimes?.includes(runtime) !== false) await run(measure, runtime);
  }
}
removeSockets();
if (!options.json) console.log(`\n${inSum(judged)}`);
if (options.report) {
  const body = `Peers: ${await packageVersions(PEER_PACKAGES)}.\n\n${bodyOf(judged, missing)}`;
  const charts = chartsOf(judged);
  await writeReport({ name: "path", circumstances, command: commandLine(), results: judged, charts, body });
}

async function run(measure: Measure, runtime: RuntimeName): Promise<void> {
  const lack = measure.work.kind === "idle" ? lackOfDescriptors(measure.work.connections) : undefined;
  if (lack !== undefined) return leaveOut(`${measure.id} on ${runtime} is left out: ${lack}`);
  const outcome = await runRounds(measure, { ...options.rounds, runtime }).catch((error: Error) => {
    // The others are still worth to be measured.
    process.exitCode = 1;
    leaveOut(`${measure.id} on ${runtime} failed: ${reasonOf(error)}`);
    if (!options.report) console.error(error.message);
  });
  if (outcome === undefined) return;
  for (const [peer, reason] of outcome.missing) {
    leaveOut(`${measure.id} on ${runtime}: ${peer} is left out: ${reason}`);
  }
  for (const one of results(measure, runtime, outcome)) {
    judged.push(one);
    console.log(options.json ? JSON.stringify(one.result) : rowOf(one));
  }
}

function leaveOut(reason: string): void {
  missing.push(reason);
  console.error(reason);
}

function* results(measure: Measure, runtime: RuntimeName, { figures }: Outcome): Generator<Judged> {
  const [[, hawser], ...peers] = figures;
  for (const row of measure.rows) {
    const ours = median(hawser.map(row.value));
    for (const [peer, theirs] of peers) {
      const result = compare(row, runtime, ours, peer, median(theirs.map(row.value)));
      yield { result, verdicts: judge(row, measure.peers[0], result) };
    }
  }
}
