import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { readFile } from "node:fs/promises";
import { inSum as codecInSum } from "../../bench/codec/report.ts";
import { bodyOf, chartsOf } from "../../bench/path/report.ts";
import type { Judged } from "../../bench/path/result.ts";
import { circumstancesNow, packageVersions, replaceSection } from "../../bench/report.ts";
import { ROOT } from "../runtimes/executables.ts";

const page = "before\n<!-- results of path -->\nold\n<!-- end of the results of path -->\nafter\n";

test("a section is replaced between its markers, and nothing else", () => {
  const once = replaceSection(page, "path", "new");
  assertEquals(
    once,
    "before\n<!-- results of path -->\n\nnew\n\n<!-- end of the results of path -->\nafter\n",
  );
  assertEquals(replaceSection(once, "path", "new"), once);
  assertThrows(() => replaceSection(page, "codec", "new"), Error, "results of codec");
});

test("the README has a section for each report", async () => {
  const readme = await readFile(`${ROOT}bench/README.md`, "utf8");
  for (const name of ["path", "codec"]) assert(replaceSection(readme, name, "new").includes("new"));
});

test("circumstances have the versions of runtimes and packages", async () => {
  const { cpu, cores, load, versions } = await circumstancesNow(["deno", "bun", "node"]);
  assert(cpu !== "" && cores > 0 && load >= 0);
  for (const version of Object.values(versions)) assert(/^\d+\.\d+\.\d+$/.test(version), version);
  assertEquals(Object.keys(versions), ["deno", "bun", "node"]);
  assert(/^socket\.io \d+\.\d+\.\d+$/.test(await packageVersions(["socket.io", "not there"])));
});

const result = { runtime: "deno", measure: "echo", ours: 5, unit: "us", peerValue: 10, ratio: 2 } as const;
const judged: Judged[] = [
  { result: { ...result, peer: "raw" }, verdicts: [{ goal: "at most 4 us", share: 0.8, met: false }] },
  {
    result: { ...result, peer: "capnweb" },
    verdicts: [{ goal: "ratio 4", ratio: 4, share: 0.5, met: false }],
  },
  {
    result: { ...result, peer: "socket.io" },
    verdicts: [{ goal: "ratio 2", ratio: 2, share: 1, met: true }],
  },
];

test("the path has charts of the control, of the peers and of figures, and says what is missed", () => {
  assertEquals([...chartsOf(judged).keys()], ["control", "peers", "figures"]);
  assertEquals([...chartsOf(judged.slice(1)).keys()], ["peers"]);
  const [sum, missed, table, left] = bodyOf(judged, ["raw is left out"]).split("\n\n");
  assertEquals(sum, "1 goals met, 2 missed:");
  assertEquals(missed, "- echo on deno: at most 4 us\n- echo on deno: ratio 4 to capnweb");
  assertEquals(table.split("\n").length, 5);
  assertEquals(left, "- raw is left out");
});

test("the codec says what is missed", () => {
  const comparison = { operation: "seal packet", size: 64, ours: 1, unit: "ops/s", peerValue: 1, ratio: 27 };
  const one = { ...comparison, runtime: "deno", peer: "@noble/ciphers" } as const;
  assertEquals(codecInSum([{ ...one, ratio: 28 }]), "1 goals met, 0 missed.");
  assertEquals(
    codecInSum([one]),
    "0 goals met, 1 missed:\n\n- seal packet of 64 B on deno: 27.00 of 28 to @noble/ciphers",
  );
});
