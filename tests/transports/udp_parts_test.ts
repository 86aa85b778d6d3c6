// The parts of udp:// that need no socket: what is counted, and what is remembered.

import { test } from "node:test";
import { assert, assertEquals, assertNotEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { UDP_SEND_HIGH, UDP_SEND_MAX, UDP_SOURCES_MAX } from "../../src/limits.ts";
import { SendWindow } from "../../src/transports/udp/send_window.ts";
import { SourceCache, sourceOf } from "../../src/transports/udp/source.ts";

test("SendWindow is congested from the bound on, and drains a turn after half is gone", async () => {
  const { promise: drained, resolve } = Promise.withResolvers<void>();
  const window = new SendWindow(resolve);
  for (let i = 1; i < UDP_SEND_HIGH; i++) window.enter();
  assertEquals(window.congested, false);
  window.enter();
  assertEquals(window.congested, true);
  for (let i = UDP_SEND_HIGH; i > UDP_SEND_HIGH / 2; i--) window.leave();
  assertEquals(window.congested, true); // Not inside the call.
  await drained;
  assertEquals(window.congested, false);
});

test("SendWindow takes as many as the bound says, and not one more", () => {
  const window = new SendWindow(() => {});
  for (let i = 0; i < UDP_SEND_MAX; i++) assertEquals(window.enter(), true);
  assertEquals([window.enter(), window.dropped], [false, 1]);
  window.leave();
  assertEquals([window.enter(), window.enter(), window.dropped], [true, false, 2]);
});

test("SendWindow is idle when all is gone, or given up", async () => {
  const window = new SendWindow(() => {});
  await window.idle();
  window.enter();
  window.enter();
  let idle = false;
  const waiting = window.idle().then(() => idle = true);
  window.leave();
  await Promise.resolve();
  assertEquals(idle, false);
  window.leave();
  await waiting;

  window.enter();
  const givenUp = window.idle();
  window.giveUp();
  await givenUp;
  window.leave(); // The kernel's late word changes nothing.
  window.enter();
  assertEquals(window.congested, false);
});

test("SourceCache gives one object per sender, and never the wrong one", () => {
  const cache = new SourceCache();
  const first = cache.find("192.0.2.1", 4_000);
  assertStrictEquals(cache.find("192.0.2.1", 4_000), first);
  assertEquals([first.key, first.address], ["udp://192.0.2.1:4000", "udp://192.0.2.1:4000"]);
  const others = [
    cache.find("192.0.2.2", 4_000),
    cache.find("192.0.2.1", 4_001),
    cache.find("192.0.2.1", 4_000 + UDP_SOURCES_MAX), // The same slot.
    cache.find("2001:db8::1", 4_000),
  ];
  assertEquals(new Set([first, ...others].map(({ key }) => key)).size, 5);
  for (const { key } of others) assertNotEquals(key, first.key);
  assertEquals(cache.find("192.0.2.1", 4_000).key, first.key);
});

test("sourceOf reads what others made, and refuses what is no source", () => {
  const made = sourceOf({ key: "x", address: "udp://[2001:db8::1]:9" });
  assertEquals([made.host, made.port], ["2001:db8::1", 9]);
  assertThrows(() => sourceOf({ key: "x", address: "tcp://192.0.2.1:9" }), TypeError);
  assertThrows(() => sourceOf({ key: "x", address: "udp://192.0.2.1" }), TypeError);
  const error = assertThrows(() => sourceOf({ key: "x", address: "nowhere" }), HawserError);
  assert(error.message.length > 0);
});
