/**
 * What `--report` writes about the codec: a chart for each peer, and the table.
 *
 * @module
 */

import { type RuntimeName, runtimes } from "../../tests/runtimes/runtimes.ts";
import { type BarGroup, ratioChart } from "../chart.ts";
import type { Comparison } from "./contest.ts";
import { goalOf } from "./goals.ts";

/** A comparison, and where it was made. */
export interface Result extends Comparison {
  readonly runtime: RuntimeName;
}

const NAMES = runtimes.map(({ name }) => name);
const KIB = 1024;

/** The first two lines of the table. */
export const TABLE_HEAD = `| runtime | operation | bytes | Hawser | unit | peer | its figure | ratio | goal |
|---|---|--:|--:|---|---|--:|--:|---|`;

/** One line of it. */
export function rowOf(result: Result): string {
  const { runtime, operation, size, ours, unit, peer, peerValue, ratio } = result;
  const goal = goalOf(runtime, result);
  const judged = goal === undefined ? "" : `${goal}: ${ratio >= goal ? "met" : "missed"}`;
  const figures = [shown(ours), unit, peer, shown(peerValue), ratio.toFixed(2), judged];
  return `| ${[runtime, operation, size, ...figures].join(" | ")} |`;
}

/** How many goals were met, and which were not. */
export function inSum(results: readonly Result[]): string {
  const judged = results.flatMap((result) => {
    const goal = goalOf(result.runtime, result);
    return goal === undefined ? [] : [{ ...result, goal }];
  });
  const missed = judged.filter(({ ratio, goal }) => ratio < goal).map((result) => {
    const { runtime, operation, size, peer, ratio, goal } = result;
    return `- ${operation} of ${sizeInWords(size)} on ${runtime}: ${ratio.toFixed(2)} of ${goal} to ${peer}`;
  });
  const list = missed.length === 0 ? "." : `:\n\n${missed.join("\n")}`;
  return `${judged.length - missed.length} goals met, ${missed.length} missed${list}`;
}

/** Charts by name: one for each cipher, and one for everybody's LZ4. */
export function chartsOf(results: readonly Result[]): Map<string, string> {
  const charts = new Map<string, string>();
  const subtitle = "To the right of 1× Hawser is faster, on a logarithmic scale.";
  const draw = (file: string, title: string, some: readonly Result[]) => {
    if (some.length > 0) {
      charts.set(file, ratioChart({ title, subtitle, names: NAMES, groups: groupsOf(some) }));
    }
  };
  const lz4 = results.filter(({ operation }) => operation.startsWith("LZ4"));
  const ciphers = results.filter((result) => !lz4.includes(result));
  for (const peer of new Set(ciphers.map((result) => result.peer))) {
    draw(fileName(peer), `Hawser's codec beside ${peer}`, ciphers.filter((result) => result.peer === peer));
  }
  draw("lz4", "Hawser's LZ4 beside others", lz4);
  return charts;
}

function groupsOf(results: readonly Result[]): BarGroup[] {
  const operations = [...new Set(results.map(({ operation }) => operation))];
  const rank = ({ operation }: Result) => operations.indexOf(operation);
  const groups = new Map<string, BarGroup & { bars: BarGroup["bars"][number][] }>();
  for (const result of results.toSorted((a, b) => rank(a) - rank(b))) {
    const { operation, size, peer, runtime, ratio } = result;
    const label = `${operation}, ${sizeInWords(size)}`;
    const key = `${label} ${peer}`;
    if (!groups.has(key)) groups.set(key, { label, note: `beside ${peer}`, bars: [] });
    groups.get(key)!.bars.push({ name: runtime, ratio, goal: goalOf(runtime, result) });
  }
  return [...groups.values()];
}

function sizeInWords(size: number): string {
  if (size < KIB) return `${size} B`;
  return size < KIB * KIB ? `${size / KIB} KiB` : `${size / KIB / KIB} MiB`;
}

function fileName(peer: string): string {
  return peer.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}

function shown(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
