import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { FRAME_COST_BYTES } from "../../src/limits.ts";
import { SendWindow } from "../../src/session/flow.ts";
import { PLAIN, type QueueKind, SendQueue, SendState } from "../../src/session/send_queue.ts";
import { FRAME_FRAGMENT, FRAME_MESSAGE, FRAME_TYPED, FRAME_TYPED_FRAGMENT } from "../../src/wire/frames.ts";

const BODY = 1_000;
const UNCOMPRESSED = { ...PLAIN, compress: false };

function made(windowBytes: number, kind: QueueKind = "raw") {
  const state = new SendState(new SendWindow(windowBytes), BODY - 5);
  state.messageBytesMax = 100_000;
  return { state, window: state.window, queue: new SendQueue(state, kind) };
}

function compose(queue: SendQueue, now = 0): Uint8Array {
  const body = new Uint8Array(BODY);
  return body.subarray(0, queue.compose(body, 0, BODY, now));
}

test("SendQueue: small messages share a body", () => {
  const { queue, state, window } = made(10_000);
  for (let index = 0; index < 3; index++) queue.push(new Uint8Array([index]), PLAIN);

  assertEquals([...compose(queue)], [FRAME_MESSAGE, 1, 0, FRAME_MESSAGE, 1, 1, FRAME_MESSAGE, 1, 2]);
  assertEquals([queue.messages, state.messages, state.bytes, state.sent], [0, 0, 0, 3]);
  assertEquals(window.offset, 3 * (1 + FRAME_COST_BYTES));
});

test("SendQueue: a message that fits a whole body is not cut", () => {
  const { queue } = made(10_000);
  queue.push(new Uint8Array(600), PLAIN);
  queue.push(new Uint8Array(600), PLAIN);

  assertEquals(compose(queue).length, 603);
  assertEquals(compose(queue).length, 603);
});

test("SendQueue: a larger one is cut, and its last part shares a body with what follows", () => {
  const { queue, state } = made(10_000);
  queue.push(new Uint8Array(1_500).fill(7), PLAIN);
  queue.push(new Uint8Array([9]), PLAIN);

  assertEquals(compose(queue)[0], FRAME_FRAGMENT);
  assertEquals([queue.messages, state.parted.length], [2, 1]);
  const second = compose(queue);
  assertEquals([...second.subarray(-3)], [FRAME_MESSAGE, 1, 9]);
  assertEquals([queue.messages, state.bytes, state.parted.length], [0, 0, 0]);
});

test("SendQueue: nothing goes beyond the window", () => {
  const { queue, window } = made(100 + FRAME_COST_BYTES - 1);
  queue.push(new Uint8Array(100), PLAIN);
  assertEquals([compose(queue).length, queue.isPending], [0, false]);
  window.handleLimit(100 + FRAME_COST_BYTES);
  queue.unblock();
  assertEquals([queue.isPending, compose(queue).length], [true, 103]);
  assertEquals(window.room, 0);
});

test("SendQueue: messages of another wish about compression wait for the next body", () => {
  const { queue } = made(10_000);
  queue.push(new Uint8Array(10), PLAIN);
  queue.push(new Uint8Array(20), UNCOMPRESSED);

  assertEquals(queue.isCompressible, true);
  assertEquals(compose(queue).length, 12);
  assertEquals(queue.isCompressible, false);
  assertEquals(compose(queue).length, 22);
});

test("SendQueue: the reserve of the window is for typed messages, which are cut to make use of all of it", () => {
  const raw = made(1_000);
  raw.state.reserve = 400;
  raw.queue.push(new Uint8Array(536), PLAIN);
  raw.queue.push(new Uint8Array(1), PLAIN);
  assertEquals(compose(raw.queue).length, 539);
  assertEquals([raw.window.room, compose(raw.queue).length], [400, 0]);

  const typed = new SendQueue(raw.state, "typed");
  typed.push(new Uint8Array(300).fill(1), PLAIN);
  typed.push(new Uint8Array(1), PLAIN);
  assertEquals([compose(typed)[0], raw.window.room, compose(typed).length], [FRAME_TYPED, 36, 0]);

  const cut = made(400, "typed");
  cut.queue.push(new Uint8Array(500), PLAIN);
  assertEquals([compose(cut.queue)[0], cut.window.room, cut.state.bytes], [FRAME_TYPED_FRAGMENT, 0, 164]);
});

test("SendQueue: what is too old, or given up, is dropped unless it has begun to leave", () => {
  const { queue, state } = made(10_000);
  const gone = new AbortController();
  queue.push(new Uint8Array(1_500), { ...PLAIN, until: 10 });
  queue.push(new Uint8Array(10), { ...PLAIN, until: 10 });
  queue.push(new Uint8Array(20), { ...PLAIN, signal: gone.signal });
  queue.push(new Uint8Array(30), { ...PLAIN, until: 21 });
  assertEquals(compose(queue, 9).length > 0, true);
  gone.abort();
  assertEquals([queue.expire(20), state.expired], [21, 2]);
  assertEquals(compose(queue, 20).subarray(-32)[0], FRAME_MESSAGE);
  assertEquals([state.messages, state.bytes, state.expired], [0, 0, 2]);

  queue.push(new Uint8Array(30), { ...PLAIN, until: 21 });
  assertEquals([compose(queue, 21).length, state.messages, state.bytes, state.expired], [0, 0, 0, 3]);
});

test("SendQueue: an urgent message takes a quarter of the reserve, and no more", () => {
  const { state, queue, window } = made(1_000);
  state.reserve = 1_000;
  queue.push(new Uint8Array(10), PLAIN);
  assertEquals(compose(queue).length, 0);
  const urgent = new SendQueue(state, "raw");
  for (let count = 0; count < 4; count++) urgent.push(new Uint8Array(61), { ...PLAIN, priority: 129 });
  assertEquals([compose(urgent).length, window.room], [2 * 63, 750]);
});
