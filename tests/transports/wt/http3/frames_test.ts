// Frames, however their bytes arrive.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../../../src/errors.ts";
import { HTTP3_FRAME_BYTES_MAX, HTTP3_SKIPPED_BYTES_MAX } from "../../../../src/quic_limits.ts";
import { encodeFrame, FrameReader, FRAMES } from "../../../../src/transports/wt/http3/frames.ts";
import { varints } from "../../../../src/transports/wt/http3/varint.ts";
import { hex, pieces } from "../bytes.ts";

const RESERVED = 0x21 + 0x1f * 1_000;

test("frames are written as RFC 9114 says", () => {
  assertEquals(encodeFrame(FRAMES.headers, hex("0000d9")), hex("0103 0000d9"));
});

test("frames that mean something are read whole, others are skipped, in pieces of every size", () => {
  const headers = new Uint8Array(300).fill(7);
  const stream = [
    encodeFrame(FRAMES.settings, hex("0801")),
    encodeFrame(RESERVED, new Uint8Array(1_000)),
    encodeFrame(FRAMES.data, hex("00")),
    encodeFrame(FRAMES.headers, headers),
    encodeFrame(RESERVED, hex("")),
    encodeFrame(FRAMES.headers, hex("")),
  ].flatMap((frame) => [...frame]);
  for (const length of [1, 2, 3, 7, 100, stream.length]) {
    const reader = new FrameReader();
    const frames = pieces(Uint8Array.from(stream), length).flatMap((piece) => reader.feed(piece));
    assertEquals(frames, [
      { type: FRAMES.settings, payload: hex("0801") },
      { type: FRAMES.headers, payload: headers },
      { type: FRAMES.headers, payload: hex("") },
    ]);
  }
});

test("a frame that is too large is refused before it arrives", () => {
  assertEquals(new FrameReader().feed(varints(FRAMES.headers, HTTP3_FRAME_BYTES_MAX)), []);
  const error = assertThrows(
    () => new FrameReader().feed(varints(FRAMES.headers, HTTP3_FRAME_BYTES_MAX + 1)),
    HawserError,
  );
  assertEquals(error.code, "protocol");
});

test("what is skipped is bounded", () => {
  const reader = new FrameReader();
  const frame = encodeFrame(RESERVED, new Uint8Array(1_000));
  for (let count = frame.length; count <= HTTP3_SKIPPED_BYTES_MAX; count += frame.length) reader.feed(frame);
  assertThrows(() => reader.feed(frame), HawserError, "mean nothing");
  assertThrows(() => new FrameReader().feed(varints(FRAMES.data, 2 ** 40)), HawserError, "mean nothing");
});
