import { test } from "node:test";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { Deferred } from "../src/deferred.ts";

test("Deferred resolves whoever asked before, and whoever asks afterwards", async () => {
  const asked = new Deferred<number>();
  const { promise } = asked;
  asked.resolve(1);
  asked.resolve(2);
  assertEquals(await promise, 1);
  assertStrictEquals(asked.promise, promise);

  const unasked = new Deferred<number>();
  unasked.resolve(3);
  unasked.resolve(4);
  assertEquals(await unasked.promise, 3);
});
