import { Buffer } from "node:buffer";
import { test } from "node:test";
import { assertEquals, assertNotEquals } from "@std/assert";
import { Slab } from "../../src/session/slab.ts";

test("Slab: copies never touch each other", () => {
  const slab = new Slab(64 * 1024);
  const copies: Uint8Array[] = [];
  for (let index = 0; index < 3_000; index++) copies.push(slab.copy(new Uint8Array(index % 200).fill(index)));
  copies.push(slab.copy(new Uint8Array(100_000).fill(7)));
  for (const [index, copy] of copies.slice(0, -1).entries()) {
    assertEquals(copy, new Uint8Array(index % 200).fill(index));
  }
  assertEquals(copies.at(-1), new Uint8Array(100_000).fill(7));
});

test("Slab: what is reserved and not taken is handed out again, and what is taken is not", () => {
  const slab = new Slab(64 * 1024);
  slab.reserve(100);
  const first = slab.take(10);
  slab.reserve(100);
  const second = slab.take(100);
  assertEquals([first.length, second.length], [10, 100]);
  assertEquals(second.byteOffset, first.byteOffset + 10);
  slab.reserve(1);
  assertEquals(slab.at, second.byteOffset + 100);
  slab.reserve(20_000);
  assertNotEquals(slab.take(20_000).buffer, first.buffer);
});

test("Slab: a large array belongs to whoever takes it", () => {
  const slab = new Slab(1024);
  slab.reserve(2_000);
  const large = slab.take(1_500);
  const next = slab.copy(new Uint8Array(10));
  assertEquals([large.length, large.buffer.byteLength], [1_500, 2_000]);
  assertNotEquals(next.buffer, large.buffer);
});

test("Slab: copies a part of what lies elsewhere", () => {
  const slab = new Slab(1024);
  const source = Uint8Array.from({ length: 600 }, (_, index) => index);
  for (const length of [0, 1, 48, 49, 256, 257, 600 - 5]) {
    assertEquals(slab.copy(source, 5, length), new Uint8Array(source.subarray(5, 5 + length)));
  }
});

test("Slab: a Buffer is copied too, although its slice is a view", () => {
  const slab = new Slab(64 * 1024);
  for (const length of [10, 100_000]) {
    const source = Buffer.alloc(length, 1);
    const copy = slab.copy(source);
    source.fill(2);
    assertEquals(copy, new Uint8Array(length).fill(1));
  }
});
