/**
 * Measures the path from message to message, encrypted, beside the bare runtime and peers in the same run.
 *
 * ```
 * deno run -A bench/path/main.ts --help
 * ```
 *
 * @module
 */

import type { RuntimeName } from "../../tests/runtimes/runtimes.ts";
import { lackOfDescriptors } from "./idle.ts";
import type { Measure } from "./measures.ts";
import { readOptions } from "./options.ts";
import { compare, judge, type Result, shown, type Verdict } from "./result.ts";
import { median, type Outcome, runRounds } from "./rounds.ts";

/** A result, and what is to be said of it. */
interface Judged {
  readonly result: Result;
  readonly verdicts: readonly Verdict[];
}

const options = readOptions();
const judged: Judged[] = [];
if (!options.json) printHead();
for (const runtime of options.runtimes) {
  for (const measure of options.measures) {
    const lack = measure.work.kind === "idle" ? lackOfDescriptors(measure.work.connections) : undefined;
    if (lack !== undefined) {
      console.error(`${measure.id} on ${runtime} is left out: ${lack}`);
      continue;
    }
    const outcome = await runRounds(measure, { ...options.rounds, runtime });
    for (const [peer, reason] of outcome.missing) {
      console.error(`${measure.id} on ${runtime}: ${peer} is left out: ${reason}`);
    }
    for (const one of results(measure, runtime, outcome)) {
      judged.push(one);
      if (options.json) console.log(JSON.stringify(one.result));
      else printRow(one);
    }
  }
}
if (!options.json) printSum();

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

function printHead(): void {
  console.log("| runtime | measure | Hawser | unit | peer | its figure | ratio | goal |");
  console.log("|---|---|--:|---|---|--:|--:|---|");
}

function printRow({ result, verdicts }: Judged): void {
  const { runtime, measure, ours, unit, peer, peerValue, ratio } = result;
  const goals = verdicts.map(({ goal, met }) => `${goal}: ${met ? "met" : "missed"}`).join("; ");
  const cells = [runtime, measure, shown(ours), unit, peer, shown(peerValue), ratio.toFixed(2), goals];
  console.log(`| ${cells.join(" | ")} |`);
}

function printSum(): void {
  const all = judged.flatMap(({ result, verdicts }) =>
    verdicts.map((verdict) => ({ ...result, ...verdict }))
  );
  const missed = all.filter(({ met }) => !met);
  const names = missed.map(({ runtime, measure, peer, goal }) =>
    `${measure} on ${runtime} (${peer}, ${goal})`
  );
  const list = names.length === 0 ? "." : `: ${names.join("; ")}.`;
  console.log(`\n${all.length - missed.length} goals met, ${missed.length} missed${list}`);
}
