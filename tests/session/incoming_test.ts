// Much that arrives at once: the application gets the first of it before the rest is opened.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { FAIR, type Side, World } from "../simulation/world.ts";

/** All that a side has to send, as one piece. */
function drain({ session }: Side, now: number): Uint8Array {
  const packets: Uint8Array[] = [];
  for (let size = session.packetBytesMax; size > 0; size = session.packetBytesMax) {
    const packet = new Uint8Array(size);
    const length = session.transmit(packet, 0, now);
    if (length === 0) break;
    packets.push(packet.subarray(0, length));
  }
  return new Uint8Array(packets.flatMap((packet) => [...packet]));
}

test("a piece of several large packets is opened one by one, and nothing of it is lost", () => {
  const world = new World(1, { ...FAIR, kind: "stream" }).open();
  const { session } = world.responder;
  const messages = [1, 2, 3, 4].map((value) => new Uint8Array(60_000).fill(value));
  for (const message of messages) world.initiator.session.send(message, { compress: false });
  const piece = drain(world.initiator, world.now);
  const more: boolean[] = [];
  const taken: (Uint8Array | undefined)[] = [];
  for (const bytes of [piece, undefined, undefined, undefined, undefined]) {
    more.push(session.handleReceive(bytes, world.now));
    taken.push(session.takeMessage());
  }
  assertEquals(more, [true, true, true, true, false]);
  assertEquals(taken, [...messages, undefined]);
});

test("small packets of one piece are opened together", () => {
  const world = new World(2, { ...FAIR, kind: "stream" }).open();
  const { session } = world.responder;
  const pieces: Uint8Array[] = [];
  for (let value = 0; value < 20; value++) {
    world.initiator.session.send(Uint8Array.of(value));
    pieces.push(drain(world.initiator, world.now));
  }
  assertEquals(
    session.handleReceive(new Uint8Array(pieces.flatMap((piece) => [...piece])), world.now),
    false,
  );
  for (let value = 0; value < 20; value++) assertEquals(session.takeMessage(), Uint8Array.of(value));
});
