// The benchmark of the codec is long; here only that it runs, what it prints, and that peers must agree.

import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type Contender, lowerQuartile, runContest } from "../../bench/codec/contest.ts";
import { spawnRuntime } from "../runtimes/runtimes.ts";

const MAIN = "bench/codec/main.ts";

test("one object per line, with the ratio to the peer", async () => {
  const args = ["--rounds", "1", "--ms", "1", "--runtime", "deno", "--only", "seal packet 64", "--json"];
  await using main = spawnRuntime("deno", MAIN, args);
  const results = [];
  for await (const line of main.lines) results.push(JSON.parse(line));
  assertEquals(results.map(({ peer }) => peer), ["@noble/ciphers", "libsodium-wrappers", "node:crypto"]);
  for (const { runtime, operation, size, ours, unit, peerValue, ratio } of results) {
    assertEquals([runtime, operation, size, unit], ["deno", "seal packet", 64, "ops/s"]);
    assert(ours > 0 && peerValue > 0);
    assertEquals(ratio, ours / peerValue);
  }
  assertEquals(await main.exited, { code: 0, signal: null });
});

test("what cannot be measured is refused with what can", async () => {
  await using main = spawnRuntime("deno", MAIN, ["--runtime", "java"]);
  assertEquals(await main.exited, { code: 2, signal: null });
  assertStringIncludes(main.stderr, "--runtime takes deno, bun, node, not java");
});

test("a peer that makes something else is not timed", () => {
  const contender = (name: string, made: number): Contender => ({
    name,
    sample: () => Uint8Array.of(made),
    prepare: () => () => {},
  });
  const contest = { operation: "seal", size: 1, unit: "ops/s" } as const;
  const contenders = [contender("we", 1), contender("they", 2)];
  assertThrows(
    () => runContest({ ...contest, contenders }, { rounds: 1, ms: 1 }),
    Error,
    "they and we do not agree",
  );
});

test("the lower quartile is what a quarter does not exceed", () => {
  assertEquals(lowerQuartile([9]), 9);
  assertEquals(lowerQuartile([9, 1, 5, 7]), 1);
  assertEquals(lowerQuartile([9, 1, 5, 7, 3]), 3);
});
