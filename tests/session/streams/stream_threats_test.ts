// What a peer may try with streams: rows 27 and 28 of the threats. HAWSER_SCALE multiplies how often.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { SessionStream } from "../../../src/session/streams/session_stream.ts";
import { STREAM_RESETS_BURST, STREAM_RESETS_PER_SECOND } from "../../../src/stream_limits.ts";
import { dataFrame, openFrame, pair, settle, Side } from "./pair.ts";

const SCALE = Number(process.env.HAWSER_SCALE ?? 1);

/** What each of `count` streams brings through in so many packets, while `stalled` of them are not read. */
function bring(count: number, stalled: number): number[] {
  const [one, other] = pair();
  const near = Array.from({ length: count }, () => one.table.open("")!);
  settle(one, other);
  const far = near.map(() => other.table.takeArrived()!);
  const brought = far.map(() => 0);
  for (let packet = 0; packet < 2_000; packet++) {
    for (const { outgoing } of near) if (outgoing.bytes === 0) outgoing.push(new Uint8Array(60_000));
    other.receive(one.packet(4_096));
    for (const [index, { incoming }] of far.entries()) {
      if (index >= stalled) brought[index] += incoming.take()?.length ?? 0;
    }
    one.receive(other.packet(4_096));
  }
  return brought;
}

test("one of a hundred streams that nobody reads takes nothing from the others", () => {
  const fair = Math.min(...bring(100, 0));
  assert(fair > 0);
  const others = bring(100, 1).slice(1);
  assert(Math.min(...others) >= 0.9 * fair, `${Math.min(...others)} bytes instead of ${fair}`);
});

test("half of the streams that nobody reads leave the others the whole way", () => {
  const total = (brought: number[]) => brought.reduce((sum, bytes) => sum + bytes);
  const [all, half] = [total(bring(100, 0)), total(bring(100, 50))];
  // What the stalled ones took was their first window each.
  assert(half >= all - 50 * 64 * 1024 - 100 * 4_096, `${half} bytes instead of ${all}`);
});

test("streams that are opened and thrown away leave nothing behind, and come no faster than the rate", () => {
  const streamsMax = 1_024;
  const [one, other] = pair({ streamsMax });
  const count = 10_000 * SCALE;
  let now = 0;
  for (let index = 0; index < count;) {
    const stream = one.table.open("rapid");
    if (stream !== undefined) {
      stream.abort(0);
      index++;
    } else {
      now += 20;
      other.table.handleTimeout(now);
    }
    settle(one, other, 4_096, now);
  }
  assertEquals([one.table.size, other.table.size, other.table.takeArrived()], [0, 0, undefined]);
  const least = (count - STREAM_RESETS_BURST - streamsMax) / STREAM_RESETS_PER_SECOND;
  assert(now / 1_000 >= least, `${count} streams within ${now} ms`);
});

test("a peer that sends single bytes costs little more than their memory", () => {
  const other = new Side(false);
  other.receive(openFrame(0));
  const stream: SessionStream = other.table.takeArrived()!;
  const byte = Uint8Array.of(7);
  for (let offset = 0; offset < 60_000; offset++) other.receive(dataFrame(0, offset, byte));
  let parts = 0;
  let room = 0;
  for (let part = stream.incoming.take(); part !== undefined; part = stream.incoming.take()) {
    parts++;
    room += part.buffer.byteLength;
  }
  assert(parts < 40 && room < 70_000, `${parts} parts with room for ${room} bytes`);
});
