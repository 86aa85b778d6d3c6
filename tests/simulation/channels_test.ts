// Priorities, channels and typed messages side by side, in bad weather: each keeps its order, and nothing is lost.
// HAWSER_SEEDS and HAWSER_SEED_FROM choose other seeds.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { DATAGRAM_WINDOW_BYTES_MIN, WINDOW_BYTES_MIN } from "../../src/limits.ts";
import { Session, type SessionSendOptions } from "../../src/session/mod.ts";
import { Random } from "./random.ts";
import { type Side, type Weather, World } from "./world.ts";

const SEEDS = Number(process.env.HAWSER_SEEDS ?? 100);
const FROM = Number(process.env.HAWSER_SEED_FROM ?? 1);

// What one side said, and what has come of it at the other. Rows keep their order, each for itself.
interface Talk {
  readonly from: Side;
  readonly to: Side;
  readonly sent: Map<number, number>;
  readonly next: Map<number, number>;
  readonly seen: Set<string>;
  readonly held: Uint8Array[];
  count: number;
  arrived: number;
}

const HEAD_BYTES = 9;
const PRIORITIES = [0, 64, 128, 129, 200, 255];

test(`Simulation: ${SEEDS} ordered conversations on many channels keep the order of each, and lose nothing`, () => {
  for (let seed = FROM; seed < FROM + SEEDS; seed++) {
    attempt(seed, () => {
      const random = new Random(seed ^ 0xc4a);
      const weather: Weather = {
        kind: "stream",
        mtu: undefined,
        loss: 0,
        duplication: 0,
        corruption: 0,
        delayMsMax: random.next() * 40,
      };
      const limits = { rekeyPacketsMax: random.between(2, 50), windowBytes: WINDOW_BYTES_MIN };
      const world = new World(seed, weather, { limits }).open();
      const talks = converse(world, random, 90_000);
      for (let turn = 0; turn < 4_000 && talks.some(isUnderWay); turn++) {
        step(world, talks, random);
      }
      for (const { from, count, arrived } of talks) {
        assertEquals(
          [arrived, from.session.queuedBytes],
          [count, 0],
          `${from.name} was not heard to the end`,
        );
      }
      // All of the window is given back: the side sleeps, and goes on.
      world.run(() => false, 500);
      for (const side of [world.initiator, world.responder]) sleepAndWake(world, side);
      const again = converse(world, random, 1_000);
      for (let turn = 0; turn < 400 && again.some(isUnderWay); turn++) step(world, again, random);
      for (const { count, arrived } of again) assertEquals(arrived, count);
    });
  }
});

test(`Simulation: ${SEEDS} datagram conversations on many channels double and change nothing`, () => {
  for (let seed = FROM; seed < FROM + SEEDS; seed++) {
    attempt(seed, () => {
      const random = new Random(seed ^ 0xda7a);
      const isFair = random.chance(0.4);
      const weather: Weather = {
        kind: "datagram",
        mtu: [512, 1_472, 8_972][random.between(0, 2)],
        loss: isFair ? 0 : random.next() * 0.2,
        duplication: isFair ? 0 : random.next() * 0.2,
        corruption: 0,
        delayMsMax: isFair ? 0 : random.next() * 30,
      };
      const limits = { datagramWindowBytes: DATAGRAM_WINDOW_BYTES_MIN };
      const world = new World(seed, weather, { limits });
      world.run(
        () => [world.initiator, world.responder].every(({ session }) => session.state === "open"),
        9_000,
      );
      if (world.initiator.session.state !== "open" || world.responder.session.state !== "open") return;
      const talks = converse(world, random, 9_000);
      for (let turn = 0; turn < 60 && talks.some(isUnderWay); turn++) step(world, talks, random);
      for (const { count, arrived, from } of talks) {
        if (isFair) assertEquals([arrived, from.session.queuedBytes], [count, 0]);
        assert(arrived <= count);
      }
    });
  }
});

function isUnderWay({ count, arrived, held }: Talk): boolean {
  return arrived < count || held.length > 0;
}

function attempt(seed: number, conversation: () => void): void {
  try {
    conversation();
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** Both sides send messages of many rows; some time passes between. */
function converse(world: World, random: Random, sizeMax: number): Talk[] {
  const talk = (from: Side, to: Side): Talk => {
    to.received.length = 0;
    return { from, to, sent: new Map(), next: new Map(), seen: new Set(), held: [], count: 0, arrived: 0 };
  };
  const talks = [talk(world.initiator, world.responder), talk(world.responder, world.initiator)];
  for (const one of talks) one.to.isSlow = random.chance(0.3);
  for (let left = random.between(0, 60); left > 0; left--) {
    say(talks[random.between(0, 1)], random, sizeMax);
    if (random.chance(0.2)) step(world, talks, random);
  }
  return talks;
}

/** A message that says of which row it is, and the how manieth. */
function say(talk: Talk, random: Random, sizeMax: number): void {
  const typed = random.chance(0.5);
  const priority = random.chance(0.3) ? undefined : PRIORITIES[random.between(0, PRIORITIES.length - 1)];
  const channel = random.chance(0.4) ? random.between(0, 3) : undefined;
  const row = (typed ? 1_000 : 0) + (channel === undefined ? priority ?? 128 : 500 + channel);
  const index = talk.sent.get(row) ?? 0;
  const size = HEAD_BYTES + (random.chance(0.8) ? random.between(0, 300) : random.between(0, sizeMax));
  const message = new Uint8Array(size).fill(index);
  new DataView(message.buffer).setUint32(0, row);
  new DataView(message.buffer).setUint32(4, index);
  message[8] = size & 0xff;
  const options: SessionSendOptions = {
    priority,
    channel: channel === undefined ? undefined : `channel ${channel}`,
    typed,
    compress: random.chance(0.5),
  };
  talk.from.session.send(message, random.chance(0.5) ? { ...options, until: Infinity } : options);
  talk.sent.set(row, index + 1);
  talk.count++;
}

/** Time passes, and each side takes what has come; the message layer keeps some of it for a while. */
function step(world: World, talks: readonly Talk[], random: Random): void {
  const isOrdered = world.weather.delayMsMax === 0 || world.weather.kind === "stream";
  world.run(() => false, 5 + random.next() * 20);
  for (const talk of talks) {
    const { session } = talk.to;
    for (const message of talk.to.received.splice(0)) check(talk, message, isOrdered);
    for (let message = session.takeTyped(); message !== undefined; message = session.takeTyped()) {
      check(talk, message, isOrdered);
      talk.held.push(message);
    }
    while (talk.held.length > 0 && random.chance(0.9)) session.releaseTyped(talk.held.shift()!.length);
  }
  world.settle();
}

function check(talk: Talk, message: Uint8Array, isOrdered: boolean): void {
  const head = new DataView(message.buffer, message.byteOffset);
  const [row, index] = [head.getUint32(0), head.getUint32(4)];
  const next = talk.next.get(row) ?? 0;
  if (isOrdered) assert(index >= next, `${index} of row ${row} came after ${next - 1}`);
  assert(!talk.seen.has(`${row} ${index}`), `${index} of row ${row} came twice`);
  assertEquals(message[8], message.length & 0xff);
  assert(message.subarray(HEAD_BYTES).every((byte) => byte === (index & 0xff)), "a message is torn");
  talk.next.set(row, index + 1);
  talk.seen.add(`${row} ${index}`);
  talk.arrived++;
}

function sleepAndWake(world: World, side: Side): void {
  const snapshot = side.session.freeze();
  assert(snapshot !== undefined, `${side.name} cannot sleep, although nothing is under way`);
  side.session = new Session(side.config, world.now, structuredClone(snapshot));
}
