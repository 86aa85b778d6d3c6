// One conversation, whose link dies at each of its packets in turn, and the next link at each step of coming back.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { WINDOW_BYTES_MIN } from "../../src/limits.ts";
import { Random } from "./random.ts";
import { Rows } from "./rows.ts";
import { assertQuiet, type Death, SUDDEN, type SurvivalOptions, SurvivalWorld } from "./survival_world.ts";

const DEATHS: readonly Death[] = [
  SUDDEN,
  // All that left arrives, and the two hear of it one after the other.
  { arrives: [1, 1], heardMs: [0, 30] },
  { arrives: [0, 1], heardMs: [20, 0] },
  // Only one side hears of it, and comes back while the other has noticed nothing.
  { arrives: [1, 0], heardMs: [0, Infinity] },
];

/** The packets at which links die, counted from the first of all, each with its kind of death. */
type Plan = readonly (readonly [packet: number, death: Death])[];

/** Both sides say much and little, with new keys every few packets. Returns the world at the end of it. */
function converse(
  plan: Plan,
  options: SurvivalOptions = {},
  plant: (world: SurvivalWorld) => void = () => {},
): SurvivalWorld {
  const random = new Random(31);
  const world = new SurvivalWorld(31, {
    limits: { rekeyPacketsMax: 3, windowBytes: WINDOW_BYTES_MIN, replayBytesMax: 100_000 },
    ...options,
  });
  const left = [...plan];
  world.onPacket = (count) => {
    if (left[0]?.[0] !== count) return;
    plant(world);
    world.cut(left.shift()![1]);
  };
  const rows = [new Rows(), new Rows()];
  let toSay = 16;
  const isOver = () => {
    const mayTalk = world.initiator.session.state === "open" || world.initiator.resumed > 0;
    for (const [index, { session }] of world.sides.entries()) {
      const isAlive = session.state === "open" || session.state === "suspended";
      if (isAlive && mayTalk && toSay-- > 0) {
        for (let count = 0; count < 2; count++) rows[index].say(session, random, 40_000);
      }
      rows[1 - index].take(session, random);
    }
    world.settle();
    return world.sides.some(({ info }) => info !== undefined) ||
      (toSay <= 0 && rows.every(({ isComplete }) => isComplete) && left.length === 0);
  };
  for (let round = 0; round < 400 && !isOver(); round++) world.run(isOver, 50);
  if (world.sides.some(({ info }) => info !== undefined)) {
    world.run(() => world.initiator.info !== undefined, 20_000);
    return world;
  }
  assert(rows.every(({ isComplete }) => isComplete), "a conversation does not come to its end");
  world.run(() => world.isOpen && left.length === 0, 20_000);
  world.run(() => false, 500);
  assertQuiet(world);
  return world;
}

function attempt(plan: Plan): SurvivalWorld {
  try {
    return converse(plan);
  } catch (error) {
    const when = plan.map(([packet, death]) => `${packet} as ${DEATHS.indexOf(death)}`).join(", then ");
    throw new Error(`cut at packet ${when}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

const whole = converse([]).packets;

test(`Simulation: a link that dies at any of ${whole} packets loses and doubles nothing`, () => {
  let resumed = 0;
  for (let packet = 1; packet <= whole; packet++) {
    for (const death of DEATHS) {
      const { initiator } = attempt([[packet, death]]);
      // Before the first handshake is over there is nothing to go on with.
      if (initiator.info !== undefined) assert(packet <= 4 && initiator.info.error !== undefined);
      else resumed += initiator.resumed;
    }
  }
  assert(resumed > 2 * whole, `only ${resumed} resumptions`);
});

test("Simulation: a link that dies at any step of coming back loses and doubles nothing", () => {
  for (let packet = 5; packet <= whole; packet += 4) {
    // INIT, RESPONSE, CONFIRM, RESUMED, and what is said again.
    for (let step = 1; step <= 8; step++) {
      const [one, other] = [DEATHS[step % DEATHS.length], DEATHS[(packet + step) % DEATHS.length]];
      const { initiator } = attempt([[packet, one], [packet + step, other], [packet + step + 3, SUDDEN]]);
      assertEquals(initiator.info, undefined);
    }
  }
});

// What the simulation holds must be able to fail: a bug of each kind is planted just before the link dies.

test("Simulation: a packet that is forgotten, or taken twice, is found", () => {
  const forget = (world: SurvivalWorld) => void world.responder.session.survival.resumption!.received++;
  const repeat = (world: SurvivalWorld) => void world.responder.session.survival.resumption!.received--;
  for (const plant of [forget, repeat]) {
    assertThrows(() => converse([[9, SUDDEN]], {}, plant), Error, "came where");
  }
});

test("Simulation: packets that are said again in another order are found", () => {
  const reverse = ({ initiator }: SurvivalWorld) => {
    const { log } = initiator.session.survival.resumption!;
    const [rewind, replay] = [log.rewind.bind(log), log.replay.bind(log)];
    log.rewind = (count) => {
      rewind(count);
      const later: Uint8Array[] = [];
      while (log.toReplay > 0) {
        const target = new Uint8Array(log.replayLength);
        replay(target);
        later.unshift(target);
      }
      Object.defineProperty(log, "toReplay", { get: () => later.length });
      Object.defineProperty(log, "replayLength", { get: () => later[0]?.length ?? 0 });
      log.replay = (target) => {
        target.set(later[0]);
        return later.shift()!.length;
      };
    };
  };
  assertThrows(() => converse([[9, SUDDEN]], {}, reverse), Error, "came where");
});

test("Simulation: a message that is changed is found", () => {
  const mangle = (body: Uint8Array) => {
    if (body.length > 1_000) body[900] ^= 1;
  };
  assertThrows(() => converse([], { mangle }), Error);
});

test("Simulation: acknowledgements that never come are found, and a buffer without bounds", () => {
  const deafen = ({ responder }: SurvivalWorld) => {
    const resumption = responder.session.survival.resumption!;
    resumption.compose = () => {};
    Object.defineProperty(resumption, "isDue", { value: false });
  };
  const overflow = (world: SurvivalWorld) => {
    deafen(world);
    Object.defineProperty(world.initiator.session.survival.resumption!.log, "isFull", { value: false });
  };
  const limits = { windowBytes: WINDOW_BYTES_MIN, replayBytesMax: 5_000 };
  assertThrows(() => converse([[6, SUDDEN]], { limits }, deafen), Error, "does not come to its end");
  assertThrows(() => converse([[6, SUDDEN]], { limits }, overflow), Error, "are kept to be said again");
});

test("Simulation: a nonce that is used again under the same key is found", () => {
  const random = (length: number) => new Uint8Array(length).fill(7);
  assertThrows(() => converse([[12, SUDDEN]], { random }), Error, "sealed twice under");
});
