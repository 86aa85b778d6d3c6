/**
 * How our figure compares with one peer's, and with what is meant to be reached.
 *
 * @module
 */

import type { RuntimeName } from "../../tests/runtimes/runtimes.ts";
import type { Contender, Row } from "./measures.ts";

/** One comparison: what `--json` prints. */
export interface Result {
  readonly runtime: RuntimeName;
  readonly measure: string;
  readonly ours: number;
  readonly unit: string;
  readonly peer: Contender;
  readonly peerValue: number;
  /** How we compare: larger is better, whatever the unit. */
  readonly ratio: number;
}

/** A goal, and whether it was met. */
export interface Verdict {
  /** In words: `ratio 0.9`. */
  readonly goal: string;
  /** Where the goal is a ratio: how large. */
  readonly ratio?: number;
  /** How much of it was reached: from 1 on it is met. */
  readonly share: number;
  readonly met: boolean;
}

/** A result, and what is to be said of it. */
export interface Judged {
  readonly result: Result;
  readonly verdicts: readonly Verdict[];
}

/** The result of a row, from the medians of both. */
export function compare(
  row: Row,
  runtime: RuntimeName,
  ours: number,
  peer: Contender,
  peerValue: number,
): Result {
  const ratio = row.larger ? ours / peerValue : peerValue / ours;
  return { runtime, measure: row.title, ours, unit: row.unit, peer, peerValue, ratio };
}

/** What is to be said of a result. Goals that name no peer are judged once, beside the control. */
export function judge(
  { goals, larger }: Row,
  control: Contender,
  { runtime, ours, unit, peer, peerValue, ratio }: Result,
): Verdict[] {
  if (goals === undefined || goals.runtimes?.includes(runtime) === false) return [];
  const verdicts: Verdict[] = [];
  const least = goals.ratios?.[peer];
  if (least !== undefined) {
    verdicts.push({ ...verdict(`ratio ${shown(least)}`, ratio / least), ratio: least });
  }
  if (peer !== control) return verdicts;
  const { value, aboveControl } = goals;
  if (value !== undefined) {
    const share = larger ? ours / value : value / ours;
    verdicts.push(verdict(`${larger ? "at least" : "at most"} ${shown(value)} ${unit}`, share));
  }
  if (aboveControl !== undefined) {
    const share = ours <= peerValue ? Infinity : aboveControl / (ours - peerValue);
    verdicts.push(verdict(`at most ${shown(aboveControl)} ${unit} above ${control}`, share));
  }
  return verdicts;
}

function verdict(goal: string, share: number): Verdict {
  return { goal, share, met: share >= 1 };
}

/** A figure with three digits that count, or all of them before the point. */
export function shown(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
}
