import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Interests } from "../../src/message/interests.ts";
import { SUBSCRIPTIONS_MAX } from "../../src/topic_limits.ts";

test("Interests: a peer is found once, by any of its patterns, until it is gone", () => {
  const interests = new Interests<string>();
  assertEquals([interests.add("a", "x.*"), interests.add("a", "x.*"), interests.add("a", "x.y")], [
    "added",
    "had",
    "added",
  ]);
  interests.add("b", "x.>");
  assertEquals([...interests.match("x.y")].sort(), ["a", "b"]);
  assertEquals([interests.has("a", "x.z"), interests.has("a", "y"), interests.has("c", "x.z")], [
    true,
    false,
    false,
  ]);

  assertEquals([interests.delete("a", "x.*"), interests.delete("a", "x.*")], [true, false]);
  assertEquals([...interests.match("x.z")], ["b"]);
  interests.deletePeer("a");
  interests.deletePeer("a");
  assertEquals([[...interests.match("x.y")], interests.peers], [["b"], 1]);
  interests.deletePeer("b");
  assertEquals([[...interests.match("x.y")], interests.peers], [[], 0]);
});

test("Interests: as many patterns as one peer may have, and one more; others are not touched", () => {
  const interests = new Interests<string>();
  for (let index = 0; index < SUBSCRIPTIONS_MAX; index++) {
    assertEquals(interests.add("a", `x.${index}`), "added");
  }
  assertEquals([interests.add("a", "x.more"), interests.add("a", "x.0")], ["full", "had"]);
  assertEquals(interests.add("b", "x.more"), "added");
  interests.delete("a", "x.0");
  assertEquals([interests.add("a", "x.more"), interests.count("a")], ["added", SUBSCRIPTIONS_MAX]);
  assertEquals([...interests.match("x.more")].sort(), ["a", "b"]);
});
