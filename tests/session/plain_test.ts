// Packets stay unsealed only where both sides want it and the link never leaves memory.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { connect, listen } from "../../mod.ts";
import { Random } from "../simulation/random.ts";
import { FAIR, type Weather, World, type WorldOptions } from "../simulation/world.ts";

const MARK = new TextEncoder().encode("here is what nobody should be able to read");
const FLAGS_AT = 5;
const FLAG_HANDSHAKE = 16;

function contains(bytes: Uint8Array, part: Uint8Array): boolean {
  return bytes.some((_, at) => part.every((byte, index) => bytes[at + index] === byte));
}

/** Sends the mark both ways; returns the packets behind the handshake. */
function packetsOf(kind: Weather["kind"], options: WorldOptions): Uint8Array[] {
  const packets: Uint8Array[] = [];
  const intercept: Weather["intercept"] = (_, packet) => {
    if (packet[FLAGS_AT] !== FLAG_HANDSHAKE) packets.push(packet);
    return [packet];
  };
  const world = new World(
    1,
    { ...FAIR, kind, mtu: kind === "datagram" ? 1_472 : undefined, intercept },
    options,
  )
    .open();
  for (const side of [world.initiator, world.responder]) side.session.send(MARK);
  world.run(() => world.initiator.received.length === 1 && world.responder.received.length === 1);
  assertEquals([world.initiator.received, world.responder.received], [[MARK], [MARK]]);
  const sealed = [world.initiator, world.responder].map(({ session }) => session.stats(world.now).sealed);
  assertEquals(sealed[0], sealed[1]);
  assertEquals(packets.some((packet) => contains(packet, MARK)), !sealed[0]);
  return packets;
}

test("packets are unsealed where both sides want it on an ordered link in memory", () => {
  for (const packet of packetsOf("stream", { plain: [true, true], inMemory: true })) {
    assertEquals(packet[FLAGS_AT], 0);
  }
});

test("packets are sealed where one side does not want it, or the link is another", () => {
  const cases: [Weather["kind"], WorldOptions][] = [
    ["stream", { plain: [true, false], inMemory: true }],
    ["stream", { plain: [false, true], inMemory: true }],
    ["stream", { plain: [true, true] }],
    ["stream", { plain: [true, true], inMemory: false }],
    ["datagram", { plain: [true, true], inMemory: true }],
  ];
  for (const [kind, options] of cases) {
    for (const packet of packetsOf(kind, options)) assert(packet[FLAGS_AT] & 4);
  }
});

test("a sealed lane takes no unsealed packet, and a plain lane no other", () => {
  for (const plain of [true, false]) {
    const world = new World(2, { ...FAIR, kind: "stream" }, { plain: [plain, plain], inMemory: true })
      .open();
    const { session } = world.responder;
    const body = new Uint8Array(20);
    session.handleReceive(
      new Uint8Array([0xde, 0xad, 0xbe, 0xef, 1, plain ? 4 : 0, 0, 0, 0, 20, ...body]),
      world.now,
    );
    world.settle();
    assertEquals(world.responder.info?.error?.code, "protocol");
  }
});

test("a plain session carries messages of every size both ways, and closes in order", () => {
  const limits = { rekeyPacketsMax: 3 };
  const world = new World(3, { ...FAIR, kind: "stream" }, { plain: [true, true], inMemory: true, limits })
    .open();
  const random = new Random(3);
  const messages = [0, 1, 100, 65_000, 65_536, 300_000, 5].map((length) => random.bytes(length));
  for (const side of [world.initiator, world.responder]) {
    for (const message of messages) side.session.send(message);
  }
  world.initiator.session.close(0, "", world.now);
  world.run(() => world.initiator.info !== undefined && world.responder.info !== undefined);
  assertEquals(world.responder.received, messages);
  assertEquals([world.initiator.info?.by, world.responder.info?.by], ["local", "peer"]);
  assertEquals(world.nonces.size, 0);
});

test("mem:// is plain with the option on both ends; tcp:// is sealed whatever the option says", async () => {
  await using server = await listen(["mem://plain-test", "tcp://127.0.0.1:0"], { plain: true });
  server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
  const cases = [[server.urls[0], true, false], [server.urls[0], false, true], [
    server.urls[1],
    true,
    true,
  ]] as const;
  for (const [url, plain, sealed] of cases) {
    await using connection = await connect(url, { plain });
    connection.send(MARK);
    assertEquals(await connection.receive({ timeoutMs: 5_000 }), MARK);
    assertEquals(connection.stats().sealed, sealed);
    assertEquals(connection.peer.id, server.id);
  }
});
