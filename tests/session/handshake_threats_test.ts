// What a hostile network does to the handshake: THREATS rows 1, 3, 4, 6, 13 and 14.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { AMPLIFICATION_MAX } from "../../src/limits.ts";
import { FLAG_HANDSHAKE, HEADER_BYTES } from "../../src/wire/header.ts";
import { FAIR, type Side, type Weather, World } from "../simulation/world.ts";

const KINDS = ["stream", "datagram"] as const;
const SECRET = new TextEncoder().encode("for your eyes only");

function weather(kind: Weather["kind"], intercept?: Weather["intercept"]): Weather {
  return { ...FAIR, kind, mtu: kind === "datagram" ? 1_472 : undefined, intercept };
}

function flip(packet: Uint8Array, bit: number): Uint8Array {
  const changed = packet.slice();
  changed[bit >>> 3] ^= 1 << (bit & 7);
  return changed;
}

for (const kind of KINDS) {
  test(`a peer that is not the expected one gets no byte of the application (${kind})`, () => {
    for (const role of ["initiator", "responder"] as const) {
      const world = new World(1, weather(kind));
      world[role].welcomes = false;
      world.open();
      for (const side of [world.initiator, world.responder]) {
        let hasSent = false;
        try {
          side.session.send(SECRET.slice());
          hasSent = true;
        } catch { /* Not open: as it must be. */ }
        assertEquals(hasSent, false);
      }
      world.run(() => false, 20_000);
      assertEquals([world.initiator.received, world.responder.received], [[], []]);
      assertEquals(world[role].info?.error?.code, "not-authorised");
      assertEquals(world[role].info?.by, "local");
    }
  });

  test(`no bit of a handshake packet can be changed (${kind})`, () => {
    for (let index = 0; index < 3; index++) everyBit(kind, index);
  });

  test(`our own packets, looped back, open nothing (${kind})`, () => {
    const world: World = new World(
      3,
      weather(kind, (to, packet) => {
        const from = to === world.initiator ? world.responder : world.initiator;
        world.inject(from, packet);
        return [];
      }),
    );
    world.open();
    assert(world.initiator.session.state !== "open" && world.responder.session.state !== "open");
  });
}

/** Flips each bit of the handshake packet number `index`: a stream ends, a datagram is passed over. */
function everyBit(kind: Weather["kind"], index: number): void {
  let length = Infinity;
  // Steps that meet every bit position of a byte, and every byte.
  for (let bit = 0; bit < length * 8; bit += kind === "stream" ? 3 : 5) {
    let count = 0;
    const world = new World(
      2,
      weather(kind, (_, packet) => {
        if ((packet[5] & FLAG_HANDSHAKE) === 0 || count++ !== index) return [packet];
        length = packet.length;
        return [flip(packet, bit)];
      }),
    );
    world.open();
    if (kind === "datagram") {
      // The id that the initiator gave to its INIT: changed, it is another handshake, for another session.
      if (index === 0 && bit >= 88 && bit < 152) continue;
      assertEquals(
        world.initiator.session.state,
        "open",
        `packet ${index}, bit ${bit}: the resent one was not taken`,
      );
      continue;
    }
    const isOpen = world.initiator.session.state === "open" || world.responder.session.state === "open";
    assert(!isOpen, `packet ${index}, bit ${bit}: a changed handshake was accepted`);
  }
}

test("a recorded handshake, replayed in any order, makes no session", () => {
  const recorded: Uint8Array[] = [];
  const original: World = new World(
    4,
    weather("datagram", (to, packet) => {
      if (to === original.responder) recorded.push(packet);
      return [packet];
    }),
  );
  original.open();
  original.initiator.session.send(SECRET.slice());
  original.settle();

  const victim = new World(5, weather("datagram"));
  victim.run(() => true);
  for (let count = 0; count < 10_000; count++) {
    const packet = recorded[victim.random.between(0, recorded.length - 1)];
    victim.responder.session.handleReceive(packet, victim.now);
    victim.settle();
  }
  assert(victim.responder.session.state !== "open");
  assertEquals(victim.responder.received, []);
});

test("whatever is wrong with a handshake, the answer is the same: one REFUSAL, equal byte for byte", () => {
  const answers = new Set<string>();
  // Behind the header, of which a liar hears nothing. A CONFIRM has more than 100 bytes.
  for (let bit = 8 * HEADER_BYTES; bit < 8 * 100; bit += 7) {
    let count = 0;
    const seen: number[] = [];
    const world: World = new World(
      7,
      weather("stream", (to, packet) => {
        if (to === world.initiator && count > 2) seen.push(...packet);
        return [count++ === 2 ? flip(packet, bit) : packet];
      }),
    );
    world.open();
    answers.add(seen.join());
    assertEquals(world.initiator.info?.error?.code, "handshake-failed");
  }
  assertEquals(answers.size, 1);
});

test("an address that is not proved gets at most three times what came from it", () => {
  const received = new Map<Side, number>();
  const sent = new Map<Side, number>();
  const add = (to: Map<Side, number>, side: Side, bytes: number) => to.set(side, (to.get(side) ?? 0) + bytes);
  const world: World = new World(
    8,
    weather("datagram", (to, packet) => {
      add(received, to, packet.length);
      if (to === world.initiator) add(sent, world.responder, packet.length);
      // The initiator never answers: its address is forged.
      return to === world.initiator ? [] : [packet];
    }),
  );
  world.open();
  const ratio = (sent.get(world.responder) ?? 0) / (received.get(world.responder) ?? 1);
  assert(ratio > 0 && ratio <= AMPLIFICATION_MAX, `${ratio} times`);

  const inits: Uint8Array[] = [];
  const recordInit = (_: Side, packet: Uint8Array) => (inits.push(packet), []);
  new World(9, weather("stream", recordInit)).run(() => true);
  const victim = new World(10, weather("datagram"));
  victim.run(() => true);
  victim.responder.session.handleReceive(inits[0], victim.now);
  assertEquals(victim.responder.session.packetBytesMax, 0, "an INIT without padding was answered");
});
