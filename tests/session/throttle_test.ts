// Rates of one direction, alone and in common; the clock is a number.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { BURST_BYTES_MIN, RATE_TURN_MS_MAX } from "../../src/rate_limits.ts";
import { RateLimit, Throttle } from "../../src/session/throttle.ts";

test("a direction without a bound is never held", () => {
  const throttle = new Throttle(new RateLimit({}, 0), undefined);
  throttle.take(1e12, 1e9, 0);
  assertEquals([throttle.messages(0), throttle.bytes(0), throttle.paidAt()], [
    Infinity,
    Infinity,
    -Infinity,
  ]);
});

test("messages: a burst at once, and then one at a time", () => {
  const throttle = new Throttle(new RateLimit({ messagesPerSecond: 10, burstMessages: 3 }, 0), undefined);
  assertEquals(throttle.messages(0), 3);
  throttle.take(1, 3, 0);
  assertEquals([throttle.messages(0), throttle.messages(99), throttle.messages(100)], [0, 0, 1]);
  throttle.take(1, 1, 100);
  assertEquals(throttle.messagesReadyAt(), 200);
});

test("bytes: what is owed is paid before anything passes, messages too", () => {
  const rate = { bytesPerSecond: 1_000_000, burstBytes: 200_000, messagesPerSecond: 1_000 };
  const throttle = new Throttle(new RateLimit(rate, 0), undefined);
  throttle.take(250_000, 1, 0);
  assertEquals([throttle.paidAt(), throttle.bytes(49), throttle.bytesReadyAt(10_000)], [50, 0, 60]);
  assertEquals([throttle.bytesReadyAt(200_000), throttle.bytesReadyAt(200_001)], [250, Infinity]);
  assertEquals([throttle.messages(50), throttle.bytes(60)], [1_000, 10_000]);
});

test("a burst of bytes holds at least two full packets, and by default a second's worth", () => {
  assertEquals(new RateLimit({ bytesPerSecond: 10, burstBytes: 1 }, 0).bytes(0), BURST_BYTES_MIN);
  assertEquals(new RateLimit({ bytesPerSecond: 5_000_000 }, 0).bytes(0), 5_000_000);
  assertEquals(new RateLimit({ messagesPerSecond: 0.1 }, 0).messages(0), 1);
});

test("the tighter of an own rate and one in common holds", () => {
  const common = new RateLimit({ messagesPerSecond: 10, burstMessages: 10 }, 0);
  const own = new RateLimit({ messagesPerSecond: 2, burstMessages: 2 }, 0);
  const [bounded, free] = [new Throttle(own, common), new Throttle(undefined, common)];
  assertEquals([bounded.messages(0), free.messages(0)], [2, 10]);
  free.take(0, 10, 0);
  assertEquals([bounded.messages(0), free.messages(0)], [0, 0]);
});

test("connections with a common rate share it fairly, and nobody who is away holds the others", () => {
  const common = new RateLimit({ bytesPerSecond: 1_000_000 }, 0);
  const members = Array.from({ length: 5 }, () => ({ throttle: new Throttle(undefined, common), bytes: 0 }));
  let total = 0;
  // The first is asked first each time, and takes the largest pieces: a full packet, where the others take a small one.
  for (let now = 0; now < 60_000; now++) {
    for (const [index, member] of members.entries()) {
      if (index === 4 && now > 1_000) continue; // Away.
      if (now < member.throttle.paidAt()) continue;
      const bytes = index === 0 ? 65_536 : 8_192;
      member.throttle.take(bytes, 1, now);
      member.bytes += bytes;
      total += bytes;
    }
  }
  assert(Math.abs(total - 61_000_000) < 2_000_000, `${total} bytes in a minute`);
  const shares = members.slice(0, 4).map(({ bytes }) => bytes / total);
  for (const share of shares) assert(share > 0.2 && share < 0.3, `shares of ${shares.join(", ")}`);
});

test("who had more than its share waits for others a few milliseconds at most", () => {
  const common = new RateLimit({ messagesPerSecond: 1, burstMessages: 1 }, 0);
  const [greedy, other] = [new Throttle(undefined, common), new Throttle(undefined, common)];
  for (let index = 0; index < 100; index++) greedy.take(0, 1, index * 1_000);
  const ahead = greedy.messagesReadyAt() - other.messagesReadyAt();
  assert(ahead > 0 && ahead <= RATE_TURN_MS_MAX, `${ahead} ms`);
});

test("how long something waited is counted, and what still waits", () => {
  const throttle = new Throttle(new RateLimit({ messagesPerSecond: 1 }, 0), undefined);
  throttle.hold(false, 5);
  throttle.hold(true, 10);
  throttle.hold(true, 20);
  assertEquals(throttle.heldMs(30), 20);
  throttle.hold(false, 40);
  throttle.hold(false, 50);
  assertEquals(throttle.heldMs(1_000), 30);
});
