// A message that leaves with the first packet: who gets it, how often, and what its sender hears. THREATS row 4.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { EARLY_BYTES_MAX } from "../../src/handshake_limits.ts";
import { AMPLIFICATION_MAX, HELLO_METADATA_BYTES_MAX } from "../../src/limits.ts";
import { EarlyGuard, type HandshakeTerms, Session } from "../../src/session/mod.ts";
import { HANDSHAKE_PREFIX_BYTES, HEADER_BYTES } from "../../src/wire/header.ts";
import { FAIR, type Weather, World, type WorldOptions } from "../simulation/world.ts";

const SCALE = Number(process.env.HAWSER_SCALE ?? 1);
const KINDS = ["stream", "datagram"] as const;
const seed = new Uint8Array(32).fill(7);
const IK: HandshakeTerms = { patterns: ["IK"] };
const SEEDED: HandshakeTerms = { patterns: ["IK"], seed };
const BYTES = new TextEncoder().encode("before anything else");
const LATER = new TextEncoder().encode("after it");

function weather(kind: Weather["kind"], more: Partial<Weather> = {}): Weather {
  return { ...FAIR, kind, mtu: kind === "datagram" ? 1_200 : undefined, ...more };
}

function options(terms: HandshakeTerms, guard: EarlyGuard | undefined, bytes = BYTES): WorldOptions {
  return {
    terms: [terms, terms],
    early: { bytes, at: 0 },
    takesEarly: (early, now) => guard?.admit(early, now) ?? false,
  };
}

for (const kind of KINDS) {
  test(`early data is there before the listener has said a word, and its sender hears that it was taken (${kind})`, () => {
    for (const terms of [IK, SEEDED]) {
      const world = new World(1, weather(kind), options(terms, new EarlyGuard(-Infinity)));
      world.run(() => world.responder.early.length > 0);
      assertEquals([world.initiator.session.state, world.responder.early], ["await-response", [BYTES]]);
      world.open();
      assert(world.initiator.session.isEarlyTaken);
      world.initiator.session.send(LATER);
      world.run(() => world.responder.received.length > 0);
      assertEquals([world.responder.received, world.responder.early], [[LATER], [BYTES]]);
    }
  });

  test(`a listener that does not take it opens all the same, and says so (${kind})`, () => {
    const world = new World(2, weather(kind), options(IK, undefined)).open();
    assertEquals([world.initiator.session.state, world.responder.session.state], ["open", "open"]);
    assertEquals([world.initiator.session.isEarlyTaken, world.responder.early], [false, []]);
  });

  test(`an INIT that is not sealed for the listener carries none (${kind})`, () => {
    const others: HandshakeTerms[] = [{ patterns: ["XX"] }, { patterns: ["NN"], seed }];
    for (const terms of others) {
      const packets: Uint8Array[] = [];
      const intercept = (_: unknown, packet: Uint8Array) => {
        packets.push(packet);
        return [packet];
      };
      const world = new World(3, weather(kind, { intercept }), options(terms, new EarlyGuard(-Infinity)));
      world.open();
      assertEquals([world.initiator.session.state, world.initiator.session.isEarlyTaken], ["open", false]);
      assertEquals(world.responder.early, []);
      assert(!packets.some((packet) => contains(packet, BYTES)));
    }
  });

  test(`a peer that is not welcome hands in nothing (${kind})`, () => {
    const world = new World(4, weather(kind), options(IK, new EarlyGuard(-Infinity)));
    world.responder.welcomes = false;
    world.run(() => world.initiator.info !== undefined, 20_000);
    assertEquals([world.responder.early, world.initiator.info?.error?.code], [[], "not-authorised"]);
  });

  test(`recorded and replayed in any order, it is taken once (${kind})`, () => {
    const guard = new EarlyGuard(-Infinity);
    const recorded: Uint8Array[] = [];
    const original: World = new World(
      5,
      weather(kind, {
        intercept: (to, packet) => {
          if (to === original.responder) recorded.push(packet);
          return [packet];
        },
      }),
      options(SEEDED, guard),
    );
    original.open();
    original.initiator.session.send(LATER);
    original.run(() => original.responder.received.length > 0);
    assertEquals(original.responder.early.length, 1);

    const { random, responder } = original;
    let seen = 0;
    for (let count = 0; count < 150 * SCALE; count++) {
      const victim = new Session(responder.config, 0);
      for (let each = 0; each < 4; each++) {
        const index = each === 0 && random.chance(0.8) ? 0 : random.between(0, recorded.length - 1);
        victim.handleReceive(recorded[index], 0);
        for (let event = victim.takeEvent(); event !== undefined; event = victim.takeEvent()) {
          if (event.type !== "peer") continue;
          const { early } = victim;
          assertEquals(early?.bytes, BYTES);
          assert(!guard.admit(early!, random.between(0, 20_000)), "a replay was taken");
          seen++;
          victim.accept(0, false);
        }
      }
      // What follows INIT is sealed with keys that only the first answer led to.
      assert(victim.state !== "open" && victim.takeMessage() === undefined);
    }
    assert(seen > 50, `only ${seen} replays came that far`);
  });

  test(`in bad weather it is taken once, or the handshake failed (${kind})`, () => {
    let taken = 0;
    for (let number = 0; number < 60 * SCALE; number++) {
      const isDatagram = kind === "datagram";
      const faults = { loss: 0.2, duplication: 0.2, corruption: 0.1 };
      const bad = weather(kind, { delayMsMax: 300, ...isDatagram && faults });
      const world = new World(number, bad, options(IK, new EarlyGuard(-Infinity))).open();
      const { initiator, responder } = world;
      assert(responder.early.length <= 1, `seed ${number}`);
      if (initiator.session.state !== "open") continue;
      assertEquals([initiator.session.isEarlyTaken, responder.early], [true, [BYTES]], `seed ${number}`);
      taken++;
    }
    assert(taken > 40, `${taken} were taken`);
  });
}

test("no bit of an INIT with early data can be changed, but in the id of the handshake, which stands in clear", () => {
  // Behind the header, the kind and the id.
  const start = 8 * (HEADER_BYTES + HANDSHAKE_PREFIX_BYTES);
  let length = Infinity;
  for (let bit = start; bit < 8 * length; bit += 7) {
    const world: World = new World(
      6,
      weather("stream", {
        intercept: (to, packet) => {
          if (to !== world.responder) return [packet];
          length = packet.length;
          packet[bit >>> 3] ^= 1 << (bit & 7);
          return [packet];
        },
      }),
      options(IK, new EarlyGuard(-Infinity)),
    );
    world.run(() => world.responder.info !== undefined, 5_000);
    assertEquals(world.responder.early, [], `bit ${bit}`);
    assertEquals(world.responder.info?.error?.code, "handshake-failed", `bit ${bit}`);
  }
  assert(length > 150);
});

test("as much as there may be fits a datagram of 1,200 bytes, and the answer stays below three times that", () => {
  const sizes: number[][] = [[], []];
  const world: World = new World(
    7,
    weather("datagram", {
      intercept: (to, packet) => {
        sizes[to === world.initiator ? 1 : 0].push(packet.length);
        return [packet];
      },
    }),
    options(SEEDED, new EarlyGuard(-Infinity), new Uint8Array(EARLY_BYTES_MAX).fill(3)),
  );
  world.open();
  assertEquals(world.responder.early[0].length, EARLY_BYTES_MAX);
  const [[init], [response]] = sizes;
  assert(init <= 1_200 && response <= AMPLIFICATION_MAX * init, `${response} bytes for ${init}`);
});

test("early data and metadata that do not fit one datagram together are refused, and the error says what to do", () => {
  const { config } = new World(8, weather("datagram"), options(IK, undefined)).initiator;
  const metadata = { k: "x".repeat(HELLO_METADATA_BYTES_MAX - 3) };
  const early = { bytes: new Uint8Array(EARLY_BYTES_MAX), at: 0 };
  const error = assertThrows(
    () => new Session({ ...config, metadata, early }, 0),
    HawserError,
    "earlyData",
  );
  assertEquals(error.code, "packet-too-large");
});

function contains(bytes: Uint8Array, part: Uint8Array): boolean {
  for (let at = 0; at + part.length <= bytes.length; at++) {
    if (part.every((byte, index) => bytes[at + index] === byte)) return true;
  }
  return false;
}
