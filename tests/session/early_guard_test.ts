// What was recorded is taken once, whenever and however often it comes. The clock is a number.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EARLY_INITS_MAX, EARLY_WINDOW_MS } from "../../src/handshake_limits.ts";
import { EarlyGuard } from "../../src/session/mod.ts";
import { Random } from "../simulation/random.ts";

const NOW = 1_900_000_000_000;

function key(number: number): Uint8Array {
  const bytes = new Uint8Array(32).fill(0xa5);
  new DataView(bytes.buffer).setUint32(28, number);
  return bytes;
}

test("a time within the window is taken, at both bounds; a millisecond beyond is not", () => {
  const guard = new EarlyGuard(-Infinity);
  const times = [-EARLY_WINDOW_MS - 1, -EARLY_WINDOW_MS, 0, EARLY_WINDOW_MS, EARLY_WINDOW_MS + 1];
  const taken = times.map((offset, index) => guard.admit({ at: NOW + offset, initKey: key(index) }, NOW));
  assertEquals(taken, [false, true, true, true, false]);
  assertEquals(guard.size, 3);
});

test("10,000 replays in any order, while time passes: each INIT is taken once", () => {
  const random = new Random(1);
  const guard = new EarlyGuard(-Infinity);
  const inits = Array.from({ length: 100 }, (_, index) => ({
    at: NOW + random.between(-EARLY_WINDOW_MS, EARLY_WINDOW_MS),
    initKey: key(index),
  }));
  const taken = inits.map((init) => guard.admit(init, NOW) ? 1 : 0);
  assertEquals(taken, new Array(100).fill(1));
  // The window of the last one ends after 10 s, and it is long forgotten after 20 s.
  for (let count = 0; count < 10_000; count++) {
    const index = random.between(0, inits.length - 1);
    if (guard.admit(inits[index], NOW + 2.5 * count)) taken[index]++;
  }
  assertEquals(taken, new Array(100).fill(1));
  assertEquals(guard.size, 0);
});

test("in any order of times and clocks nothing is taken twice", () => {
  for (let seed = 0; seed < 50; seed++) {
    const random = new Random(seed);
    const guard = new EarlyGuard(-Infinity, 40);
    const inits = Array.from({ length: 60 }, (_, index) => ({
      at: NOW + random.between(-30_000, 30_000),
      initKey: key(index),
    }));
    const taken = new Set<number>();
    for (let count = 0; count < 1_000; count++) {
      const index = random.between(0, inits.length - 1);
      // A clock that is set back and forth.
      if (!guard.admit(inits[index], NOW + 10 * count + random.between(-8_000, 8_000))) continue;
      assert(!taken.has(index), `seed ${seed}: ${index} was taken twice`);
      taken.add(index);
    }
    assert(taken.size > 10 && guard.size <= 40);
  }
});

test("as many are remembered as there is room for, and one more is refused until time has passed", () => {
  for (const initsMax of [3, EARLY_INITS_MAX]) {
    const guard = new EarlyGuard(-Infinity, initsMax);
    for (let index = 0; index < initsMax; index++) {
      assert(guard.admit({ at: NOW + EARLY_WINDOW_MS, initKey: key(index) }, NOW));
    }
    const more = { at: NOW + EARLY_WINDOW_MS, initKey: key(initsMax) };
    assert(!guard.admit(more, NOW));
    assert(!guard.admit({ ...more, initKey: key(0) }, NOW + 2 * EARLY_WINDOW_MS));
    assert(!guard.admit(more, NOW + 2 * EARLY_WINDOW_MS));
    assertEquals(guard.size, initsMax);
    const later = NOW + 2 * EARLY_WINDOW_MS + 1;
    assert(!guard.admit({ at: NOW + EARLY_WINDOW_MS, initKey: key(0) }, later), "now its time is over");
    assert(guard.admit({ at: later, initKey: key(initsMax) }, later));
    assertEquals(guard.size, 1);
  }
});

test("what another listener with the same key may have taken before it began is refused", () => {
  const before = new EarlyGuard(-Infinity);
  const after = new EarlyGuard(NOW);
  for (let offset = -EARLY_WINDOW_MS; offset <= 3 * EARLY_WINDOW_MS; offset += 500) {
    const init = { at: NOW + offset, initKey: key(offset + EARLY_WINDOW_MS) };
    // The last moment of the one, and the moment of the other that would suit a replay best.
    const isTaken = before.admit(init, NOW);
    assertEquals(after.admit(init, Math.max(NOW, init.at)), !isTaken, `${offset} ms`);
  }
});
