/**
 * What `--report` writes about the path: charts against the control, against the peers, and against figures that are
 * meant to be reached by themselves.
 *
 * @module
 */

import { runtimes } from "../../tests/runtimes/runtimes.ts";
import { type Bar, type BarGroup, ratioChart } from "../chart.ts";
import type { Contender } from "./measures.ts";
import type { Judged } from "./result.ts";
import { inSum, tableOf } from "./table.ts";

const NAMES = runtimes.map(({ name }) => name);
const CONTROLS: readonly Contender[] = ["raw", "seal+open", "key agreement"];

/** Charts by name. */
export function chartsOf(judged: readonly Judged[]): Map<string, string> {
  const isControl = ({ result }: Judged) => CONTROLS.includes(result.peer);
  const charts = new Map<string, string>();
  const draw = (name: string, title: string, subtitle: string, groups: BarGroup[]) => {
    if (groups.length > 0) charts.set(name, ratioChart({ title, subtitle, names: NAMES, groups }));
  };
  draw(
    "control",
    "Hawser beside the bare runtime",
    "Hawser encrypts, the control does not. To the right of 1× Hawser is better, on a logarithmic scale.",
    groupsOf(judged.filter(isControl), againstPeer),
  );
  draw(
    "peers",
    "Hawser beside its peers",
    "The same messages, as many in flight. To the right of 1× Hawser is better, on a logarithmic scale.",
    groupsOf(judged.filter((one) => !isControl(one)), againstPeer),
  );
  draw(
    "figures",
    "Hawser's own figures against what they should be",
    "1× is what is meant to be reached; to the right of it is better, on a logarithmic scale.",
    groupsOf(judged.filter(({ verdicts }) => ofFigure(verdicts) !== undefined), againstFigure),
  );
  return charts;
}

/** The table, and the sum below it. */
export function bodyOf(judged: readonly Judged[], missing: readonly string[]): string {
  const left = missing.length === 0 ? [] : [missing.map((line) => `- ${line}`).join("\n")];
  return [inSum(judged), tableOf(judged), ...left].join("\n\n");
}

interface Labelled {
  readonly label: string;
  readonly note: string;
  readonly bar: Bar;
}

function groupsOf(judged: readonly Judged[], labelled: (one: Judged) => Labelled): BarGroup[] {
  const groups = new Map<string, { label: string; note: string; bars: Bar[] }>();
  for (const one of judged) {
    const { label, note, bar } = labelled(one);
    const key = `${label}\n${note}`;
    if (!groups.has(key)) groups.set(key, { label, note, bars: [] });
    groups.get(key)!.bars.push(bar);
  }
  return [...groups.values()];
}

function againstPeer({ result, verdicts }: Judged): Labelled {
  const goal = verdicts.find(({ ratio }) => ratio !== undefined)?.ratio;
  const bar = { name: result.runtime, ratio: result.ratio, goal };
  return { label: result.measure, note: `beside ${result.peer}`, bar };
}

function againstFigure({ result, verdicts }: Judged): Labelled {
  const { goal, share } = ofFigure(verdicts)!;
  return { label: result.measure, note: goal, bar: { name: result.runtime, ratio: share, goal: 1 } };
}

function ofFigure(verdicts: Judged["verdicts"]) {
  return verdicts.find((verdict) => verdict.ratio === undefined);
}
