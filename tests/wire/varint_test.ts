import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { Cursor, varintLength, writeVarint } from "../../src/wire/varint.ts";

test("varints: the examples of RFC 9000 §A.1", () => {
  const examples: [number[], number][] = [
    [[0x9d, 0x7f, 0x3e, 0x7d], 494_878_333],
    [[0x7b, 0xbd], 15_293],
    [[0x25], 37],
    [[0x40, 0x25], 37],
  ];
  for (const [bytes, value] of examples) assertEquals(new Cursor(new Uint8Array(bytes)).varint(), value);
});

test("varints: every border there and back", () => {
  const borders = [0, 0x3f, 0x40, 0x3fff, 0x4000, 0x3fff_ffff, 0x4000_0000, 2 ** 32, Number.MAX_SAFE_INTEGER];
  for (const value of borders) {
    const bytes = new Uint8Array(9);
    const length = writeVarint(bytes, 1, value) - 1;
    assertEquals(length, varintLength(value));
    const cursor = new Cursor(bytes, 1);
    assertEquals(cursor.varint(), value);
    assertEquals(cursor.at, 1 + length);
  }
});

test("varints: above 2^53 - 1 and cut off anywhere are errors", () => {
  const tooLarge = new Uint8Array([0xc0, 0x20, 0, 0, 0, 0, 0, 0]);
  assertThrows(() => new Cursor(tooLarge).varint(), HawserError, "above 2^53 - 1");
  const largest = new Uint8Array(8);
  writeVarint(largest, 0, Number.MAX_SAFE_INTEGER);
  for (let length = 0; length < 8; length++) {
    assertThrows(() => new Cursor(largest.subarray(0, length)).varint(), HawserError, "cut off");
  }
  assertThrows(() => new Cursor(largest).skip(9), HawserError, "cut off");
});
