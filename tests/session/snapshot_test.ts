// Sessions that sleep between messages: what is frozen goes on as if nothing had been, and no nonce is used twice.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { pickCodec } from "../../src/codec/pick.ts";
import { createCodec } from "../../src/codec/pick.ts";
import { Session } from "../../src/session/mod.ts";
import { Random } from "../simulation/random.ts";
import { FAIR, type Side, World } from "../simulation/world.ts";

const STREAM = { ...FAIR, kind: "stream" } as const;

/** Puts the side to sleep and wakes it up in a place that knows nothing but the copy of its snapshot. */
function sleepAndWake(world: World, side: Side): boolean {
  const snapshot = side.session.freeze();
  if (snapshot === undefined) return false;
  side.session = new Session(side.config, world.now, structuredClone(snapshot));
  return true;
}

test("a session that sleeps again and again loses, doubles and reorders nothing, on either side", () => {
  let slept = 0;
  for (let seed = 0; seed < 30; seed++) {
    const random = new Random(seed);
    const world = new World(seed, STREAM, { limits: { rekeyPacketsMax: 7 } }).open();
    const sent = new Map<Side, Uint8Array[]>([[world.initiator, []], [world.responder, []]]);
    for (let step = 0; step < 60; step++) {
      const side = random.chance(0.5) ? world.initiator : world.responder;
      const message = random.bytes(random.chance(0.1) ? 200_000 : random.between(0, 300));
      side.session.send(message);
      sent.get(side)!.push(message);
      if (random.chance(0.8)) world.run(() => false, 50);
      for (const other of [world.initiator, world.responder]) {
        if (random.chance(0.5) && sleepAndWake(world, other)) slept++;
      }
    }
    world.run(() => false, 1_000);
    assertEquals(world.responder.received, sent.get(world.initiator));
    assertEquals(world.initiator.received, sent.get(world.responder));
    assertEquals(world.initiator.session.peer?.metadata.name, "responder");
    world.initiator.session.close(0, "", world.now);
    world.run(() => world.responder.info !== undefined && world.initiator.info !== undefined);
    assertEquals([world.initiator.info?.by, world.responder.info?.by], ["local", "peer"]);
  }
  assert(slept > 500, `slept ${slept} times`);
});

test("what a peer says of itself stays inert through a sleep", () => {
  const world = new World(1, STREAM).open();
  assert(sleepAndWake(world, world.responder));
  const { metadata } = world.responder.session.peer!;
  assertEquals([Object.getPrototypeOf(metadata), metadata.name, metadata.constructor], [
    null,
    "initiator",
    undefined,
  ]);
});

test("nothing is frozen while anything is under way, and never over datagrams or unsealed", () => {
  const world = new World(2, STREAM);
  assertEquals(world.initiator.session.freeze(), undefined); // The handshake.
  world.open();
  assert(world.initiator.session.freeze() !== undefined);
  world.initiator.session.send(new Uint8Array(10));
  assertEquals(world.initiator.session.freeze(), undefined); // It waits to leave.
  const packet = new Uint8Array(world.initiator.session.packetBytesMax);
  const length = world.initiator.session.transmit(packet, 0, world.now);
  const { session } = world.responder;
  session.handleReceive(packet.subarray(0, 5), world.now);
  assertEquals(session.freeze(), undefined); // Half a packet.
  session.handleReceive(packet.subarray(5, length), world.now);
  assertEquals(session.freeze(), undefined); // The application has not taken it.
  session.takeMessage();
  assert(session.freeze() !== undefined);
  session.close(0, "", world.now);
  assertEquals(session.freeze(), undefined);

  assertEquals(
    new World(3, { ...FAIR, kind: "datagram", mtu: 1_472 }).open().responder.session.freeze(),
    undefined,
  );
  assertEquals(
    new World(4, STREAM, { plain: [true, true], inMemory: true }).open().responder.session.freeze(),
    undefined,
  );
});

test("readers say how much of a packet waits, on both codecs", () => {
  for (const codec of [pickCodec(), createCodec({ kind: "reference" })]) {
    const reader = codec.createReader({ datagram: false, packetBytesMax: 1_000_000 });
    const packet = codec.writePacket(16, new Uint8Array(100));
    assertEquals(reader.unread, 0);
    reader.push(packet.subarray(0, 60));
    assertEquals([reader.next(), reader.unread], [false, 60]);
    reader.push(new Uint8Array([...packet.subarray(60), ...packet.subarray(0, 7)]));
    assertEquals([reader.next(), reader.unread], [true, 7]);
    assertEquals([reader.next(), reader.unread], [false, 7]);
  }
});
