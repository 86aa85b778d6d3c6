/**
 * Measures the path from message to message, encrypted, beside the bare runtime in the same run.
 *
 * ```
 * deno run -A bench/path/main.ts [--runtime deno|bun|node] [--only tcp-echo,udp] [--seconds 1] [--rounds 5]
 *   [--data bundle] [--no-compress] [--json]
 * ```
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { type RuntimeName, runtimes } from "../../tests/runtimes/runtimes.ts";
import { type DataKind, kinds } from "../data.ts";
import { type Contender, type Measure, measures, type Row } from "./measures.ts";
import { median, type RoundsOptions, runRounds } from "./rounds.ts";
import type { Figures } from "./loads.ts";

interface Result {
  readonly runtime: RuntimeName;
  readonly measure: string;
  readonly ours: number;
  readonly unit: string;
  readonly peer: Contender;
  readonly peerValue: number;
  /** How we compare: larger is better, whatever the unit. */
  readonly ratio: number;
}

const { values } = parseArgs({
  options: {
    runtime: { type: "string", multiple: true, default: runtimes.map(({ name }) => name) },
    only: { type: "string", default: measures.map(({ id }) => id).join() },
    seconds: { type: "string", default: "1" },
    rounds: { type: "string", default: "5" },
    data: { type: "string", default: "bundle" },
    "no-compress": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

const chosen = values.only.split(",").map((id) => oneOf("--only", id, measures, (measure) => measure.id));
const chosenRuntimes = values.runtime.map((name) =>
  oneOf("--runtime", name, runtimes, (known) => known.name)
);
const options: Omit<RoundsOptions, "runtime"> = {
  seconds: positive("--seconds", values.seconds),
  rounds: Math.ceil(positive("--rounds", values.rounds)),
  data: oneOf<DataKind>("--data", values.data, kinds, (kind) => kind),
  compress: !values["no-compress"],
};

if (!values.json) printHead();
for (const { name: runtime } of chosenRuntimes) {
  for (const measure of chosen) {
    const outcome = await runRounds(measure, { ...options, runtime });
    for (const row of measure.rows) report(measure, row, runtime, outcome);
  }
}

function report(measure: Measure, row: Row, runtime: RuntimeName, outcome: Map<Contender, Figures[]>): void {
  const valueOf = (contender: Contender) => median(outcome.get(contender)!.map(row.value));
  const ours = valueOf("hawser");
  for (const peer of measure.peers) {
    const peerValue = valueOf(peer);
    const ratio = row.larger ? ours / peerValue : peerValue / ours;
    const result = { runtime, measure: row.title, ours, unit: row.unit, peer, peerValue, ratio };
    if (values.json) console.log(JSON.stringify(result));
    else printRow(result, peer === "raw" ? row.goal : undefined);
  }
}

function printHead(): void {
  console.log("| runtime | measure | Hawser | unit | peer | its figure | ratio | goal |");
  console.log("|---|---|--:|---|---|--:|--:|---|");
}

function printRow(result: Result, goal: Row["goal"]): void {
  const { runtime, measure, ours, unit, peer, peerValue, ratio } = result;
  const cells = [
    runtime,
    measure,
    shown(ours),
    unit,
    peer,
    shown(peerValue),
    ratio.toFixed(2),
    judged(result, goal),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

function judged({ ours, ratio, unit }: Result, goal: Row["goal"]): string {
  if (goal?.ratio !== undefined) return `ratio ${goal.ratio}: ${ratio >= goal.ratio ? "met" : "missed"}`;
  if (goal?.value !== undefined) {
    return `${shown(goal.value)} ${unit}: ${ours >= goal.value ? "met" : "missed"}`;
  }
  return "";
}

function shown(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  return refuse(`${name} takes a number above 0, not ${text}`);
}

function oneOf<T>(name: string, wanted: string, known: readonly T[], nameOf: (item: T) => string): T {
  const found = known.find((item) => nameOf(item) === wanted);
  return found ?? refuse(`${name} takes ${known.map(nameOf).join(", ")}, not ${wanted}`);
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
