// The framing of a link's bytes on a stream, cut wherever a network may cut it.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../../src/errors.ts";
import {
  CHUNK_HEAD_BYTES,
  ChunkReader,
  END,
  OPENER,
  writeChunkHead,
} from "../../../src/transports/quic/chunks.ts";

function chunk(...bytes: number[]): number[] {
  const head = new Uint8Array(CHUNK_HEAD_BYTES);
  writeChunkHead(head, bytes.length);
  return [...head, ...bytes];
}

const WHOLE = Uint8Array.from([...OPENER, ...chunk(1, 2, 3), ...chunk(4), ...chunk(5, 6), ...END]);

function read(reader: ChunkReader, bytes: Uint8Array): number[] {
  const read: number[] = [];
  reader.feed(bytes, (piece) => read.push(...piece));
  return read;
}

test("chunks: wherever the stream is cut, the bytes are the same", () => {
  for (let first = 0; first <= WHOLE.length; first++) {
    for (let second = first; second <= WHOLE.length; second++) {
      const reader = new ChunkReader(true);
      const parts = [WHOLE.subarray(0, first), WHOLE.subarray(first, second), WHOLE.subarray(second)];
      assertEquals(parts.flatMap((part) => read(reader, part)), [1, 2, 3, 4, 5, 6], `${first} ${second}`);
      assertEquals(reader.ended, true);
    }
  }
});

test("chunks: nothing but the mark of the end is an end", () => {
  for (let length = 0; length < WHOLE.length; length++) {
    const reader = new ChunkReader(true);
    read(reader, WHOLE.subarray(0, length));
    assertEquals(reader.ended, false, `after ${length} bytes`);
  }
});

test("chunks: bytes after the end, and another beginning, are refused", () => {
  const late = new ChunkReader(false);
  read(late, END);
  assertEquals(assertThrows(() => read(late, Uint8Array.of(0)), HawserError).code, "protocol");
  const foreign = new ChunkReader(true);
  assertEquals(assertThrows(() => read(foreign, Uint8Array.of(2)), HawserError).code, "protocol");
});

test("chunks: the longest length that can be written", () => {
  const head = new Uint8Array(CHUNK_HEAD_BYTES);
  writeChunkHead(head, 2 ** 32 - 1);
  assertEquals([...head], [255, 255, 255, 255]);
  const reader = new ChunkReader(false);
  assertEquals(read(reader, head), []);
  assertEquals(read(reader, new Uint8Array(10)).length, 10);
  assertEquals(reader.ended, false);
});
