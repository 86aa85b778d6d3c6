// Messages of the message layer beside raw ones, and frames of the application.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { WINDOW_BYTES_MIN } from "../../src/limits.ts";
import type { Session } from "../../src/session/mod.ts";
import { FAIR, type Weather, World } from "../simulation/world.ts";

const KINDS = ["stream", "datagram"] as const;

function weather(kind: Weather["kind"]): Weather {
  return { ...FAIR, kind, mtu: kind === "datagram" ? 1_472 : undefined };
}

function takeAll(session: Session): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let message = session.takeTyped(); message !== undefined; message = session.takeTyped()) {
    session.releaseTyped(message.length);
    messages.push(message);
  }
  return messages;
}

for (const kind of KINDS) {
  test(`typed messages of every size reach the message layer, and raw receivers see none (${kind})`, () => {
    const world = new World(1, weather(kind)).open();
    const { initiator, responder } = world;
    const sizes = [0, 1, 63, 64, 1_400, 5_000, 60_000, 200_000];
    const typed: Uint8Array[] = [];
    const back: Uint8Array[] = [];
    for (const size of sizes) {
      initiator.session.send(new Uint8Array(size).fill(1), { typed: true });
      initiator.session.send(new Uint8Array(size).fill(2));
      responder.session.send(new Uint8Array(size).fill(3), { typed: true });
      for (let turn = 0; turn < 50; turn++) {
        world.run(() => false, 10);
        typed.push(...takeAll(responder.session));
        back.push(...takeAll(initiator.session));
        world.settle();
      }
    }
    assertEquals(typed.map(({ length }) => length), sizes);
    assert(typed.every((message) => message.every((byte) => byte === 1)));
    assertEquals(responder.received.map(({ length }) => length), sizes);
    assert(responder.received.every((message) => message.every((byte) => byte === 2)));
    assertEquals(back.map(({ length }) => length), sizes);
    assertEquals(initiator.received.length, 0);
  });

  test(`raw messages that nobody takes do not block typed ones, however small the window (${kind})`, () => {
    const limits = { windowBytes: WINDOW_BYTES_MIN, datagramWindowBytes: 16 * 1024 };
    const world = new World(2, weather(kind), { limits }).open();
    const { initiator, responder } = world;
    responder.session.takeMessage = () => undefined;
    for (let count = 0; count < 1_000; count++) {
      initiator.session.send(new Uint8Array(1_000), { priority: count % 2 === 0 ? 128 : 255 });
    }
    world.run(() => false, 1_000);
    assert(initiator.session.queuedBytes > 500_000, "the window takes it all: the test proves nothing");
    let expected = 0;
    let got = 0;
    for (const size of [0, 10, 300, 1_300, 14_000, 60_000, 300_000, 1]) {
      for (let count = 0; count < 5; count++) {
        expected += size;
        initiator.session.send(new Uint8Array(size), { typed: true });
        for (let turn = 0; turn < 200 && got < expected; turn++) {
          world.run(() => false, 10);
          for (const message of takeAll(responder.session)) got += message.length;
          world.settle();
        }
        assertEquals(got, expected, `typed messages of ${size} bytes are stuck`);
      }
    }
  });
}

test("patient messages that nobody releases do not block other typed ones", () => {
  const world = new World(4, weather("stream"), { limits: { windowBytes: WINDOW_BYTES_MIN } }).open();
  const { initiator, responder } = world;
  for (let count = 0; count < 300; count++) {
    initiator.session.send(new Uint8Array(1_000), { typed: true, patient: true });
  }
  world.run(() => false, 1_000);
  const held: Uint8Array[] = [];
  const take = () => {
    for (let next = responder.session.takeTyped(); next !== undefined; next = responder.session.takeTyped()) {
      if (next.length === 1_000) held.push(next);
      else responder.session.releaseTyped(next.length);
    }
    return held.length;
  };
  const count = take();
  assert(count > 50 && count < 300, `${count} of 300 are held`);
  for (let round = 0; round < 100; round++) {
    initiator.session.send(new Uint8Array(round), { typed: true });
    world.run(() => false, 10);
    assertEquals([take(), responder.session.takeTyped()], [count, undefined]);
    world.settle();
  }
  assertEquals(responder.session.stats(0).received.messages, count + 100);
  for (const message of held.splice(0)) responder.session.releaseTyped(message.length);
  world.settle();
  world.run(() => false, 1_000);
  assert(take() > 50);
});

test("what the message layer has not released holds the peer back, and the session awake", () => {
  const world = new World(3, weather("stream"), { limits: { windowBytes: WINDOW_BYTES_MIN } }).open();
  const { initiator, responder } = world;
  for (let count = 0; count < 300; count++) initiator.session.send(new Uint8Array(1_000), { typed: true });
  world.run(() => false, 1_000);
  const taken: Uint8Array[] = [];
  const take = () => {
    for (let next = responder.session.takeTyped(); next; next = responder.session.takeTyped()) {
      taken.push(next);
    }
  };
  take();
  world.run(() => false, 1_000);
  assert(taken.length > 100 && taken.length * 1_000 <= WINDOW_BYTES_MIN, `${taken.length} came`);
  assertEquals([responder.session.takeTyped(), responder.session.freeze()], [undefined, undefined]);
  for (let released = 0; released < 300; released++) {
    responder.session.releaseTyped(taken[released].length);
    if (released < taken.length - 1) continue;
    world.run(() => false, 100);
    take();
  }
  assertEquals(taken.length, 300);
  assert(responder.session.freeze() !== undefined, "all is released, and it does not sleep");
});

test("frames of the application's types reach who wants them, and are passed over by who does not", () => {
  for (const kind of KINDS) {
    const world = new World(4, weather(kind)).open();
    const [{ session: sender }, { session: receiver }] = [world.initiator, world.responder];
    receiver.frameTypes = new Set([0x80, 0xff]);
    for (const type of [0x80, 0x81, 0xff]) {
      for (const size of [0, 63, 64, 1_000]) sender.sendFrame(type, new Uint8Array(size).fill(type));
    }
    sender.send(Uint8Array.of(1));
    world.run(() => false, 200);
    const seen: [number, number][] = [];
    for (let frame = receiver.takeFrame(); frame !== undefined; frame = receiver.takeFrame()) {
      assert(frame.bytes.every((byte) => byte === frame.type));
      seen.push([frame.type, frame.bytes.length]);
    }
    assertEquals(
      seen,
      [0x80, 0xff].flatMap((type) => [0, 63, 64, 1_000].map((size) => [type, size] as const)),
    );
    assertEquals(world.responder.received, [Uint8Array.of(1)]);
    const refused = assertThrows(() => sender.sendFrame(0x80, new Uint8Array(70_000)), HawserError);
    assertEquals(refused.code, "packet-too-large");
  }
});

test("frames that nobody takes are bounded by the window", () => {
  const world = new World(5, weather("stream"), { limits: { windowBytes: WINDOW_BYTES_MIN } }).open();
  const { initiator, responder } = world;
  responder.session.frameTypes = new Set([0x90]);
  for (let count = 0; count < 10_000; count++) initiator.session.sendFrame(0x90, new Uint8Array(0));
  world.run(() => false, 1_000);
  let waiting = 0;
  while (responder.session.takeFrame() !== undefined) waiting++;
  assert(waiting > 100 && waiting <= WINDOW_BYTES_MIN / 64, `${waiting} wait`);
  for (let turn = 0; turn < 100 && waiting < 10_000; turn++) {
    world.run(() => false, 10);
    while (responder.session.takeFrame() !== undefined) waiting++;
  }
  assertEquals(waiting, 10_000);
});

test("a small message need not wait for what a large one before it has waited for in vain", () => {
  const world = new World(6, weather("stream"), { limits: { windowBytes: WINDOW_BYTES_MIN } }).open();
  const { initiator, responder } = world;
  responder.session.takeMessage = () => undefined;
  initiator.session.send(new Uint8Array(60_000));
  initiator.session.send(new Uint8Array(30_000));
  world.run(() => false, 100);
  // 30,000 bytes are left, and the reserve.
  initiator.session.send(new Uint8Array(50_000), { channel: "a", until: world.now + 200 });
  world.settle();
  assertEquals(initiator.session.queuedBytes, 50_000);
  world.run(() => initiator.session.queuedBytes === 0, 500);
  initiator.session.send(new Uint8Array(100), { channel: "a" });
  world.settle();
  assertEquals(initiator.session.queuedBytes, 0);
  assertEquals(initiator.session.stats(world.now).expiredMessages, 1);
});
