import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { LINK_HIGH_WATER_BYTES, LINK_JOIN_BYTES_MAX, LINK_LOW_WATER_BYTES } from "../../src/limits.ts";
import { SendQueue } from "../../src/transports/send_queue.ts";

test("send queue: random pieces and partial writes keep every byte in order", () => {
  const seed = Date.now() % 1_000_000;
  let state = seed;
  const random = (below: number) => (state = Math.imul(state, 1_103_515_245) + 12_345 >>> 0, state % below);
  const queue = new SendQueue();
  let [pushed, written] = [0, 0];
  for (let step = 0; step < 4_000; step++) {
    if (random(3) > 0) {
      const piece = new Uint8Array(random(20) === 0 ? random(100_000) : random(300));
      for (let index = 0; index < piece.length; index++) piece[index] = pushed++ * 31 >>> 3;
      queue.push(piece);
    } else {
      const next = queue.next();
      assertEquals(next === undefined, queue.bytes === 0, `seed ${seed}`);
      const count = random(2) === 0 ? next?.length ?? 0 : random((next?.length ?? 0) + 1);
      for (let index = 0; index < count; index++) {
        assert(next![index] === (written++ * 31 >>> 3 & 255), `byte ${written} differs, seed ${seed}`);
      }
      queue.advance(count);
    }
    assertEquals(queue.bytes, pushed - written, `seed ${seed}`);
  }
});

test("send queue: one piece goes as it is, small ones together, a large one never copied", () => {
  const queue = new SendQueue();
  const [small, large] = [new Uint8Array(10), new Uint8Array(LINK_JOIN_BYTES_MAX)];
  queue.push(small);
  assertStrictEquals(queue.next(), small);
  queue.push(small);
  assertEquals(queue.next()?.length, 20);
  queue.push(large);
  assertEquals(queue.next()?.length, 20);
  queue.advance(20);
  assertStrictEquals(queue.next(), large);
});

test("send queue: room ends one byte above the high mark and comes back at the low mark", () => {
  const queue = new SendQueue();
  queue.push(new Uint8Array(LINK_HIGH_WATER_BYTES));
  assertEquals(queue.hasRoom(), true);
  assertEquals(queue.advance(1), false);
  queue.push(new Uint8Array(2));
  assertEquals(queue.hasRoom(), false);
  const above = LINK_HIGH_WATER_BYTES + 1 - LINK_LOW_WATER_BYTES;
  assertEquals(queue.advance(above - 1), false);
  assertEquals(queue.hasRoom(), false);
  assertEquals(queue.advance(1), true);
  assertEquals(queue.hasRoom(), true);
  assertEquals(queue.advance(1), false); // Told once.
});
