// THREATS row 33: the wall clock may be set to anything; only the monotonic clock decides.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { connect, listen } from "../../mod.ts";
import { DeadlineTimer, now } from "../../src/connection/clock.ts";

const YEAR_MS = 365 * 86_400_000;

/** Runs `action` while the wall clock is off by `ms`. */
async function withWallClock<T>(ms: number, action: () => T | Promise<T>): Promise<T> {
  const original = Date.now;
  Date.now = () => original() + ms;
  try {
    return await action();
  } finally {
    Date.now = original;
  }
}

test("the clock does not follow the wall clock", async () => {
  const before = now();
  for (const step of [YEAR_MS, -YEAR_MS, -3_600_000]) {
    const moved = await withWallClock(step, now) - before;
    assert(moved >= 0 && moved < 60_000, `a step of ${step} ms moved it by ${moved}`);
  }
});

test("a session lives through steps of the wall clock", async () => {
  await using server = await listen(["mem://clock-test", "udp://127.0.0.1:0"]);
  server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
  for (const url of server.urls) {
    await using connection = await connect(url, { limits: { keepaliveMs: 20 } });
    for (const step of [YEAR_MS, -YEAR_MS, -3_600_000]) {
      await withWallClock(step, async () => {
        await new Promise((resolve) => setTimeout(resolve, 50)); // Pings come and go.
        connection.send(new Uint8Array([1]));
        assertEquals(await connection.receive({ timeoutMs: 5_000 }), new Uint8Array([1]));
      });
    }
    const { roundTripMs = -1 } = connection.stats();
    assert(roundTripMs >= 0 && roundTripMs < 10_000, `a round trip of ${roundTripMs} ms`);
  }
});

test("DeadlineTimer: an earlier deadline counts, a later one does not fire early, none fires after clear", async () => {
  const fired: number[] = [];
  const start = now();
  const timer = new DeadlineTimer(() => fired.push(now() - start));
  timer.set(start + 10_000);
  timer.set(start + 30);
  timer.set(start + 60); // The timer armed for 30 looks again.
  await new Promise((resolve) => setTimeout(resolve, 125));
  assertEquals(fired.length, 1);
  assert(fired[0] >= 60, `fired after ${fired[0]} ms`);
  timer.set(now() + 5);
  timer.clear();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(fired.length, 1);
});

test("DeadlineTimer: without a deadline it leaves no timer to the runtime", () => {
  const { setTimeout, clearTimeout } = globalThis;
  const armed = new Set<unknown>();
  globalThis.setTimeout = ((callback: () => void, ms: number) => {
    const timer = setTimeout(callback, ms);
    armed.add(timer);
    return timer;
  }) as typeof setTimeout;
  globalThis.clearTimeout = ((timer: number) => {
    clearTimeout(timer);
    armed.delete(timer);
  }) as typeof clearTimeout;
  try {
    const timer = new DeadlineTimer(() => {});
    timer.set(now() + 10_000);
    assertEquals(armed.size, 1);
    timer.set(Infinity);
    assertEquals(armed.size, 0);
    timer.set(now() + 10_000);
    assertEquals(armed.size, 1);
    timer.clear();
    assertEquals(armed.size, 0);
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
  }
});
