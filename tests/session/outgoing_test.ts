// What leaves, when the other side is slow, silent or about to hear goodbye.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import type { Codec, SealOptions } from "../../src/codec/codec.ts";
import { createCodec } from "../../src/codec/pick.ts";
import { SESSION_LIMITS } from "../../src/limits.ts";
import { FRAME_WINDOW } from "../../src/wire/frames.ts";
import { FAIR, type Weather, World } from "../simulation/world.ts";

const KINDS = ["stream", "datagram"] as const;

function weather(kind: Weather["kind"]): Weather {
  return { ...FAIR, kind, mtu: kind === "datagram" ? 1_472 : undefined };
}

for (const kind of KINDS) {
  test(`a close waits for all that was sent, however slow the reader (${kind})`, () => {
    const world = new World(1, weather(kind), { limits: { closeMsMax: 60_000 } }).open();
    const { initiator, responder } = world;
    const take = responder.session.takeMessage.bind(responder.session);
    responder.session.takeMessage = () => undefined;
    for (let index = 0; index < 400; index++) initiator.session.send(new Uint8Array(10_000).fill(index));
    initiator.session.close(300, "goodbye", world.now);
    world.run(() => false, 3_000);
    assert(initiator.session.queuedBytes > 0, "the window holds all of it: the test proves nothing");
    assertEquals([initiator.info, responder.info], [undefined, undefined]);

    responder.session.takeMessage = take;
    world.run(() => initiator.info !== undefined && responder.info !== undefined, 60_000);
    assertEquals([initiator.info?.unsentMessages, responder.received.length], [0, 400]);
    assertEquals([responder.info?.code, responder.info?.reason], [300, "goodbye"]);
  });

  test(`pressure goes from 0 to 1 while a reader takes nothing, and back when it does (${kind})`, () => {
    const world = new World(7, weather(kind));
    assertEquals(world.initiator.session.pressure, 0);
    const { initiator, responder } = world.open();
    assertEquals(initiator.session.pressure, 0);
    const take = responder.session.takeMessage.bind(responder.session);
    responder.session.takeMessage = () => undefined;
    let before = 0;
    while (before < 1) {
      for (let count = 0; count < 20; count++) initiator.session.send(new Uint8Array(1_000));
      world.run(() => false, 20);
      const { pressure } = initiator.session;
      // Over datagrams the peer is asked, and says what little is left.
      assert(pressure >= before - 0.1 && pressure <= 1, `from ${before} to ${pressure}`);
      before = Math.max(before, pressure);
    }
    responder.session.takeMessage = take;
    world.run(() => initiator.session.queuedBytes === 0, 60_000);
    world.run(() => false, 100);
    assert(initiator.session.pressure < 0.1, `${initiator.session.pressure} when all is taken`);
  });

  test(`a reader that takes nothing ends the sender after writeMsMax, and not before (${kind})`, () => {
    const world = new World(2, weather(kind), { limits: { writeMsMax: 5_000 } }).open();
    const { initiator, responder } = world;
    responder.session.takeMessage = () => undefined;
    for (let index = 0; index < 400; index++) initiator.session.send(new Uint8Array(10_000));
    world.run(() => false, 2_000);
    assertEquals(initiator.session.state, "open");
    world.run(() => initiator.info !== undefined, 20_000);
    assertEquals(initiator.info?.error?.code, "timeout");
  });

  test(`messages over a limit are refused, and nothing is queued (${kind})`, () => {
    const limits = { messageBytesMax: 5_000, sendQueueBytesHigh: 9_000, sendQueueBytesMax: 10_000 };
    const { initiator } = new World(3, weather(kind), { limits }).open();
    const { session } = initiator;
    const codeOf = (size: number, fragment = true) => {
      try {
        return session.send(new Uint8Array(size), { fragment });
      } catch (error) {
        return error instanceof HawserError ? error.code : error;
      }
    };
    assertEquals([codeOf(5_001), session.queuedBytes], ["packet-too-large", 0]);
    const whole = session.wholeMessageBytesMax;
    if (kind === "datagram") assertEquals(codeOf(whole + 1, false), "packet-too-large");
    // At the high-water mark it is still taken; past the hard bound it is not.
    assertEquals([codeOf(5_000), codeOf(4_999), session.queuedBytes], [true, false, 9_999]);
    assertEquals([codeOf(2), codeOf(1), session.queuedBytes], ["backpressure", false, 10_000]);
  });
}

test("a message that must not be compressed is not, beside others that are (CRIME)", () => {
  let compressing = 0;
  const codec = createCodec({ kind: "wasm" });
  const createSealer = codec.createSealer.bind(codec);
  codec.createSealer = (options) => {
    const sealer = createSealer(options);
    const seal = sealer.seal.bind(sealer);
    sealer.seal = (length: number, how: SealOptions, target: Uint8Array, at: number) => {
      if (how.compress && length > 1_000) compressing++;
      return seal(length, how, target, at);
    };
    return sealer;
  };
  const options = { responderCodec: codec, compression: [["lz4"], ["lz4"]] } as const;
  const world = new World(1, weather("stream"), options).open();
  const sentBy = (compress: boolean) => {
    const before = compressing;
    world.responder.session.send(new Uint8Array(5_000), { compress });
    world.run(() => false, 100);
    return compressing - before;
  };
  assertEquals([sentBy(true), sentBy(false), sentBy(true)], [1, 0, 1]);
});

test("an empty message has its price, so that a peer cannot fill memory with nothing", () => {
  const limits = { windowBytes: 128 * 1024 };
  const world = new World(4, weather("stream"), { limits }).open();
  world.responder.session.takeMessage = () => undefined;
  for (let index = 0; index < 20_000; index++) world.initiator.session.send(new Uint8Array(0));
  world.run(() => false, 5_000);
  const { waitingMessages } = world.responder.session.stats(world.now);
  assert(waitingMessages > 0 && waitingMessages <= 128 * 1024 / 64, `${waitingMessages} messages wait`);
  assertEquals(world.responder.session.state, "open");
});

test("over datagrams a WINDOW that is lost is asked for again", () => {
  // The reader's first WINDOW is lost on its way; nothing else would move the sender again.
  const codec = createCodec({ kind: "wasm" });
  let isLost = false;
  const world: World = new World(5, {
    ...weather("datagram"),
    intercept: (to, packet) => {
      if (to === world.initiator && lastWas(codec, FRAME_WINDOW) && !isLost) return (isLost = true, []);
      return [packet];
    },
  }, { responderCodec: codec, limits: { datagramWindowBytes: 16 * 1024, keepaliveMs: 1e6 } });
  noteFrames(codec);
  world.open();
  for (let index = 0; index < 100; index++) world.initiator.session.send(new Uint8Array(1_000).fill(index));
  world.run(() => world.responder.received.length === 100, 20_000);
  assertEquals([isLost, world.responder.received.length], [true, 100]);
});

test("bytes that are not authentic are no sign of life", () => {
  const forged = new Uint8Array(60).fill(1);
  forged.set([0xde, 0xad, 0xbe, 0xef, 1, 0x0c, 0, 0, 0, 50]);
  let isCut = false;
  const world = new World(6, { ...weather("datagram"), intercept: (_, packet) => isCut ? [] : [packet] })
    .open();
  isCut = true;
  const { keepaliveMs, silentIntervalsMax } = SESSION_LIMITS;
  const since = world.now;
  while (world.responder.info === undefined && world.now - since < 2 * keepaliveMs * silentIntervalsMax) {
    world.responder.session.handleReceive(forged, world.now);
    world.run(() => false, 100);
    world.now = Math.max(world.now, since + 100);
  }
  assertEquals(world.responder.info?.error?.code, "timeout");
});

const firstFrames: WeakMap<Codec, number> = new WeakMap();

/** Whether what `codec` sealed last began with a frame of this type. */
function lastWas(codec: Codec, type: number): boolean {
  return firstFrames.get(codec) === type;
}

function noteFrames(codec: Codec): void {
  const createSealer = codec.createSealer.bind(codec);
  codec.createSealer = (options) => {
    const sealer = createSealer(options);
    const seal = sealer.seal.bind(sealer);
    sealer.seal = (length: number, how: SealOptions, target: Uint8Array, at: number) => {
      firstFrames.set(codec, codec.plaintext[0]);
      return seal(length, how, target, at);
    };
    return sealer;
  };
}
