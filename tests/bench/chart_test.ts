import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type Bar, ratioChart } from "../../bench/chart.ts";

const draw = (...bars: Bar[]) =>
  ratioChart({
    title: "a < b & c",
    subtitle: "words",
    names: ["deno", "bun", "node"],
    groups: [{ label: "row", note: "note", bars }],
  });

const barsIn = (svg: string) =>
  [...svg.matchAll(/class="bar(\d)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"/g)]
    .map(([, colour, x, y, width]) => ({
      colour: Number(colour),
      x: Number(x),
      y: Number(y),
      width: Number(width),
    }))
    .filter(({ width }) => width !== 12); // Those are the legend's.

test("bars go right from 1 where we are better, and left where we are worse, as far on a logarithmic scale", () => {
  const [better, worse] = barsIn(draw({ name: "deno", ratio: 4 }, { name: "bun", ratio: 0.25 }));
  assertEquals(better.x, worse.x + worse.width);
  assert(Math.abs(better.width - worse.width) < 0.2, `${better.width} and ${worse.width}`);
  assert(better.y < worse.y);
  assertEquals([better.colour, worse.colour], [0, 1]);
});

test("a runtime has its colour in every chart, and is in the legend where it has a bar", () => {
  const svg = draw({ name: "node", ratio: 4 });
  assertEquals(barsIn(svg).map(({ colour }) => colour), [2]);
  assertStringIncludes(svg, ">node<");
  assert(!svg.includes(">bun<") && !svg.includes(">goal<"));
});

test("what lies beyond the scale ends at its edge, and its number is the true one", () => {
  const [huge, tiny] = barsIn(draw({ name: "deno", ratio: 50 }, { name: "bun", ratio: 0.02 }));
  const beyond = draw({ name: "deno", ratio: 373.7 }, { name: "bun", ratio: 0.001 });
  assertEquals(barsIn(beyond).map(({ x, width }) => [x, width]), [[huge.x, huge.width], [
    tiny.x,
    tiny.width,
  ]]);
  assertStringIncludes(beyond, ">374×<");
});

test("a goal that is met has a tick, one that is missed says how much was wanted", () => {
  assertStringIncludes(draw({ name: "deno", ratio: 2, goal: 2 }), ">2× ✓<");
  assertStringIncludes(draw({ name: "deno", ratio: 1.9, goal: 2 }), ">1.9× of 2<");
  assertStringIncludes(draw({ name: "deno", ratio: 1.9 }), ">1.9×<");
});

test("what is said of it is escaped, and told to those who cannot see it", () => {
  const svg = draw({ name: "deno", ratio: 3 });
  assertStringIncludes(svg, "<title>a &lt; b &amp; c</title>");
  assertStringIncludes(svg, "<desc>row, note: deno 3</desc>");
});

test("without ratios above 0 there is no chart", () => {
  assertThrows(() => draw(), RangeError);
  assertThrows(() => draw({ name: "deno", ratio: 0 }), RangeError);
  assertThrows(() => draw({ name: "deno", ratio: NaN }), RangeError);
});
