// The clock is a number, so a minute of silence costs nothing to test.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Keepalive } from "../../src/session/keepalive.ts";

test("Keepalive pings after each silent interval, and gives up after four", () => {
  const keepalive = new Keepalive(1_000, 4, 0);

  assertEquals(keepalive.handleTimeout(999), "wait");
  assertEquals(keepalive.handleTimeout(1_000), "ping");
  assertEquals(keepalive.handleTimeout(1_000), "wait"); // One ping, not two.
  assertEquals(keepalive.handleTimeout(2_000), "ping");
  assertEquals(keepalive.handleTimeout(3_000), "ping");
  assertEquals(keepalive.handleTimeout(3_999), "wait");
  assertEquals(keepalive.handleTimeout(4_000), "give-up");
});

test("Keepalive starts over with every sign of life", () => {
  const keepalive = new Keepalive(1_000, 4, 0);

  assertEquals(keepalive.handleTimeout(1_000), "ping");
  keepalive.handleReceive(1_500);
  assertEquals(keepalive.deadline(), 2_500);
  assertEquals(keepalive.handleTimeout(2_499), "wait");
  assertEquals(keepalive.handleTimeout(2_500), "ping");
});

test("Keepalive does not give up because we slept: the peer gets the chance to answer", () => {
  const keepalive = new Keepalive(1_000, 4, 0);

  assertEquals(keepalive.handleTimeout(60_000), "ping");
  assertEquals(keepalive.deadline(), 61_000);
  assertEquals(keepalive.handleTimeout(61_000), "ping");
});
