import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../../src/errors.ts";
import type { SessionStream } from "../../../src/session/streams/session_stream.ts";
import { STREAM_REFUSED } from "../../../src/session/streams/codes.ts";
import {
  STREAM_CODE_MAX,
  STREAM_LIMITS,
  STREAM_NAME_BYTES_MAX,
  STREAM_RESETS_BURST,
  STREAM_WINDOW_BYTES_INITIAL,
  STREAMS_INITIAL,
  STREAMS_WINDOW_BYTES_INITIAL,
} from "../../../src/stream_limits.ts";
import {
  FRAME_STREAM_RESET,
  FRAME_STREAM_STOP,
  FRAME_STREAM_WINDOW,
  FRAME_STREAMS_WINDOW,
} from "../../../src/wire/frames.ts";
import { dataFrame, frame, openFrame, pair, saysLimits, settle, type Side } from "./pair.ts";

const bytes = (length: number, value = 7) => new Uint8Array(length).fill(value);

/** Everything that waits on a stream. */
function takeAll(stream: SessionStream): number[] {
  const taken: number[] = [];
  for (let part = stream.incoming.take(); part !== undefined; part = stream.incoming.take()) {
    taken.push(...part);
  }
  return taken;
}

/** A stream that one side has opened, as both see it. */
function opened(one: Side, other: Side, name = "name"): [SessionStream, SessionStream] {
  const near = one.table.open(name)!;
  settle(one, other);
  return [near, other.table.takeArrived()!];
}

/** How many bytes waited on a stream, which are gone now. */
function drain(stream: SessionStream): number {
  let length = 0;
  for (let part = stream.incoming.take(); part !== undefined; part = stream.incoming.take()) {
    length += part.length;
  }
  return length;
}

test("StreamTable: what one side writes the other takes, and both halves end by themselves", () => {
  const [one, other] = pair();
  const near = one.table.open("a file", { priority: 200 })!;
  near.outgoing.push(Uint8Array.of(1, 2, 3));
  near.outgoing.push(Uint8Array.of(4));
  near.outgoing.end();
  settle(one, other);

  const far = other.table.takeArrived()!;
  assertEquals([far.id, far.name, far.priority], [0, "a file", 200]);
  assertEquals(takeAll(far), [1, 2, 3, 4]);
  assert(far.incoming.isEnded && !far.outgoing.isFinished && !near.isFinished);

  far.outgoing.push(Uint8Array.of(9));
  far.outgoing.end();
  settle(one, other);
  assertEquals(takeAll(near), [9]);
  assert(near.isFinished && far.isFinished);
  assertEquals([one.table.size, other.table.size], [0, 0]);
});

test("StreamTable: ids of the initiator are even, those of the responder odd", () => {
  const [one, other] = pair();
  assertEquals([one.table.open("")!.id, one.table.open("")!.id, one.table.open("")!.id], [0, 2, 4]);
  assertEquals([other.table.open("")!.id, other.table.open("")!.id], [1, 3]);
  settle(one, other);
  assertEquals([other.table.takeArrived()!.id, other.table.takeArrived()!.id], [0, 2]);
});

test("StreamTable: urgent streams open before those that were made earlier", () => {
  const [one, other] = pair();
  one.table.open("bulk", { priority: 10 })!.outgoing.push(bytes(10_000));
  one.table.open("urgent", { priority: 250 })!.outgoing.push(bytes(10));
  other.receive(one.packet());
  assertEquals(other.table.takeArrived()!.name, "urgent");
  settle(one, other);
  assertEquals(other.table.takeArrived()!.name, "bulk");
});

test("StreamTable: with its first stream a side says what it takes", () => {
  const [one, other] = pair();
  one.table.open("");
  assert(saysLimits(other.receive(one.packet())));
  assert(saysLimits(one.receive(other.packet())));
});

test("StreamTable: a window holds a sender back, and grows while the receiver keeps up", () => {
  const [one, other] = pair();
  const [near, far] = opened(one, other);
  near.outgoing.push(bytes(12 * 1024 * 1024));
  settle(one, other, 66_000);
  assertEquals(far.incoming.bytes, STREAM_WINDOW_BYTES_INITIAL);
  assertEquals(one.packet().length, 0);
  assert(!near.outgoing.isPending);

  const windows: number[] = [];
  for (let round = 0; round < 8; round++) {
    windows.push(drain(far));
    settle(one, other, 66_000);
  }
  assertEquals(windows.slice(0, 2), [STREAM_WINDOW_BYTES_INITIAL, 2 * STREAM_WINDOW_BYTES_INITIAL]);
  assertEquals(Math.max(...windows), STREAM_LIMITS.streamWindowBytes);
});

test("StreamTable: what is beyond a stream's window is an error, what fills it is not", () => {
  const [, other] = pair();
  other.receive(openFrame(0));
  other.receive(dataFrame(0, 0, bytes(STREAM_WINDOW_BYTES_INITIAL)));
  assertThrows(
    () => other.receive(dataFrame(0, STREAM_WINDOW_BYTES_INITIAL, bytes(1))),
    HawserError,
    "window",
  );
});

test("StreamTable: all streams together have a window, which holds them back and opens again", () => {
  const limits = { streamsWindowBytes: STREAMS_WINDOW_BYTES_INITIAL, streamsMax: STREAMS_INITIAL };
  const [one, other] = pair(limits);
  const count = STREAMS_WINDOW_BYTES_INITIAL / STREAM_WINDOW_BYTES_INITIAL + 1;
  const near = Array.from({ length: count }, () => one.table.open("")!);
  for (const stream of near) {
    stream.outgoing.push(bytes(STREAM_WINDOW_BYTES_INITIAL));
    stream.outgoing.end();
  }
  settle(one, other, 66_000);
  const far = Array.from({ length: count }, () => other.table.takeArrived()!);
  const waiting = () => far.reduce((sum, stream) => sum + stream.incoming.bytes, 0);
  assertEquals(waiting(), STREAMS_WINDOW_BYTES_INITIAL);

  const taken = far.slice(0, 6).map((stream) => drain(stream)).reduce((sum, length) => sum + length);
  settle(one, other, 66_000);
  assertEquals(waiting() + taken, count * STREAM_WINDOW_BYTES_INITIAL);
  assert(near.every((stream) => stream.outgoing.isFinished));
});

test("StreamTable: what is beyond the window of all streams is an error, on streams that are over too", () => {
  const [, other] = pair({ streamsWindowBytes: STREAMS_WINDOW_BYTES_INITIAL });
  const part = bytes(STREAM_WINDOW_BYTES_INITIAL);
  const count = STREAMS_WINDOW_BYTES_INITIAL / part.length;
  for (let index = 0; index <= count; index++) other.receive(openFrame(2 * index));
  for (let index = 0; index < count; index++) other.receive(dataFrame(2 * index, 0, part));
  assertThrows(() => other.receive(dataFrame(2 * count, 0, bytes(1))), HawserError, "window");
});

test("StreamTable: a reset reaches the reader with its code, and gives up what waited", () => {
  const [one, other] = pair();
  const [near, far] = opened(one, other);
  near.outgoing.push(bytes(100));
  settle(one, other);
  near.outgoing.push(bytes(100_000));
  near.outgoing.reset(300);
  settle(one, other);
  assertEquals(far.incoming.error?.code, "stream-reset");
  assertEquals(far.incoming.error?.streamCode, 300);
  assertEquals([far.incoming.bytes, near.outgoing.bytes], [0, 0]);
  assert(near.outgoing.isFinished && !near.incoming.isFinished, "the other direction lives on");

  far.outgoing.push(Uint8Array.of(5));
  far.outgoing.end();
  settle(one, other);
  assertEquals(takeAll(near), [5]);
  assertEquals([one.table.size, other.table.size], [0, 0]);
});

test("StreamTable: a stop reaches the writer with its code, and what still comes is given up", () => {
  const [one, other] = pair();
  const [near, far] = opened(one, other);
  near.outgoing.push(bytes(200_000));
  other.receive(one.packet());
  far.incoming.stop(STREAM_CODE_MAX);
  assertEquals(far.incoming.bytes, 0);
  other.receive(one.packet());
  assertEquals(far.incoming.bytes, 0);
  settle(one, other);
  assertEquals(near.outgoing.error?.streamCode, STREAM_CODE_MAX);
  assert(near.outgoing.isFinished && far.incoming.isFinished && !far.outgoing.isFinished);
});

test("StreamTable: all that a stopped or reset stream held is free for others", () => {
  const limits = { streamsWindowBytes: STREAMS_WINDOW_BYTES_INITIAL };
  const [one, other] = pair(limits);
  for (let round = 0; round < 100; round++) {
    const [near, far] = opened(one, other);
    near.outgoing.push(bytes(STREAM_WINDOW_BYTES_INITIAL));
    settle(one, other, 66_000);
    assertEquals(far.incoming.bytes, STREAM_WINDOW_BYTES_INITIAL, `round ${round}`);
    if (round % 2 === 0) far.abort(1);
    else near.abort(1);
    settle(one, other, 66_000);
    assertEquals([one.table.size, other.table.size], [0, 0]);
  }
});

test("StreamTable: a peer that opens more than it may breaks the protocol", () => {
  const [, other] = pair();
  other.receive(openFrame(2 * (STREAMS_INITIAL - 1)));
  assertThrows(() => other.receive(openFrame(2 * STREAMS_INITIAL)), HawserError, "more streams");
});

test("StreamTable: what is beyond streamsMax is refused with a code, and nobody hears of it", () => {
  const [one, other] = pair({ streamsMax: 2 });
  const streams = Array.from({ length: 3 }, () => one.table.open("")!);
  settle(one, other);
  const refused = streams.filter((stream) => stream.outgoing.error?.streamCode === STREAM_REFUSED);
  assertEquals(refused, [streams[2]]);
  assert(streams[2].incoming.error!.retryable);
  assert(other.table.takeArrived() !== undefined && other.table.takeArrived() !== undefined);
  assertEquals(other.table.takeArrived(), undefined);
});

test("StreamTable: openings are given back when streams are over", () => {
  const [one, other] = pair({ streamsMax: STREAMS_INITIAL });
  for (let index = 0; index < 3 * STREAMS_INITIAL; index++) {
    const stream = one.table.open("");
    assert(stream !== undefined, `stream ${index}`);
    stream.outgoing.end();
    settle(one, other);
    other.table.takeArrived()!.outgoing.end();
    settle(one, other);
  }
  const rest = Array.from({ length: STREAMS_INITIAL + 1 }, () => one.table.open(""));
  assert(rest.some((stream) => stream === undefined), "no more than streamsMax are open at once");
});

test("StreamTable: streams that are opened and reset at once come back at a bounded rate", () => {
  const [one, other] = pair({ streamsMax: 512 });
  let count = 0;
  const churn = (now: number) => {
    for (let stream = one.table.open(""); stream !== undefined; stream = one.table.open(""), count++) {
      stream.abort(0);
      settle(one, other, 4_096, now);
    }
  };
  churn(0);
  assert(count <= STREAM_RESETS_BURST + 512, `${count} streams at once`);
  assertEquals(other.table.size, 0);
  assert(other.table.deadline() < Infinity);
  for (let now = 20; now <= 2_000; now += 20) {
    other.table.handleTimeout(now);
    settle(one, other, 4_096, now);
    churn(now);
  }
  assert(count > 2_000 && count <= STREAM_RESETS_BURST + 512 + 2_000, `${count} streams in two seconds`);
});

test("StreamTable: streams that the peer gave up before anybody took them are forgotten", () => {
  const [one, other] = pair();
  one.table.open("")!.abort(0);
  settle(one, other);
  assertEquals([one.table.size, other.table.size], [0, 0]);
  assertEquals(other.table.takeArrived(), undefined);
});

test("StreamTable: a stream that is whole waits until it is taken", () => {
  const [one, other] = pair();
  const near = one.table.open("")!;
  near.outgoing.push(Uint8Array.of(1));
  near.outgoing.end();
  near.incoming.stop(0);
  settle(one, other);
  assertEquals(one.table.size, 0);
  const far = other.table.takeArrived()!;
  assertEquals(takeAll(far), [1]);
  assertEquals(other.table.size, 0);
});

test("StreamTable: frames of streams that are over mean nothing", () => {
  const [one, other] = pair();
  const [near, far] = opened(one, other);
  near.abort(0);
  far.abort(0);
  settle(one, other);
  for (const type of [FRAME_STREAM_RESET, FRAME_STREAM_STOP, FRAME_STREAM_WINDOW]) {
    other.receive(frame(type, 0, 9));
  }
  other.receive(dataFrame(0, 1_000, bytes(3)));
  assertEquals(other.packet().length, 0);
});

test("StreamTable: what breaks a rule is an error of the protocol", () => {
  const cases: [string, Uint8Array][] = [
    ["a stream of ours", openFrame(3)],
    ["a stream twice", Uint8Array.of(...openFrame(0), ...openFrame(0))],
    ["nobody has opened", dataFrame(0, 0, bytes(1))],
    ["nobody has opened", frame(FRAME_STREAM_STOP, 1, 0)],
    ["do not follow", Uint8Array.of(...openFrame(0), ...dataFrame(0, 1, bytes(1)))],
    [
      "do not follow",
      Uint8Array.of(...openFrame(0), ...dataFrame(0, 0, bytes(1), true), ...dataFrame(0, 1, bytes(1))),
    ],
    ["priority or name", openFrame(0, "", 256)],
    ["priority or name", openFrame(0, "n".repeat(STREAM_NAME_BYTES_MAX + 1))],
    ["no UTF-8", frame(0x0f, 0, 0, 1, Uint8Array.of(0xff))],
    ["code too large", Uint8Array.of(...openFrame(0), FRAME_STREAM_RESET, 0, 0xc0, 0, 0, 0, 0x40, 0, 0, 0)],
    ["cut off", openFrame(0, "name").subarray(0, 6)],
  ];
  for (const [words, packet] of cases) {
    const [, other] = pair();
    const error = assertThrows(() => other.receive(packet), HawserError, words);
    assertEquals(error.code, "protocol");
  }
  const [, other] = pair();
  other.receive(openFrame(0, "n".repeat(STREAM_NAME_BYTES_MAX), 255));
});

test("StreamTable: floods of limits, stops and resets leave nothing behind, and are answered once", () => {
  const [one, other] = pair();
  const [near] = opened(one, other);
  for (let index = 0; index < 10_000; index++) {
    one.receive(frame(FRAME_STREAM_STOP, 0, index));
    one.receive(frame(FRAME_STREAM_WINDOW, 0, index));
    one.receive(frame(FRAME_STREAMS_WINDOW, index));
    one.receive(frame(FRAME_STREAM_RESET, 0, index));
  }
  assertEquals(near.outgoing.error?.streamCode, 0);
  assert(one.packet().length < 64);
  assertEquals(one.packet().length, 0);
});

test("StreamTable: news come once for all that happened, and only of streams that somebody has", () => {
  const [one, other] = pair();
  const near = one.table.open("")!;
  near.outgoing.push(bytes(10));
  settle(one, other);
  assertEquals(other.table.takeNews(), undefined);
  const far = other.table.takeArrived()!;
  near.outgoing.push(bytes(10));
  one.table.takeNews();
  settle(one, other);
  near.outgoing.end();
  settle(one, other);
  assertEquals(other.table.takeNews(), far);
  assertEquals(other.table.takeNews(), undefined);
});

test("StreamTable: the end of the session ends what is open; what is whole can still be taken", () => {
  const [one, other] = pair();
  const [near, far] = opened(one, other);
  const [half, farHalf] = opened(one, other);
  near.outgoing.push(bytes(5));
  near.outgoing.end();
  half.outgoing.push(bytes(5));
  settle(one, other);
  const error = new HawserError("closed", "the end");
  other.table.handleClosed(error);
  assertEquals(drain(far), 5);
  assert(far.incoming.isEnded);
  assertEquals([farHalf.incoming.error, farHalf.incoming.bytes, farHalf.outgoing.error], [error, 0, error]);
  assertEquals([other.table.size, other.table.takeArrived()], [0, undefined]);
});

test("StreamTable: without open streams it can be frozen, and goes on from there", () => {
  const [one, other] = pair();
  const [near, far] = opened(one, other);
  assertEquals(one.table.freeze(), undefined);
  near.outgoing.push(bytes(1_000));
  near.abort(0);
  far.abort(0);
  settle(one, other);
  for (const side of [one, other]) while (side.table.takeNews() !== undefined);
  const snapshot = one.table.freeze()!;
  assert(snapshot !== undefined && other.table.freeze() !== undefined);
  assertEquals(structuredClone(snapshot), snapshot);
  assertEquals(snapshot.opened, 1);
});
