// The clock is a number, so an hour at one token a second costs nothing to test.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { TokenBucket } from "../../src/session/token_bucket.ts";

test("a bucket starts full, empties, and fills at its rate up to the burst", () => {
  const bucket = new TokenBucket(10, 50, 1_000);
  assertEquals(bucket.level(1_000), 50);
  bucket.take(50, 1_000);
  assertEquals(bucket.level(1_000), 0);
  assertEquals(bucket.level(1_500), 5);
  assertEquals(bucket.level(1_000_000), 50);
});

test("who takes more than there is leaves a debt, which is paid before anything passes", () => {
  const bucket = new TokenBucket(10, 50, 0);
  bucket.take(80, 0);
  assertEquals(bucket.level(0), -30);
  assertEquals(bucket.readyAt(0), 3_000);
  assertEquals(bucket.readyAt(1), 3_100);
  assertEquals(bucket.level(3_000), 0);
  assertEquals(bucket.msOf(30), 3_000);
});

test("more than the burst is never waited for", () => {
  const bucket = new TokenBucket(10, 50, 0);
  bucket.take(50, 0);
  assertEquals(bucket.readyAt(1_000), bucket.readyAt(50));
});

test("an hour of greed gets exactly the rate and one burst, whatever is taken at a time", () => {
  for (const size of [1, 7, 500]) {
    const bucket = new TokenBucket(20, 40, 0);
    let taken = 0;
    for (let now = 0; now <= 3_600_000; now = Math.max(now, bucket.readyAt(0)) + 1) {
      if (bucket.level(now) < 0) continue;
      bucket.take(size, now);
      taken += size;
    }
    const expected = 40 + 3_600 * 20;
    assert(Math.abs(taken - expected) <= size + 20, `${taken} of ${expected} in steps of ${size}`);
  }
});

test("a bucket that nobody asks for a year keeps no more than its burst", () => {
  const bucket = new TokenBucket(1_000, 10, 0);
  const year = 365 * 86_400_000;
  bucket.take(10, year);
  assert(Math.abs(bucket.level(year)) < 1e-3);
});
