// The schedule of keys: each epoch has its own, the one before is gone.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import type { Codec } from "../../src/codec/codec.ts";
import { createCodec } from "../../src/codec/pick.ts";
import { HawserError } from "../../src/errors.ts";
import { SESSION_LIMITS } from "../../src/limits.ts";
import { deriveKey } from "../../src/noise/mod.ts";
import { SealedReceiveLane, SealedSendLane } from "../../src/session/lanes.ts";

const LABEL = "hawser next epoch";
const codec = createCodec({ kind: "wasm" });
const firstKey = () => new Uint8Array(32).fill(7);

/** The codec, and every key that a half of a lane is given: as it is then, and the array itself. */
function watched(): { codec: Codec; keys: Uint8Array[]; arrays: Uint8Array[] } {
  const keys: Uint8Array[] = [];
  const arrays: Uint8Array[] = [];
  const note = (key: Uint8Array) => {
    keys.push(key.slice());
    arrays.push(key);
  };
  const watch = <T extends { rekey(key: Uint8Array): void }>(half: T, key: Uint8Array): T => {
    note(key);
    const rekey = half.rekey.bind(half);
    half.rekey = (next) => (note(next), rekey(next));
    return half;
  };
  const spy = new Proxy(codec, {
    get(target, name) {
      if (name === "createSealer") {
        return (...args: Parameters<Codec["createSealer"]>) =>
          watch(target.createSealer(...args), args[0].key);
      }
      if (name === "createOpener") {
        return (...args: Parameters<Codec["createOpener"]>) =>
          watch(target.createOpener(...args), args[0].key);
      }
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { codec: spy, keys, arrays };
}

/** Has a datagram lane open a packet of the epoch after the first. */
function openNextEpoch(lane: SealedReceiveLane): void {
  const sender = new SealedSendLane(codec, firstKey(), new Uint8Array(8), SESSION_LIMITS, 0);
  const reader = codec.createReader({ datagram: true, packetBytesMax: 1_000 });
  const target = new Uint8Array(100);
  sender.rekey(0);
  reader.push(target.subarray(0, sender.seal(1, false, target, 0)));
  reader.next();
  lane.open(reader, 0);
  sender.dispose();
}

function expectedKeys(count: number): Uint8Array[] {
  const keys: Uint8Array[] = [firstKey()];
  while (keys.length < count) keys.push(deriveKey(keys[keys.length - 1], LABEL));
  return keys;
}

test("SendLane: every epoch has a key derived from the one before, which is wiped", () => {
  const { codec: spy, keys, arrays } = watched();
  const lane = new SealedSendLane(spy, firstKey(), undefined, SESSION_LIMITS, 0);
  for (let epoch = 1; epoch < 4; epoch++) lane.rekey(0);
  assertEquals(keys, expectedKeys(4));
  for (const old of arrays.slice(0, -1)) assertEquals(old, new Uint8Array(32));
  lane.dispose();
  assertEquals(arrays[arrays.length - 1], new Uint8Array(32));
});

test("ReceiveLane: the same keys, on ordered and on datagram lanes", () => {
  for (const datagram of [false, true]) {
    const { codec: spy, keys, arrays } = watched();
    const lane = new SealedReceiveLane(spy, firstKey(), datagram, SESSION_LIMITS);
    if (datagram) openNextEpoch(lane);
    else lane.advance();
    assertEquals(keys, expectedKeys(2));
    assertEquals(arrays[0], new Uint8Array(32));
    lane.dispose();
    assertEquals(arrays[1], new Uint8Array(32));
  }
});

test("a lane asks for a new key at each of its three bounds, and not one step before", () => {
  const limits = { ...SESSION_LIMITS, rekeyPacketsMax: 3, rekeyBytesMax: 1_000, rekeyMsMax: 500 };
  const target = new Uint8Array(2_000);
  const make = () => new SealedSendLane(codec, firstKey(), undefined, limits, 0);

  const byPackets = make();
  for (let count = 0; count < 2; count++) byPackets.seal(1, false, target, 0);
  assertEquals(byPackets.isRekeyDue(0), false);
  byPackets.seal(1, false, target, 0);
  assertEquals(byPackets.isRekeyDue(0), true);
  byPackets.rekey(0);
  assertEquals(byPackets.isRekeyDue(0), false);

  // Header and tag are counted: 973 + 26.
  const byBytes = make();
  assertEquals(byBytes.seal(973, false, target, 0), 999);
  assertEquals(byBytes.isRekeyDue(0), false);
  const atTheBound = make();
  atTheBound.seal(974, false, target, 0);
  assertEquals(atTheBound.isRekeyDue(0), true);

  const byTime = make();
  assertEquals(byTime.isRekeyDue(10_000), false); // Nothing was sealed with it.
  byTime.seal(1, false, target, 0);
  assertEquals([byTime.isRekeyDue(499), byTime.isRekeyDue(500)], [false, true]);

  for (const lane of [byPackets, byBytes, atTheBound, byTime]) lane.dispose();
});

test("ReceiveLane: a forgery of the next epoch costs no late packet of the one before", () => {
  const sender = new SealedSendLane(codec, firstKey(), new Uint8Array(8), SESSION_LIMITS, 0);
  const lane = new SealedReceiveLane(codec, firstKey(), true, SESSION_LIMITS);
  const reader = codec.createReader({ datagram: true, packetBytesMax: 1_000 });
  const target = new Uint8Array(100);
  const seal = () => target.slice(0, sender.seal(1, false, target, 0));
  const open = (packet: Uint8Array) => {
    reader.push(packet);
    reader.next();
    return lane.open(reader, 0);
  };
  const late = seal();
  sender.rekey(0);
  assertEquals(open(seal()), 1);
  sender.rekey(0);
  const honest = seal();
  const forged = honest.slice();
  forged[forged.length - 1] ^= 1;
  assertThrows(() => open(forged), HawserError);
  assertEquals([open(late), open(honest), lane.opener.epoch], [1, 1, 2]);
  sender.dispose();
  lane.dispose();
});

test("ReceiveLane: the key for late packets is wiped when its time is over", () => {
  const sender = new SealedSendLane(codec, firstKey(), new Uint8Array(8), SESSION_LIMITS, 0);
  const lane = new SealedReceiveLane(codec, firstKey(), true, SESSION_LIMITS);
  const reader = codec.createReader({ datagram: true, packetBytesMax: 1_000 });
  const seal = () => {
    const target = new Uint8Array(100);
    return target.slice(0, sender.seal(1, false, target, 0));
  };
  const open = (packet: Uint8Array, now: number) => {
    reader.push(packet);
    reader.next();
    return lane.open(reader, now);
  };
  const [early, late, tooLate] = [seal(), seal(), seal()];
  sender.rekey(0);
  const next = seal();

  assertEquals([open(early, 0), lane.deadline()], [1, Infinity]);
  assertEquals([open(next, 100), lane.deadline()], [1, 100 + SESSION_LIMITS.lateKeyMsMax]);
  lane.handleTimeout(99 + SESSION_LIMITS.lateKeyMsMax);
  assertEquals(open(late, 200), 1);
  lane.handleTimeout(100 + SESSION_LIMITS.lateKeyMsMax);
  let code: unknown;
  try {
    open(tooLate, 4_000);
  } catch (error) {
    code = (error as { code?: unknown }).code;
  }
  assertEquals([code, lane.deadline()], ["open-failed", Infinity]);
  sender.dispose();
  lane.dispose();
});
