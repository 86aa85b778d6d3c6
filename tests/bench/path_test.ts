// The benchmark of the path is long; here only that it runs, and what it prints.

import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { spawnRuntime } from "../runtimes/runtimes.ts";

const MAIN = "bench/path/main.ts";
const QUICK = ["--seconds", "0.02", "--rounds", "1", "--runtime", "deno"];

test("one object per line, with the ratio to the control", async () => {
  await using main = spawnRuntime("deno", MAIN, [...QUICK, "--only", "mem-64,mem-echo", "--json"]);
  const results = [];
  for await (const line of main.lines) results.push(JSON.parse(line));
  assertEquals(results.map(({ measure }) => measure), [
    "mem one way 64 B, 256 in flight",
    "mem echo 64 B p50",
    "mem echo 64 B p99",
  ]);
  for (const { ours, peerValue, ratio, unit, ...names } of results) {
    assertEquals(Object.keys(names), ["runtime", "measure", "peer"]);
    assertEquals([names.runtime, names.peer], ["deno", "raw"]);
    assert(ours > 0 && peerValue > 0, `${names.measure}: ${ours} and ${peerValue} ${unit}`);
    assertEquals(ratio, unit === "us" ? peerValue / ours : ours / peerValue);
  }
  assertEquals(await main.exited, { code: 0, signal: null });
});

test("what cannot be measured is refused with what can", async () => {
  for (
    const [args, complaint] of [
      [["--only", "tcp-ehco"], "--only takes tcp-echo, "],
      [["--runtime", "java"], "--runtime takes deno, bun, node, not java"],
      [["--rounds", "0"], "--rounds takes a number above 0, not 0"],
    ] as const
  ) {
    await using main = spawnRuntime("deno", MAIN, args);
    assertEquals(await main.exited, { code: 2, signal: null });
    assertStringIncludes(main.stderr, complaint);
  }
});
