/**
 * Draws how we compare as an SVG of horizontal bars on a logarithmic scale: to the right of 1 we are better.
 *
 * Colours follow the reader's light or dark theme, and differ in lightness too, for those who see no colours.
 *
 * @module
 */

/** One bar. */
export interface Bar {
  /** What it is coloured by, and the legend explains. */
  readonly name: string;
  /** How we compare; 1 is alike. */
  readonly ratio: number;
  /** The ratio that is meant to be reached, if there is one. */
  readonly goal?: number;
}

/** Bars that belong together. */
export interface BarGroup {
  readonly label: string;
  /** In smaller letters below it. */
  readonly note: string;
  readonly bars: readonly Bar[];
}

/** What a chart shows. */
export interface Chart {
  readonly title: string;
  readonly subtitle: string;
  /** Every name that bars may have, at most three: so that colours are the same in all charts. */
  readonly names: readonly string[];
  readonly groups: readonly BarGroup[];
}

const WIDTH = 880;
const PLOT = { left: 300, right: 770 };
const HEAD = 92;
const FOOT = 20;
const BAR = 12;
const BAR_STEP = 15;
const GROUP_GAP = 16;
const GROUP_HEIGHT_MIN = 32;

const TICKS = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50];

const STYLE = `
  text { font: 12px system-ui, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif; fill: #24292f }
  .value { paint-order: stroke; stroke: #ffffff; stroke-width: 3px; stroke-linejoin: round }
  .title { font-size: 17px; font-weight: 600 }
  .small { font-size: 11px; fill: #636c76 }
  .missed { fill: #b3261e; font-weight: 600 }
  .ground { fill: #ffffff; stroke: #d8dee4 }
  .band { fill: #f6f8fa }
  .grid { stroke: #d8dee4 }
  .one { stroke: #57606a; stroke-width: 1.5 }
  .goal { stroke: #24292f; stroke-width: 2.5; stroke-linecap: round }
  .halo { stroke: #ffffff; stroke-width: 5.5 }
  .bar0 { fill: #1f4e9c }
  .bar1 { fill: #d97a1c }
  .bar2 { fill: #4fa567 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .value { stroke: #0d1117 }
    .small { fill: #9198a1 }
    .missed { fill: #ff8c82 }
    .ground { fill: #0d1117; stroke: #30363d }
    .band { fill: #161b22 }
    .grid { stroke: #30363d }
    .one { stroke: #9198a1 }
    .goal { stroke: #ffffff }
    .halo { stroke: #0d1117 }
    .bar0 { fill: #5b8fe8 }
    .bar1 { fill: #f0a04b }
    .bar2 { fill: #7fd196 }
  }`;

/**
 * The chart as the text of an SVG file. What lies beyond the scale ends at its edge; the number beside it is the true one.
 * @throws {RangeError} if a ratio is not above 0, or there is nothing to show.
 */
export function ratioChart({ title, subtitle, names, groups }: Chart): string {
  const bars = groups.flatMap((group) => group.bars);
  const scale = scaleOf(bars);
  const heights = groups.map(heightOf);
  const height = HEAD + heights.reduce((sum, one) => sum + one, 0) + FOOT;
  const bottom = height - FOOT;
  let top = HEAD;
  const rows = groups.map((group, index) => {
    const row = groupOf(group, { index, top, height: heights[index], names, scale });
    top += heights[index];
    return row;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<desc>${escaped(described(groups))}</desc>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    text(20, 32, title, "title"),
    text(20, 52, subtitle, "small"),
    ...legendOf(names, bars),
    ...rows.map(({ band }) => band),
    ...scale.ticks.flatMap((tick) => tickOf(tick, scale.x(tick), bottom)),
    ...rows.map(({ marks }) => marks),
    "</svg>",
    "",
  ].join("\n");
}

interface Scale {
  readonly ticks: readonly number[];
  /** Where a ratio lies, inside of the plot. */
  x(ratio: number): number;
}

function scaleOf(bars: readonly Bar[]): Scale {
  const values = bars.flatMap(({ ratio, goal }) => goal === undefined ? [ratio] : [ratio, goal]);
  if (values.length === 0 || !values.every((value) => value > 0)) {
    throw new RangeError("a chart needs ratios, all above 0");
  }
  const last = TICKS.length - 1;
  const [least, most] = [Math.min(0.5, ...values), Math.max(2, ...values)];
  const from = Math.max(0, TICKS.findLastIndex((tick) => tick <= least));
  const to = TICKS.findIndex((tick) => tick >= most);
  const ticks = TICKS.slice(from, (to === -1 ? last : to) + 1);
  const [low, high] = [Math.log(ticks[0]), Math.log(ticks[ticks.length - 1])];
  return {
    ticks,
    x(ratio) {
      const share = (Math.log(ratio) - low) / (high - low);
      return rounded(PLOT.left + Math.min(1, Math.max(0, share)) * (PLOT.right - PLOT.left));
    },
  };
}

interface Place {
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly names: readonly string[];
  readonly scale: Scale;
}

function groupOf({ label, note, bars }: BarGroup, { index, top, height, names, scale }: Place) {
  const band = index % 2 === 0
    ? `<rect class="band" x="1" y="${top}" width="${WIDTH - 2}" height="${height}"/>`
    : "";
  const middle = top + height / 2;
  const first = rounded(middle - bars.length * BAR_STEP / 2 + (BAR_STEP - BAR) / 2);
  const marks = [
    text(20, middle - 3, label),
    text(20, middle + 12, note, "small"),
    ...bars.map((bar, at) => barOf(bar, first + at * BAR_STEP, names.indexOf(bar.name), scale)),
  ];
  return { band, marks: marks.join("\n") };
}

function barOf({ ratio, goal }: Bar, y: number, colour: number, { x }: Scale): string {
  const [from, to] = [x(1), x(ratio)].sort((a, b) => a - b);
  const isMissed = goal !== undefined && ratio < goal;
  const marks = [
    `<rect class="bar${colour}" x="${from}" y="${y}" width="${
      rounded(Math.max(2, to - from))
    }" height="${BAR}" rx="2"/>`,
  ];
  if (goal !== undefined) {
    const ends = `x1="${x(goal)}" x2="${x(goal)}" y1="${y - 1}" y2="${y + BAR + 1}"`;
    marks.push(`<line class="halo" ${ends}/><line class="goal" ${ends}/>`);
  }
  const words = `${shown(ratio)}×${goal === undefined ? "" : isMissed ? ` of ${shown(goal)}` : " ✓"}`;
  const right = Math.max(to, x(1), goal === undefined ? 0 : x(goal));
  marks.push(text(right + 7, y + BAR - 2, words, isMissed ? "value missed" : "value"));
  return marks.join("\n");
}

function heightOf({ bars }: BarGroup): number {
  return Math.max(GROUP_HEIGHT_MIN, bars.length * BAR_STEP) + GROUP_GAP;
}

function tickOf(tick: number, x: number, bottom: number): string[] {
  return [
    `<line class="${tick === 1 ? "one" : "grid"}" x1="${x}" x2="${x}" y1="${HEAD - 4}" y2="${bottom}"/>`,
    text(x, HEAD - 10, `${tick}×`, "small", "middle"),
  ];
}

function legendOf(names: readonly string[], bars: readonly Bar[]): string[] {
  const present = names.filter((name) => bars.some((bar) => bar.name === name));
  const marks = present.map((name, at) => {
    const x = WIDTH - 98 - 72 * (present.length - at);
    const colour = names.indexOf(name);
    return `<rect class="bar${colour}" x="${x}" y="22" width="12" height="12" rx="2"/>${
      text(x + 18, 32, name)
    }`;
  });
  if (bars.every(({ goal }) => goal === undefined)) return marks;
  const x = WIDTH - 80;
  return [...marks, `<line class="goal" x1="${x}" x2="${x}" y1="21" y2="35"/>${text(x + 10, 32, "goal")}`];
}

// What somebody hears who cannot see it.
function described(groups: readonly BarGroup[]): string {
  return groups.map(({ label, note, bars }) =>
    `${label}, ${note}: ${bars.map(({ name, ratio }) => `${name} ${shown(ratio)}`).join(", ")}`
  ).join(". ");
}

function text(x: number, y: number, words: string, name = "", anchor = "start"): string {
  const className = name === "" ? "" : ` class="${name}"`;
  const textAnchor = anchor === "start" ? "" : ` text-anchor="${anchor}"`;
  return `<text${className} x="${rounded(x)}" y="${rounded(y)}"${textAnchor}>${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function shown(ratio: number): string {
  return ratio >= 100 ? String(Math.round(ratio)) : String(Number(ratio.toPrecision(2)));
}

function rounded(length: number): number {
  return Math.round(length * 10) / 10;
}
