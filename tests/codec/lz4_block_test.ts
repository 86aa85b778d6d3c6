// Blocks of every engine, read by every engine: lengths, characters, the output argument.

import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import type { Codec } from "../../src/codec/codec.ts";
import { lz4BlockBytesMax } from "../../src/codec/lz4_block.ts";
import { ReferenceCodec } from "../../src/codec/reference.ts";
import { Random } from "../simulation/random.ts";
import { freshCodecs, freshWasmCodecs } from "./codecs.ts";
import { assertSameBytes, CHARACTERS, textOf } from "./lz4_texts.ts";

const SEED = 20_260_422;
const reference = new ReferenceCodec("for tests");

/** Where the core changes its table, its arenas or the width of its positions. */
const BORDERS = [1_024, 4_096, 16_384, 65_536, 73_728].flatMap((length) => [length - 1, length, length + 1]);

for (const { name, codec } of freshWasmCodecs()) {
  test(`${name}: blocks there and back, both ways with the reference, 0 to 1,200 bytes (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const texts = CHARACTERS.map((character) => textOf(character, 1_300, random));
    for (let length = 0; length <= 1_200; length++) {
      const text = texts[length % texts.length];
      crossCheck(codec, text.subarray(length % 13, (length % 13) + length));
    }
  });

  test(`${name}: the first 64 lengths of every character (seed ${SEED})`, () => {
    const random = new Random(SEED);
    for (const character of CHARACTERS) {
      for (let length = 0; length <= 64; length++) crossCheck(codec, textOf(character, length, random));
    }
  });

  test(`${name}: lengths around every border and random ones to 64 KiB (seed ${SEED})`, () => {
    const random = new Random(SEED);
    for (const length of BORDERS) {
      for (const character of CHARACTERS) crossCheck(codec, textOf(character, length, random));
    }
    for (let round = 0; round < 60; round++) {
      const character = CHARACTERS[round % CHARACTERS.length];
      crossCheck(codec, textOf(character, random.between(1_201, 65_536), random));
    }
  });
}

for (const { name, codec } of freshCodecs()) {
  test(`${name}: what can be shortened is shortened, what cannot grows by the stated bound at most`, () => {
    const random = new Random(SEED);
    const ratioMax = {
      "one byte": 0.01,
      "short cycle": 0.02,
      words: 0.5,
      "few letters": 0.75,
      patchwork: 0.8,
    };
    for (const [character, ratio] of Object.entries(ratioMax)) {
      const text = textOf(character as keyof typeof ratioMax, 20_000, random);
      const { length } = codec.lz4CompressBlock(text);
      assert(length <= ratio * text.length, `${character}: ${length} bytes of ${text.length}`);
    }
    for (const length of [0, 1, 14, 15, 16, 269, 270, 271, 65_536, 100_000]) {
      const text = textOf("random", length, random);
      assert(codec.lz4CompressBlock(text).length <= lz4BlockBytesMax(length), `${length} bytes`);
    }
  });

  test(`${name}: what lies 65,535 bytes back is found again, what lies further back is not`, () => {
    const random = new Random(SEED);
    const [run, tail] = [random.bytes(64), random.bytes(50)];
    for (const distance of [65_534, 65_535, 65_536, 65_537, 131_072]) {
      const text = new Uint8Array(distance + 114);
      text.set(run);
      text.set(run, distance);
      text.set(tail, distance + 64);
      const block = codec.lz4CompressBlock(text);
      assertSameBytes(codec.lz4DecompressBlock(block, text.length), text, `${distance} bytes back`);
      const bytesWithoutRun = block.length - distance / 255; // One byte for each 255 zeros between the runs.
      assertEquals(bytesWithoutRun < 64 + 64 + 50, distance <= 65_535, `${distance}: ${block.length} bytes`);
    }
  });

  test(`${name}: a block goes into the output that is given, if it fits (seed ${SEED})`, () => {
    const random = new Random(SEED);
    for (const character of CHARACTERS) {
      for (const length of [0, 1, 13, 100, 1_000, 65_536, 80_000]) {
        intoOutput(codec, textOf(character, length, random), `${length} bytes, ${character}`);
      }
    }
  });

  test(`${name}: results are the caller's own, and the source is only read`, () => {
    const text = textOf("words", 1_000, new Random(SEED));
    const before = text.slice();
    const block = codec.lz4CompressBlock(text);
    const [first, copy] = [codec.lz4DecompressBlock(block, 1_000), block.slice()];
    codec.lz4CompressBlock(new Uint8Array(5_000));
    codec.lz4DecompressBlock(codec.lz4CompressBlock(new Uint8Array(5_000)), 5_000);
    assertEquals(first, before);
    assertEquals(block, copy);
    assertEquals(text, before);
    first.fill(1);
    assertEquals(codec.lz4DecompressBlock(block, 1_000), before);
  });

  test(`${name}: wrong arguments are the caller's mistake`, () => {
    const block = codec.lz4CompressBlock(new Uint8Array(10));
    const text = "not bytes" as unknown as Uint8Array;
    for (const sizeMax of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
      assertThrows(() => codec.lz4DecompressBlock(block, sizeMax), RangeError);
      assertThrows(() => codec.lz4DecompressFrame(codec.lz4CompressFrame(block), sizeMax), RangeError);
    }
    assertThrows(() => codec.lz4CompressBlock(text), TypeError);
    assertThrows(() => codec.lz4CompressBlock(block, text), TypeError);
    assertThrows(() => codec.lz4DecompressBlock(text, 10), TypeError);
    assertThrows(() => codec.lz4CompressFrame(text), TypeError);
    assertThrows(() => codec.lz4DecompressFrame(text, 10), TypeError);
    assertEquals(codec.lz4DecompressBlock(block, Number.MAX_SAFE_INTEGER).length, 10);
  });
}

/** Each compresses, each decompresses, with exactly as much room as is needed. */
function crossCheck(codec: Codec, text: Uint8Array): void {
  const what = `${text.length} bytes`;
  const [ours, theirs] = [codec.lz4CompressBlock(text), reference.lz4CompressBlock(text)];
  assert(ours.length <= lz4BlockBytesMax(text.length), what);
  assertSameBytes(codec.lz4DecompressBlock(ours, text.length), text, `own block of ${what}`);
  assertSameBytes(codec.lz4DecompressBlock(theirs, text.length), text, `reference's block of ${what}`);
  assertSameBytes(
    reference.lz4DecompressBlock(ours, text.length),
    text,
    `block for the reference of ${what}`,
  );
  assertSameBytes(reference.lz4DecompressBlock(theirs, text.length), text, `the reference's own of ${what}`);
}

function intoOutput(codec: Codec, text: Uint8Array, what: string): void {
  const { length } = codec.lz4CompressBlock(text);
  for (const room of [length, length + 1, length + 40, lz4BlockBytesMax(text.length) + 1_000]) {
    const backing = new Uint8Array(room + 20).fill(0xa5);
    const output = backing.subarray(10, 10 + room);
    const block = codec.lz4CompressBlock(text, output);
    assertStrictEquals(block.buffer, output.buffer);
    assertEquals([block.byteOffset, block.length], [output.byteOffset, length], what);
    assertSameBytes(codec.lz4DecompressBlock(block, text.length), text, what);
    assert(backing.subarray(0, 10).every((byte) => byte === 0xa5), `${what}: before the output`);
    assert(backing.subarray(10 + length).every((byte) => byte === 0xa5), `${what}: behind the block`);
  }
  for (const room of [0, 1, length >> 1, length - 1].filter((room) => room < length)) {
    assertThrows(() => codec.lz4CompressBlock(text, new Uint8Array(room)), RangeError, "does not fit");
  }
}
