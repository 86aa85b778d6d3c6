// Benchmarks are only as honest as their data.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { data, kinds, randomBytes, slices } from "../../bench/data.ts";

test("every kind is there, and is what it says", () => {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertEquals([...kinds].sort(), Object.keys(data).sort());
  for (const kind of kinds) assert(data[kind].length >= 100_000, `${kind}: ${data[kind].length} bytes`);
  assert(Object.keys(JSON.parse(text(data.json))).includes("application/json"));
  assert(text(data.declarations).includes("interface WebSocket"));
  assert(text(data.bundle).includes("createSourceFile"));
  assertEquals([...data.wasm.subarray(0, 4)], [0, 0x61, 0x73, 0x6d]);
});

test("slices are of the size asked for, and differ from call to call", () => {
  for (const kind of kinds) {
    for (const size of [64, 1_024, 65_536, 1_048_576]) {
      const next = slices(kind, size);
      const starts = Array.from({ length: 50 }, () => {
        const slice = next();
        assertEquals(slice.length, size);
        return slice.byteOffset;
      });
      assertEquals(new Set(starts).size, 50, `${kind}, ${size} bytes`);
    }
  }
  assertThrows(() => slices("json", 0), RangeError);
  assertThrows(() => slices("json", 1.5), RangeError);
});

test("random bytes are the same for a seed, and incompressible by eye", () => {
  assertEquals(randomBytes(1_001, 7), randomBytes(1_001, 7));
  assert(randomBytes(16, 7).join() !== randomBytes(16, 8).join());
  const counts = new Uint32Array(256);
  for (const byte of data.random) counts[byte]!++;
  const expected = data.random.length / 256;
  assert(counts.every((count) => Math.abs(count - expected) < expected * 0.05));
});
