// New keys while both sides send: by packets, by bytes, by time, on links of both kinds, after every handshake.
// The world notes every key and nonce, and ends the test where one comes twice.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EPOCH_PACKETS_MIN } from "../../src/handshake_limits.ts";
import type { SessionLimits } from "../../src/limits.ts";
import type { HandshakeTerms } from "../../src/session/patterns.ts";
import { FAIR, type Side, type Weather, World } from "../simulation/world.ts";

const seed = new Uint8Array(32).fill(5);
const TERMS: readonly HandshakeTerms[] = [{ patterns: ["XX"] }, { patterns: ["IK"], seed }, {
  patterns: ["NN"],
  seed,
}];
const MESSAGES = 120;

const BOUNDS: readonly [name: string, Partial<SessionLimits>, min: number][] = [
  ["packets", { rekeyPacketsMax: 4 }, 20],
  ["bytes", { rekeyBytesMax: 4_000 }, 12],
  // Each message is followed by 10 ms.
  ["time", { rekeyMsMax: 50 }, 15],
];

for (const kind of ["stream", "datagram"] as const) {
  for (const [name, limits, min] of BOUNDS) {
    test(`keys change by ${name} while both sides send, and nothing is lost (${kind})`, () => {
      for (const terms of TERMS) {
        const world = new World(1, weather(kind, { delayMsMax: 5 }), { limits, terms: [terms, terms] })
          .open();
        const { initiator, responder } = world;
        converse(world, 500);
        for (const side of [initiator, responder]) {
          assertEquals(side.info, undefined);
          assertEquals(
            side.received.map(numberOf).sort((a, b) => a - b),
            Array.from({ length: MESSAGES }, (_, i) => i),
          );
          // The age of a key counts over datagrams once it has sealed some packets.
          const epochsMin = kind === "stream" ? min : Math.min(min, MESSAGES / EPOCH_PACKETS_MIN - 1);
          const { sent, received } = side.session.stats(world.now);
          assert(sent.rekeys >= epochsMin, `${side.name}: ${sent.rekeys} epochs`);
          assert(received.rekeys >= epochsMin, `${side.name}: ${received.rekeys} epochs`);
        }
      }
    });
  }
}

test("keys change over a link that loses, doubles and delays, and both sides stay together", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const bad = weather("datagram", { loss: 0.1, duplication: 0.1, delayMsMax: 30 });
    const limits = { rekeyPacketsMax: 17 + seed, rekeyMsMax: 40 };
    const world = new World(seed, bad, { limits }).open();
    if (world.responder.session.state !== "open") continue;
    converse(world, 200);
    for (const side of [world.initiator, world.responder]) {
      const numbers = side.received.map(numberOf);
      assertEquals(new Set(numbers).size, numbers.length);
      assert(numbers.length > MESSAGES / 2, `seed ${seed}: ${numbers.length} of ${MESSAGES}`);
      assert(numbers.some((number) => number >= MESSAGES - 10), `seed ${seed}: the last ones were lost`);
      assert(side.session.stats(world.now).received.rekeys >= 3);
    }
  }
});

test("a key that sealed nothing is kept, however old it is", () => {
  const world = new World(1, weather("stream"), { limits: { rekeyMsMax: 50, keepaliveMs: 60_000 } }).open();
  world.run(() => false, 30_000);
  assertEquals(world.initiator.session.stats(world.now).sent.rekeys, 0);
});

test("over datagrams a lonely packet that is lost takes no epoch with it, however rarely one is sent", () => {
  let isLost = false;
  const intercept = (_: Side, packet: Uint8Array) => isLost ? [] : [packet];
  const limits = { rekeyMsMax: 50, keepaliveMs: 1e6 };
  const world = new World(1, weather("datagram", { intercept }), { limits }).open();
  const { initiator, responder } = world;
  for (let index = 0; index < 100; index++) {
    isLost = index % 3 === 0;
    world.now += 100; // Each is the first of a new epoch, if its age alone decides.
    initiator.session.send(Uint8Array.of(index));
    world.settle();
    isLost = false;
    world.run(() => responder.received.at(-1)?.[0] === index, 20);
  }
  assertEquals(responder.received.length, 66);
  assert(responder.session.stats(world.now).received.rekeys >= 4);
});

function weather(kind: Weather["kind"], more: Partial<Weather> = {}): Weather {
  return { ...FAIR, kind, mtu: kind === "datagram" ? 1_472 : undefined, ...more };
}

/** Both sides send a numbered message of `size` bytes every 10 ms. */
function converse(world: World, size: number): void {
  const send = ({ session }: Side, index: number) => {
    const message = new Uint8Array(size);
    new DataView(message.buffer).setUint32(0, index);
    session.send(message, { compress: false });
  };
  for (let index = 0; index < MESSAGES; index++) {
    send(world.initiator, index);
    send(world.responder, index);
    const until = world.now + 10;
    world.run(() => false, 10);
    world.now = Math.max(world.now, until);
  }
  world.run(() => false, 200);
}

function numberOf(message: Uint8Array): number {
  return new DataView(message.buffer, message.byteOffset).getUint32(0);
}
