import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { ReceiveWindow, SendWindow } from "../../src/session/flow.ts";

test("SendWindow: limits rise and never fall", () => {
  const window = new SendWindow(100);
  window.offset = 60;
  assertEquals(window.room, 40);
  assertEquals(window.handleLimit(90), false);
  assertEquals(window.handleLimit(150), true);
  assertEquals(window.room, 90);
});

test("ReceiveWindow: up to the limit, and not one byte past it", () => {
  const window = new ReceiveWindow(100);
  window.beginPacket();
  window.handleReceive(100);
  assertThrows(() => window.handleReceive(1), HawserError, "more than its window");
});

test("ReceiveWindow: what waits for the application holds the limit down", () => {
  const window = new ReceiveWindow(100);
  window.beginPacket();
  window.handleReceive(80);
  window.hold(80);
  assertEquals(window.isDue, false);
  window.release(80);
  assertEquals(window.isDue, true);
  assertEquals(window.takeLimit(), 180);
  assertEquals(window.isDue, false);
});

test("ReceiveWindow: over datagrams the peer's offset counts, and late packets count for nothing", () => {
  const window = new ReceiveWindow(1_000);
  window.beginPacket(300); // 300 were lost or are late.
  window.handleReceive(100);
  window.beginPacket(100); // The late ones.
  window.handleReceive(200);
  assertEquals(window.takeLimit(), 1_400);
  assertThrows(() => window.beginPacket(1_401), HawserError, "more than its window");
});
