// What a hostile network, or a hostile peer, does to an open session: THREATS rows 9, 10, 11, 18, 26, 32 and 33.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { SESSION_LIMITS } from "../../src/limits.ts";
import { FLAG_HANDSHAKE } from "../../src/wire/header.ts";
import { Random } from "../simulation/random.ts";
import { FAIR, type Side, type Weather, World } from "../simulation/world.ts";

const isSealed = (packet: Uint8Array) => (packet[5] & FLAG_HANDSHAKE) === 0;

function weather(kind: Weather["kind"], intercept?: Weather["intercept"]): Weather {
  return { ...FAIR, kind, mtu: kind === "datagram" ? 1_472 : undefined, intercept };
}

function talk(world: World, count: number): void {
  for (let index = 0; index < count; index++) {
    world.initiator.session.send(new Uint8Array([index]));
    world.run(() => false, 10);
  }
}

test("a forgery between every two datagrams changes nothing", () => {
  const world = new World(
    1,
    weather("datagram", (_, packet) => {
      const forged = packet.slice();
      forged[packet.length - 1] ^= 1;
      return isSealed(packet) ? [forged, packet, forged] : [packet];
    }),
  ).open();
  talk(world, 50);
  assertEquals(
    world.responder.received.map(([index]) => index),
    Array.from({ length: 50 }, (_, index) => index),
  );
  assert(world.responder.session.stats(world.now).openFailures >= 100);
});

test("a forgery on an ordered lane ends the session, and nothing behind it is delivered", () => {
  let count = 0;
  const intercept = (to: Side, packet: Uint8Array) => {
    if (to.name === "responder" && isSealed(packet) && count++ === 10) packet[12] ^= 1;
    return [packet];
  };
  const world = new World(2, weather("stream", intercept)).open();
  for (let index = 0; index < 50 && world.initiator.session.state === "open"; index++) talk(world, 1);
  assertEquals(world.responder.info?.error?.code, "open-failed");
  assertEquals(world.initiator.info?.by, "peer");
  assert(world.responder.received.length < 50);
});

test("a session ends when too many packets fail to open", () => {
  const world = new World(3, weather("datagram"), { limits: { openFailuresMax: 100, rekeyPacketsMax: 2 } })
    .open();
  talk(world, 1);
  const forged = new Uint8Array(60).fill(1);
  forged.set([0xde, 0xad, 0xbe, 0xef, 1, 0x0c, 0, 0, 0, 50]);
  for (let count = 0; count < 99; count++) {
    world.responder.session.handleReceive(forged, world.now);
    // What is authentic between them, and a new key, do not make up for a forgery.
    if (count % 30 === 0) talk(world, 1);
  }
  assertEquals([world.responder.session.state, world.responder.received.length], ["open", 5]);
  world.responder.session.handleReceive(forged, world.now);
  world.settle();
  assertEquals(world.responder.session.state, "closed");
  assertEquals(world.responder.info?.error?.code, "open-failed");
});

test("a replayed datagram is delivered at most once", () => {
  const seen: Uint8Array[] = [];
  const world = new World(
    4,
    weather("datagram", (_, packet) => {
      if (isSealed(packet)) seen.push(packet);
      return [packet];
    }),
  ).open();
  talk(world, 30);
  for (const packet of [...seen, ...seen.toReversed()]) world.inject(world.responder, packet.slice());
  world.run(() => false, 100);
  assertEquals(world.responder.received.length, 30);
  assert(world.responder.session.stats(world.now).replays >= 30);
});

for (const kind of ["stream", "datagram"] as const) {
  test(`a reader that stops bounds what is held, and stops the sender (${kind})`, () => {
    const world = new World(5, weather(kind)).open();
    const { initiator, responder } = world;
    responder.isSlow = true;
    responder.session.takeMessage = () => undefined;
    let isCongested = false;
    for (let count = 0; count < 10_000 && !isCongested; count++) {
      isCongested = !initiator.session.send(new Uint8Array(1_000));
      world.run(() => false, 1);
    }
    assert(isCongested, "send never said that there is no room");
    world.run(() => false, 60_000);
    assertEquals([initiator.session.state, responder.session.state], ["open", "open"]);
    const window = kind === "stream" ? SESSION_LIMITS.windowBytes : SESSION_LIMITS.datagramWindowBytes;
    assert(responder.session.stats(world.now).waitingMessages * 1_000 <= window);
    assert(initiator.session.queuedBytes >= SESSION_LIMITS.sendQueueBytesHigh);
  });

  test(`a peer that is cut off is noticed after four silent intervals (${kind})`, () => {
    for (const cut of ["both", "to initiator", "to responder"]) {
      let isCut = false;
      const intercept = (to: Side, packet: Uint8Array) => {
        const isHit = cut === "both" || cut === `to ${to.name}`;
        return isCut && isHit ? [] : [packet];
      };
      const world = new World(6, weather(kind, intercept)).open();
      talk(world, 3);
      isCut = true;
      const since = world.now;
      world.run(() => world.initiator.info !== undefined && world.responder.info !== undefined, 60_000);
      const ends = [world.initiator.info?.error?.code, world.responder.info?.error?.code];
      assert(ends.includes("timeout"), `${cut}: ${ends}`);
      // Whoever still hears learns it from the other's CLOSE, or from its silence.
      const limit = 2 * SESSION_LIMITS.keepaliveMs * SESSION_LIMITS.silentIntervalsMax;
      assert(world.now - since <= limit, `${cut}: noticed only after ${world.now - since} ms`);
    }
  });
}

test("a flood of pings is answered with one pong at a time", () => {
  const world = new World(7, weather("stream")).open();
  const { initiator, responder } = world;
  for (let count = 0; count < 1_000; count++) {
    initiator.session.ping(world.now);
    const packet = new Uint8Array(initiator.session.packetBytesMax);
    const length = initiator.session.transmit(packet, 0, world.now);
    responder.session.handleReceive(packet.subarray(0, length), world.now);
  }
  const answer = new Uint8Array(responder.session.packetBytesMax);
  const length = responder.session.transmit(answer, 0, world.now);
  assert(length > 0 && length < 60, `${length} bytes of answer`);
  assertEquals(responder.session.packetBytesMax, 0);
});

test("only the clock that is passed in decides: a leap of the driver's clock makes one ping, not an end", () => {
  const world = new World(8, weather("stream")).open();
  world.now += 365 * 86_400_000;
  world.initiator.session.handleTimeout(world.now);
  world.responder.session.handleTimeout(world.now);
  world.run(() => false, 5_000);
  assertEquals([world.initiator.session.state, world.responder.session.state], ["open", "open"]);
});

for (const kind of ["stream", "datagram"] as const) {
  test(`a peer with keys and no manners can end its session, and nothing worse (${kind})`, () => {
    let ended = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const random = new Random(seed);
      const mangle = (body: Uint8Array) => {
        if (random.chance(0.2)) body.set(random.bytes(random.between(0, Math.min(body.length, 12))));
        if (random.chance(0.2)) body[random.between(0, body.length - 1)] ^= 1 << random.between(0, 7);
      };
      const world = new World(seed, weather(kind), { mangle }).open();
      for (let count = 0; count < 20 && world.initiator.session.state === "open"; count++) {
        world.initiator.session.send(random.bytes(random.between(0, 3_000)));
        world.run(() => false, 5);
      }
      const { info } = world.responder;
      if (info?.error !== undefined) ended++;
      const { waitingMessages } = world.responder.session.stats(world.now);
      assert(waitingMessages <= 20, `seed ${seed}: ${waitingMessages} messages wait`);
      world.run(() => false, 20_000);
    }
    assert(ended > 100, `only ${ended} of 400 were noticed`);
  });
}

test("frames of the application's types are passed over, and unknown ones of the protocol are not", () => {
  const answerTo = (frames: number[]) => {
    const world = new World(9, weather("stream"), {
      mangle: (body) => {
        if (body[0] === 1) body.set(frames);
      },
    }).open();
    world.initiator.session.send(new Uint8Array(20));
    world.run(() => false, 100);
    return world.responder.info?.error?.code;
  };
  // Types 0x80 and 0xff with a length, then padding.
  assertEquals(answerTo([0x40, 0x80, 3, 1, 2, 3, 0x40, 0xff, 0, ...new Array(13).fill(0)]), undefined);
  assertEquals(answerTo([0x3f]), "protocol");
  assertEquals(answerTo([0x41, 0x00, 0]), "protocol");
});

test("over datagrams, a close whose answers are all lost is an orderly end all the same", () => {
  let isCut = false;
  const intercept = (to: Side, packet: Uint8Array) => isCut && to.name === "initiator" ? [] : [packet];
  const world = new World(10, weather("datagram", intercept)).open();
  isCut = true;
  const since = world.now;
  world.initiator.session.close(300, "bye", world.now);
  world.run(() => world.initiator.info !== undefined, 20_000);
  const { code, by, error } = world.initiator.info!;
  assertEquals([code, by, error], [300, "local", undefined]);
  assert(world.now - since <= 1_500, `${world.now - since} ms`);
  assertEquals(world.responder.info?.code, 300);
});
