import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { Checksum } from "../../bench/path/checksum.ts";
import type { Goals, Row } from "../../bench/path/measures.ts";
import { compare, judge, shown } from "../../bench/path/result.ts";

function row(larger: boolean, goals: Goals): Row {
  return { title: "a row", unit: "us", larger, value: () => 0, goals };
}

test("a ratio is larger where we are better, whatever the unit", () => {
  assertEquals(compare(row(true, {}), "bun", 10, "raw", 5).ratio, 2);
  assertEquals(compare(row(false, {}), "bun", 10, "raw", 5).ratio, 0.5);
});

test("a ratio that is just reached is met", () => {
  const goals = { ratios: { raw: 0.5, capnweb: 4 } };
  const judged = (ours: number, peer: "raw" | "capnweb" | "socket.io") =>
    judge(row(true, goals), "raw", compare(row(true, goals), "deno", ours, peer, 10));
  assertEquals(judged(5, "raw"), [{ goal: "ratio 0.5", share: 1, met: true, ratio: 0.5 }]);
  assertEquals(judged(4, "raw"), [{ goal: "ratio 0.5", share: 0.8, met: false, ratio: 0.5 }]);
  assertEquals(judged(39, "capnweb"), [{ goal: "ratio 4", share: 0.975, met: false, ratio: 4 }]);
  assertEquals(judged(39, "socket.io"), []);
});

test("goals for the figure itself are judged once, beside the control", () => {
  const met = (larger: boolean, goals: Goals, ours: number, peer: "raw" | "capnweb" = "raw") =>
    judge(row(larger, goals), "raw", compare(row(larger, goals), "node", ours, peer, 100)).map(({ met }) =>
      met
    );
  assertEquals(met(true, { value: 1000 }, 1000), [true]);
  assertEquals(met(true, { value: 1000 }, 999), [false]);
  assertEquals(met(false, { value: 500 }, 500), [true]);
  assertEquals(met(false, { value: 500 }, 501), [false]);
  assertEquals(met(false, { aboveControl: 12 }, 112), [true]);
  assertEquals(met(false, { aboveControl: 12 }, 113), [false]);
  assertEquals(met(false, { value: 500 }, 1, "capnweb"), []);
  assertEquals(met(false, { value: 500, runtimes: ["deno"] }, 1), []);
});

test("figures are shown with what counts", () => {
  assertEquals([1234567, 999.4, 0.71428, 20].map(shown), ["1,234,567", "999", "0.714", "20"]);
});

test("a checksum is FNV-1a, and stops where it should", () => {
  const of = (text: string, bytesMax = Infinity) => {
    const checksum = new Checksum(bytesMax);
    for (const letter of text) checksum.update(new TextEncoder().encode(letter));
    return checksum.value;
  };
  // From the authors' test vectors.
  assertEquals([of(""), of("a"), of("foobar")], [0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  assertEquals(of("foobarx", 6), of("foobar"));
  assert(of("foobar") !== of("foobaz"));
});
