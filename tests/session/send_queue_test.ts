import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { FRAME_COST_BYTES } from "../../src/limits.ts";
import { SendWindow } from "../../src/session/flow.ts";
import { SendQueue } from "../../src/session/send_queue.ts";
import { FRAME_FRAGMENT, FRAME_MESSAGE } from "../../src/wire/frames.ts";

const BODY = 1_000;

function compose(queue: SendQueue, window: SendWindow): Uint8Array {
  const body = new Uint8Array(BODY);
  return body.subarray(0, queue.compose(body, 0, BODY, window, BODY - 5));
}

test("SendQueue: small messages share a body", () => {
  const queue = new SendQueue();
  const window = new SendWindow(10_000);
  for (let index = 0; index < 3; index++) queue.push(new Uint8Array([index]), true);

  assertEquals([...compose(queue, window)], [FRAME_MESSAGE, 1, 0, FRAME_MESSAGE, 1, 1, FRAME_MESSAGE, 1, 2]);
  assertEquals([queue.messages, queue.bytes], [0, 0]);
  assertEquals(window.offset, 3 * (1 + FRAME_COST_BYTES));
});

test("SendQueue: a message that fits a whole body is not cut", () => {
  const queue = new SendQueue();
  const window = new SendWindow(10_000);
  queue.push(new Uint8Array(600), true);
  queue.push(new Uint8Array(600), true);

  assertEquals(compose(queue, window).length, 603);
  assertEquals(compose(queue, window).length, 603);
});

test("SendQueue: a larger one is cut, and its last part shares a body with what follows", () => {
  const queue = new SendQueue();
  const window = new SendWindow(10_000);
  queue.push(new Uint8Array(1_500).fill(7), true);
  queue.push(new Uint8Array([9]), true);

  assertEquals(compose(queue, window)[0], FRAME_FRAGMENT);
  assertEquals(queue.messages, 2);
  const second = compose(queue, window);
  assertEquals([...second.subarray(-3)], [FRAME_MESSAGE, 1, 9]);
  assertEquals([queue.messages, queue.bytes], [0, 0]);
});

test("SendQueue: nothing goes beyond the window", () => {
  const queue = new SendQueue();
  const window = new SendWindow(100 + FRAME_COST_BYTES - 1);
  queue.push(new Uint8Array(100), true);
  assertEquals(compose(queue, window).length, 0);
  window.handleLimit(100 + FRAME_COST_BYTES);
  assertEquals(compose(queue, window).length, 103);
  assertEquals(window.room, 0);
});

test("SendQueue: messages of another wish about compression wait for the next body", () => {
  const queue = new SendQueue();
  const window = new SendWindow(10_000);
  queue.push(new Uint8Array(10), true);
  queue.push(new Uint8Array(20), false);

  assertEquals(queue.isCompressible, true);
  assertEquals(compose(queue, window).length, 12);
  assertEquals(queue.isCompressible, false);
  assertEquals(compose(queue, window).length, 22);
});
