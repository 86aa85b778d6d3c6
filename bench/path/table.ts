/**
 * Results in words: a table in Markdown, and the sum of the goals.
 *
 * @module
 */

import { type Judged, shown } from "./result.ts";

/** The first two lines of the table. */
export const TABLE_HEAD = `| runtime | measure | Hawser | unit | peer | its figure | ratio | goal |
|---|---|--:|---|---|--:|--:|---|`;

/** One line of it. */
export function rowOf({ result, verdicts }: Judged): string {
  const { runtime, measure, ours, unit, peer, peerValue, ratio } = result;
  const goals = verdicts.map(({ goal, met }) => `${goal}: ${met ? "met" : "missed"}`).join("; ");
  const cells = [runtime, measure, shown(ours), unit, peer, shown(peerValue), ratio.toFixed(2), goals];
  return `| ${cells.join(" | ")} |`;
}

/** The whole table. */
export function tableOf(judged: readonly Judged[]): string {
  return [TABLE_HEAD, ...judged.map(rowOf)].join("\n");
}

/** How many goals were met, and which were not. */
export function inSum(judged: readonly Judged[]): string {
  const all = judged.flatMap(({ result, verdicts }) => verdicts.map((verdict) => ({ result, verdict })));
  const missed = all.filter(({ verdict }) => !verdict.met).map(({ result, verdict }) => {
    const { measure, runtime, peer } = result;
    return `- ${measure} on ${runtime}: ${verdict.goal}${verdict.ratio === undefined ? "" : ` to ${peer}`}`;
  });
  const list = missed.length === 0 ? "." : `:\n\n${missed.join("\n")}`;
  return `${all.length - missed.length} goals met, ${missed.length} missed${list}`;
}
