// Each frame as bytes, written down by hand.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import * as frames from "../../src/wire/frames.ts";

function written(write: (target: Uint8Array) => number): number[] {
  const target = new Uint8Array(100);
  return [...target.subarray(0, write(target))];
}

test("frames: typed messages are written as raw ones, under types of their own", () => {
  const message = Uint8Array.of(7, 8, 9);
  const { FRAME_TYPED, FRAME_TYPED_FRAGMENT } = frames;
  assertEquals(written((to) => frames.writeMessage(to, 0, message)), [1, 3, 7, 8, 9]);
  assertEquals(written((to) => frames.writeMessage(to, 0, message, FRAME_TYPED)), [0x0b, 3, 7, 8, 9]);
  assertEquals(written((to) => frames.writeFragment(to, 0, 5, message, 1, 2)), [2, 5, 3, 1, 2, 8, 9]);
  assertEquals(
    written((to) => frames.writeFragment(to, 0, 5, message, 1, 2, FRAME_TYPED_FRAGMENT)),
    [0x0c, 5, 3, 1, 2, 8, 9],
  );
});

test("frames: streams", () => {
  const data = Uint8Array.of(7, 8);
  const { FRAME_STREAM_RESET, FRAME_STREAM_WINDOW } = frames;
  assertEquals(written((to) => frames.writeStreamHead(to, 0, 4, 100, 2, false)), [0x0d, 4, 0x40, 100, 2]);
  assertEquals(written((to) => frames.writeStreamHead(to, 0, 4, 1, 2, true)), [0x0e, 4, 1, 2]);
  assertEquals(written((to) => frames.writeStreamOpen(to, 0, 3, 200, data)), [0x0f, 3, 0x40, 200, 2, 7, 8]);
  assertEquals(written((to) => frames.writePairFrame(to, 0, FRAME_STREAM_RESET, 3, 1)), [0x10, 3, 1]);
  assertEquals(written((to) => frames.writePairFrame(to, 0, FRAME_STREAM_WINDOW, 3, 63)), [0x12, 3, 63]);
});

test("frames: nothing is longer than is said", () => {
  const [id, far] = [2 ** 53 - 1, 2 ** 30 - 1];
  const nothing = new Uint8Array(0);
  const length = (write: (target: Uint8Array) => number) => written(write).length;
  assertEquals(length((to) => frames.writePairFrame(to, 0, 1, id, id)), frames.PAIR_FRAME_BYTES_MAX);
  // The length of the data takes up to four bytes.
  assertEquals(
    length((to) => frames.writeStreamHead(to, 0, id, id, far, true)),
    frames.STREAM_OVERHEAD_MAX,
  );
  assertEquals(
    length((to) => frames.writeStreamOpen(to, 0, id, 255, nothing)),
    frames.STREAM_OPEN_OVERHEAD_MAX - 3,
  );
  assert(length((to) => frames.writeFragment(to, 0, id, nothing, far, 0)) <= frames.FRAGMENT_OVERHEAD_MAX);
});
