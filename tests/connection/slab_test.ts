import { Buffer } from "node:buffer";
import { test } from "node:test";
import { assertEquals, assertNotEquals } from "@std/assert";
import { Slab } from "../../src/connection/slab.ts";

test("Slab: copies never touch each other", () => {
  const slab = new Slab();
  const copies: Uint8Array[] = [];
  for (let index = 0; index < 3_000; index++) copies.push(slab.copy(new Uint8Array(index % 200).fill(index)));
  copies.push(slab.copy(new Uint8Array(100_000).fill(7)));
  for (const [index, copy] of copies.slice(0, -1).entries()) {
    assertEquals(copy, new Uint8Array(index % 200).fill(index));
  }
  assertEquals(copies.at(-1), new Uint8Array(100_000).fill(7));
});

test("Slab: what is reserved and not kept is handed out again, and what is kept is not", () => {
  const slab = new Slab();
  const first = slab.keep(slab.reserve(100), 10);
  const second = slab.reserve(100);
  assertEquals(first.length, 10);
  assertEquals(second.byteOffset, first.byteOffset + 10);
  slab.keep(second, 100);
  assertEquals(slab.reserve(1).byteOffset, second.byteOffset + 100);
  assertNotEquals(slab.reserve(20_000).buffer, first.buffer);
});

test("Slab: a Buffer is copied too, although its slice is a view", () => {
  const slab = new Slab();
  for (const length of [10, 100_000]) {
    const source = Buffer.alloc(length, 1);
    const copy = slab.copy(source);
    source.fill(2);
    assertEquals(copy, new Uint8Array(length).fill(1));
  }
});
