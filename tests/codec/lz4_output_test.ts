// A block decompresses into a buffer of the caller; long blocks share one more instance of the core.

import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { freshCodecs, freshWasmCodecs } from "./codecs.ts";

const WORDS = new TextEncoder().encode("the rope that holds a ship to the shore; ".repeat(60_000));

for (const { name, codec } of freshCodecs()) {
  test(`${name}: the text goes into the output that is given, and nothing goes elsewhere`, () => {
    for (const length of [0, 1, 1_000, 65_536, 65_537, 200_000]) {
      const text = WORDS.subarray(0, length);
      const output = new Uint8Array(length + 100).fill(7);
      const got = codec.lz4DecompressBlock(codec.lz4CompressBlock(text), length, output);
      assertStrictEquals(got.buffer, output.buffer);
      assert(got.length === length && got.every((byte, i) => byte === text[i]), `${length} bytes`);
      assert(output.subarray(length).every((byte) => byte === 7));
    }
  });

  test(`${name}: a block that is refused leaves the output as it was`, () => {
    const output = new Uint8Array(999).fill(7);
    const block = codec.lz4CompressBlock(WORDS.subarray(0, 1_000));
    for (const bad of [block, block.subarray(0, block.length - 1)]) {
      const failure = assertThrows(() => codec.lz4DecompressBlock(bad, 999, output), HawserError);
      assertEquals(failure.code, "compression");
    }
    assert(output.every((byte) => byte === 7));
    assertThrows(() => codec.lz4DecompressBlock(block, 1_000, output), RangeError, "1000 are needed");
    assertThrows(
      () => codec.lz4DecompressBlock(block, 10, "no" as unknown as Uint8Array),
      TypeError,
      "output",
    );
  });
}

for (const { name, codec } of freshWasmCodecs()) {
  test(`${name}: the second instance is kept while it is small, and made anew after a trap`, () => {
    const companion = () => codec.core.companion;
    const there = (length: number) => {
      const text = WORDS.subarray(0, length);
      const back = codec.lz4DecompressBlock(codec.lz4CompressBlock(text), length);
      assert(back.length === length && back.every((byte, i) => byte === text[i]), `${length} bytes`);
    };
    there(60_000);
    assert(companion() === undefined);
    there(100_000);
    const kept = companion();
    there(1_000_000);
    assert(kept !== undefined && companion() === kept);
    assertThrows(() => kept.guard(() => kept.exports.xxh32(2 ** 31, 100, 0)), HawserError);
    there(100_000);
    assert(companion() !== undefined && companion() !== kept);
    codec.lz4CompressBlock(WORDS);
    assert(companion() === undefined);
  });
}
