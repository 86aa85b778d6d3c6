import { test } from "node:test";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { LINK_READ_BYTES_MAX, LINK_READ_BYTES_MIN, LINK_READS_SMALL_MAX } from "../../src/limits.ts";
import { ReadBuffer } from "../../src/transports/stream_socket/read_buffer.ts";

/** A buffer that was filled until it grew no more. */
function grown(): ReadBuffer {
  const buffer = new ReadBuffer();
  for (let step = 0; step < 4; step++) buffer.handleRead(buffer.bytes.length);
  return buffer;
}

test("a read buffer is small at first, and grows when it was filled, up to its bound", () => {
  const buffer = new ReadBuffer();
  const first = buffer.bytes;
  assertEquals(first.length, LINK_READ_BYTES_MIN);
  buffer.handleRead(LINK_READ_BYTES_MIN - 1);
  assertStrictEquals(buffer.bytes, first);
  buffer.handleRead(LINK_READ_BYTES_MIN);
  assertEquals(buffer.bytes === first, false);
  assertEquals(grown().bytes.length, LINK_READ_BYTES_MAX);
});

test("a read buffer is small again after enough small reads in a row, and only then", () => {
  const buffer = grown();
  const small = LINK_READ_BYTES_MIN - 1;
  for (let count = 1; count < LINK_READS_SMALL_MAX; count++) buffer.handleRead(small);
  buffer.handleRead(LINK_READ_BYTES_MIN);
  for (let count = 1; count < LINK_READS_SMALL_MAX; count++) buffer.handleRead(small);
  assertEquals(buffer.bytes.length, LINK_READ_BYTES_MAX);
  buffer.handleRead(small);
  assertEquals(buffer.bytes.length, LINK_READ_BYTES_MIN);
});
