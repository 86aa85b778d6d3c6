import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { SlowQueue } from "../../src/message/slow_queue.ts";
import {
  EVENT_COST_BYTES,
  SUBSCRIPTION_QUEUE_BYTES_MAX,
  SUBSCRIPTION_QUEUE_MAX,
} from "../../src/topic_limits.ts";

function drain(queue: SlowQueue<number>): number[] {
  const items: number[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item);
  return items;
}

test("SlowQueue: each policy at the bound and one past it", () => {
  const cases = [
    ["block", "over", [1, 2, 3], 0],
    ["drop-oldest", "queued", [2, 3], 1],
    ["drop-newest", "dropped", [1, 2], 1],
    ["close", "closed", [1, 2], 1],
  ] as const;
  for (const [onSlow, outcome, left, dropped] of cases) {
    const queue = new SlowQueue<number>({ onSlow, queueMax: 2 });
    assertEquals([queue.push(1, 10), queue.push(2, 10), queue.push(3, 10)], ["queued", "queued", outcome]);
    assertEquals([queue.length, queue.dropped, queue.isClosed], [left.length, dropped, onSlow === "close"]);
    assertEquals(queue.bytes, left.length * (10 + EVENT_COST_BYTES));
    assertEquals(drain(queue), [...left]);
    assertEquals([queue.length, queue.bytes], [0, 0]);
    assertEquals(queue.push(4, 0), onSlow === "close" ? "closed" : "queued");
  }
});

test("SlowQueue: bytes are bounded as items are, and empty items are not free", () => {
  const queue = new SlowQueue<number>({ onSlow: "drop-newest", queueBytesMax: 2 * (100 + EVENT_COST_BYTES) });
  assertEquals([queue.push(1, 100), queue.push(2, 100), queue.push(3, 0)], ["queued", "queued", "dropped"]);

  const byDefault = new SlowQueue<number>({ onSlow: "drop-newest" });
  for (let item = 0; item < SUBSCRIPTION_QUEUE_MAX; item++) assertEquals(byDefault.push(item, 0), "queued");
  assertEquals(byDefault.push(0, 0), "dropped");
});

test("SlowQueue: one item of any size may wait, and the oldest go until the newest fits", () => {
  const queue = new SlowQueue<number>({ onSlow: "drop-oldest" });
  assertEquals(queue.push(1, 2 * SUBSCRIPTION_QUEUE_BYTES_MAX), "queued");
  assertEquals(queue.push(2, 0), "queued");
  assertEquals([queue.length, queue.dropped], [1, 1]);
  for (let item = 3; item < 10; item++) queue.push(item, 0);
  assertEquals(queue.push(10, SUBSCRIPTION_QUEUE_BYTES_MAX), "queued");
  assertEquals([drain(queue), queue.dropped], [[10], 9]);
});

test("SlowQueue: options that are none", () => {
  assertThrows(() => new SlowQueue({ onSlow: "drop" as "block" }), TypeError, "drop-oldest");
  assertThrows(() => new SlowQueue({ queueMax: 0 }), RangeError);
  assertThrows(() => new SlowQueue({ queueBytesMax: NaN }), RangeError);
});
