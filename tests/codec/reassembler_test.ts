// Fragments in any order, doubled, overlapping, lying or never complete: messages come out whole and
// once, and what is held stays bounded.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Codec, Reassembler, ReassemblyResult } from "../../src/codec/codec.ts";
import { HawserError } from "../../src/errors.ts";
import { REASSEMBLY_FINISHED_MAX, REASSEMBLY_RUNS_MAX } from "../../src/limits.ts";
import { Random } from "../simulation/random.ts";
import { freshCodecs } from "./codecs.ts";

const SEED = 815;
const LIMITS = { messageBytesMax: 1_000, bytesMax: 3_000, messagesMax: 4, runsMax: 5, ageMsMax: 100 };

/** Pushes bytes that equal their position in the message, plus `shade`. */
function push(
  reassembler: Reassembler,
  fragment: { id?: number; total?: number; offset: number; length: number; shade?: number; now?: number },
): ReassemblyResult {
  const { id = 1, total = 100, offset, length, shade = 0, now = 0 } = fragment;
  const source = new Uint8Array(length + 8).map((_, i) => offset + i - 3 + shade);
  return reassembler.push(id, total, offset, source, 3, length, now);
}

function whole(total: number): Uint8Array {
  return new Uint8Array(total).map((_, i) => i);
}

for (const { name, codec } of freshCodecs()) {
  test(`${name}: fragments join in every order`, () => {
    for (const order of [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]]) {
      const reassembler = codec.createReassembler(LIMITS);
      order.slice(0, 3).forEach((i) =>
        assertEquals(push(reassembler, { offset: 25 * i, length: 25 }), "incomplete")
      );
      assertEquals([reassembler.messages, reassembler.bytes], [1, 100]);
      assertEquals(push(reassembler, { offset: 25 * order[3], length: 25 }), whole(100));
      assertEquals([reassembler.messages, reassembler.bytes, reassembler.dropped], [0, 0, 0]);
    }
  });

  test(`${name}: a message in one fragment, and an empty one`, () => {
    const reassembler = codec.createReassembler(LIMITS);
    assertEquals(push(reassembler, { id: 1, offset: 0, length: 100 }), whole(100));
    assertEquals(push(reassembler, { id: 2, total: 0, offset: 0, length: 0 }), new Uint8Array(0));
    assertEquals(push(reassembler, { id: 1, offset: 0, length: 100 }), "duplicate");
  });

  test(`${name}: the first bytes win where fragments overlap`, () => {
    const reassembler = codec.createReassembler(LIMITS);
    push(reassembler, { offset: 10, length: 20 });
    push(reassembler, { offset: 50, length: 20 });
    assertEquals(push(reassembler, { offset: 12, length: 5, shade: 99 }), "duplicate");
    push(reassembler, { offset: 0, length: 60, shade: 100 });
    const message = push(reassembler, { offset: 55, length: 45, shade: 200 });
    const expected = whole(100).map((byte, i) => {
      if ((i >= 10 && i < 30) || (i >= 50 && i < 70)) return byte;
      return i < 50 ? byte + 100 : byte + 200;
    });
    assertEquals(message, expected);
  });

  test(`${name}: late fragments of a finished message are duplicates`, () => {
    const reassembler = codec.createReassembler(LIMITS);
    push(reassembler, { offset: 0, length: 60 });
    push(reassembler, { offset: 60, length: 40 });
    assertEquals(push(reassembler, { offset: 0, length: 60 }), "duplicate");
    for (let id = 2; id < REASSEMBLY_FINISHED_MAX + 1; id++) {
      push(reassembler, { id, offset: 0, length: 100 });
    }
    assertEquals(push(reassembler, { offset: 0, length: 60 }), "duplicate");
    push(reassembler, { id: REASSEMBLY_FINISHED_MAX + 1, offset: 0, length: 100 });
    assertEquals(push(reassembler, { offset: 0, length: 60 }), "incomplete"); // Memory has an end.
  });

  test(`${name}: fragments that lie are refused and change nothing`, () => {
    const reassembler = codec.createReassembler(LIMITS);
    push(reassembler, { offset: 0, length: 50 });
    const code = (fragment: Parameters<typeof push>[1]) =>
      assertThrows(() => push(reassembler, fragment), HawserError).code;
    assertEquals(code({ offset: 90, length: 11 }), "protocol");
    assertEquals(code({ offset: 101, length: 0 }), "protocol");
    assertEquals(code({ offset: 10, length: 0 }), "protocol");
    assertEquals(code({ offset: 2 ** 53 - 1, length: 10 }), "protocol");
    assertEquals(code({ offset: 0, length: 10, total: 99 }), "protocol");
    assertEquals(code({ offset: 0, length: 100, total: 101 }), "protocol");
    assertEquals(code({ id: 2, offset: 0, length: 10, total: 1_001 }), "packet-too-large");
    assertEquals(code({ id: 2, offset: 0, length: 10, total: 2 ** 40 }), "packet-too-large");
    assertThrows(() => reassembler.push(1, 100, 0, new Uint8Array(10), 5, 6, 0), RangeError);
    assertEquals([reassembler.messages, reassembler.bytes, reassembler.dropped], [1, 100, 0]);
    assertEquals(push(reassembler, { offset: 50, length: 50 }), whole(100));
    assertEquals(push(reassembler, { id: 3, offset: 0, length: 10, total: 1_000 }), "incomplete");
  });

  test(`${name}: too many runs give the message up`, () => {
    const reassembler = codec.createReassembler(LIMITS);
    for (let i = 0; i < 5; i++) assertEquals(push(reassembler, { offset: 4 * i, length: 1 }), "incomplete");
    assertEquals(push(reassembler, { offset: 1, length: 1 }), "incomplete"); // Touches a run: no new one.
    assertEquals(push(reassembler, { offset: 30, length: 1 }), "dropped");
    assertEquals([reassembler.messages, reassembler.bytes, reassembler.dropped], [0, 0, 1]);
    assertEquals(push(reassembler, { offset: 0, length: 1 }), "dropped");
    assertEquals([reassembler.messages, reassembler.dropped], [0, 1]);
  });

  test(`${name}: as many runs as a slot holds, and one more`, () => {
    const limits = { ...LIMITS, runsMax: REASSEMBLY_RUNS_MAX };
    const reassembler = codec.createReassembler(limits);
    const last = 2 * (REASSEMBLY_RUNS_MAX - 1);
    for (let offset = last; offset >= 0; offset -= 2) {
      assertEquals(push(reassembler, { total: 1_000, offset, length: 1 }), "incomplete");
    }
    assertEquals(push(reassembler, { total: 1_000, offset: 0, length: last + 10, shade: 1 }), "incomplete");
    const message = push(reassembler, { total: 1_000, offset: 200, length: 800 });
    const shaded = (i: number) => i < last + 10 && (i % 2 === 1 || i > last);
    assertEquals(message, whole(1_000).map((byte, i) => shaded(i) ? byte + 1 : byte));

    for (let offset = 0; offset <= last; offset += 2) {
      push(reassembler, { id: 2, total: 1_000, offset, length: 1 });
    }
    assertEquals(push(reassembler, { id: 2, total: 1_000, offset: last + 2, length: 1 }), "dropped");
  });

  test(`${name}: the oldest make room, by count and by bytes`, () => {
    const reassembler = codec.createReassembler(LIMITS);
    for (let id = 1; id <= 5; id++) push(reassembler, { id, offset: 0, length: 10 });
    assertEquals([reassembler.messages, reassembler.bytes, reassembler.dropped], [4, 400, 1]);
    assertEquals(push(reassembler, { id: 1, offset: 10, length: 90 }), "dropped");
    for (let id = 6; id <= 8; id++) push(reassembler, { id, total: 1_000, offset: 0, length: 10 });
    assertEquals([reassembler.messages, reassembler.bytes, reassembler.dropped], [3, 3_000, 5]);
    assertEquals(push(reassembler, { id: 9, total: 999, offset: 0, length: 10 }), "incomplete");
    assertEquals([reassembler.messages, reassembler.bytes, reassembler.dropped], [3, 2_999, 6]);
  });

  test(`${name}: a message that stays incomplete is given up at its age`, () => {
    const reassembler = codec.createReassembler(LIMITS);
    assertEquals(reassembler.deadline(), Infinity);
    push(reassembler, { id: 1, offset: 0, length: 10, now: 1_000 });
    push(reassembler, { id: 2, offset: 0, length: 10, now: 1_050 });
    push(reassembler, { id: 1, offset: 20, length: 10, now: 1_090 }); // A new fragment is no new life.
    assertEquals(reassembler.deadline(), 1_100);
    reassembler.expire(1_099);
    assertEquals(reassembler.messages, 2);
    reassembler.expire(1_100);
    assertEquals([reassembler.messages, reassembler.bytes, reassembler.dropped], [1, 100, 1]);
    assertEquals(reassembler.deadline(), 1_150);
    reassembler.dispose();
    assertEquals([reassembler.messages, reassembler.bytes, reassembler.deadline()], [0, 0, Infinity]);
  });

  test(`${name}: random fragments give what a naive reassembler gives (seed ${SEED})`, () => {
    const random = new Random(SEED);
    for (let round = 0; round < (codec.kind === "wasm" ? 300 : 60); round++) compareWithNaive(codec, random);
  });

  test(`${name}: limits that contradict each other are the caller's mistake`, () => {
    for (
      const wrong of [
        { messageBytesMax: 3_001 },
        { messagesMax: 0 },
        { runsMax: 0 },
        { runsMax: REASSEMBLY_RUNS_MAX + 1 },
        { ageMsMax: NaN },
        { bytesMax: -1 },
      ]
    ) assertThrows(() => codec.createReassembler({ ...LIMITS, ...wrong }), RangeError);
  });

  test(`${name}: a message is cut into few fragments of nearly the same size`, () => {
    const cases = [[0, 10, 0], [10, 10, 10], [11, 10, 6], [100, 30, 25], [101, 1, 1], [
      16_777_216,
      1_400,
      1_400,
    ]];
    for (const [total, room, expected] of cases) assertEquals(codec.fragmentBytes(total, room), expected);
    const random = new Random(SEED);
    for (let i = 0; i < 1_000; i++) {
      const [total, room] = [random.between(1, 1_000_000), random.between(1, 70_000)];
      const size = codec.fragmentBytes(total, room);
      assert(size >= 1 && size <= room);
      assertEquals(Math.ceil(total / size), Math.ceil(total / room));
    }
    assertThrows(() => codec.fragmentBytes(10, 0), RangeError);
  });
}

/** One message in random fragments, many of them overlapping or doubled, against one flag per byte. */
function compareWithNaive(codec: Codec, random: Random): void {
  const total = random.between(2, 400);
  const reassembler = codec.createReassembler({ ...LIMITS, runsMax: REASSEMBLY_RUNS_MAX });
  const naive = new Uint8Array(total);
  const there = new Array<boolean>(total).fill(false);
  for (let i = 0; i < 400; i++) {
    const offset = random.between(0, total - 1);
    const length = random.between(1, Math.min(random.chance(0.5) ? 3 : 60, total - offset));
    const shade = random.between(0, 255);
    let fresh = false;
    for (let at = offset; at < offset + length; at++) {
      if (there[at]) continue;
      there[at] = fresh = true;
      naive[at] = at + shade;
    }
    if (length === total) return; // A whole message is not reassembled.
    const runs = there.filter((byte, at) => byte && !there[at - 1]).length;
    const result = push(reassembler, { total, offset, length, shade });
    if (runs > REASSEMBLY_RUNS_MAX) return assertEquals(result, "dropped");
    if (there.every((byte) => byte)) return assertEquals(result, naive);
    assertEquals(result, fresh ? "incomplete" : "duplicate");
  }
  reassembler.dispose();
}
