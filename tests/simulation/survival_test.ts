// Conversations whose links die again and again, each from one seed: nothing is lost, doubled or reordered.
// HAWSER_SEEDS and HAWSER_SEED_FROM choose other seeds.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { WINDOW_BYTES_MIN } from "../../src/limits.ts";
import {
  STREAM_WINDOW_BYTES_INITIAL,
  STREAMS_INITIAL,
  STREAMS_WINDOW_BYTES_INITIAL,
} from "../../src/stream_limits.ts";
import { Random } from "./random.ts";
import { Rows } from "./rows.ts";
import { StreamActor } from "./stream_actor.ts";
import { assertQuiet, type Death, SurvivalWorld, type Survivor } from "./survival_world.ts";

const SEEDS = Number(process.env.HAWSER_SEEDS ?? 200);
const FROM = Number(process.env.HAWSER_SEED_FROM ?? 1);

/** One side of a conversation, what it says and hears, and what it still wants to do. */
interface Party {
  readonly side: Survivor;
  readonly says: Rows;
  readonly hears: Rows;
  readonly actors: Map<number, StreamActor>;
  toOpen: number;
  toSay: number;
}

test(`Simulation: ${SEEDS} conversations outlive their links, and miss and double nothing`, () => {
  for (let seed = FROM; seed < FROM + SEEDS; seed++) attempt(seed, () => converse(seed));
});

test("Simulation: a session that outlives its links runs the same from the same seed", () => {
  const trace = (seed: number) => {
    const world = converse(seed);
    return [world.now, world.packets, world.links, world.initiator.replayed, world.nonces.size];
  };
  for (const seed of [1, 7, 42]) assertEquals(trace(seed), trace(seed));
});

function attempt(seed: number, conversation: () => void): void {
  try {
    conversation();
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

function converse(seed: number): SurvivalWorld {
  const random = new Random(seed ^ 0x5a1e);
  const world = new SurvivalWorld(seed, {
    mtu: random.chance(0.3) ? [1_200, 9_000, 20_000][random.between(0, 2)] : undefined,
    delayMsMax: random.chance(0.3) ? 0 : random.next() * 20,
    linkBytesMax: random.chance(0.5) ? Infinity : random.between(1_000, 100_000),
    limits: {
      rekeyPacketsMax: random.between(2, 50),
      windowBytes: WINDOW_BYTES_MIN,
      replayBytesMax: [5_000, 100_000, 4_000_000][random.between(0, 2)],
      streamWindowBytes: STREAM_WINDOW_BYTES_INITIAL * random.between(1, 4),
      streamsWindowBytes: STREAMS_WINDOW_BYTES_INITIAL,
      streamsMax: random.chance(0.2) ? 3 : STREAMS_INITIAL,
    },
  });
  world.run(() => world.isOpen, 20_000);
  assert(world.isOpen, "the handshake failed over a link that loses nothing");
  const parties = partiesOf(world, random);
  let deaths = random.between(1, 5);
  let cutAt = world.packets + random.between(1, 30);
  world.onPacket = (count) => {
    if (count < cutAt || deaths === 0) return;
    deaths--;
    cutAt = count + random.between(1, random.chance(0.5) ? 8 : 60);
    world.cut(deathOf(random));
  };
  const end = random.chance(0.15) ? random.between(1, 60) : Infinity;
  const bytesMax = random.chance(0.05) ? 100_000 : 2_000;
  let steps = 0;
  const isOver = () => {
    if (++steps === end) parties[random.between(0, 1)].side.session.close(0, "in the middle", world.now);
    for (const party of parties) act(party, bytesMax, random);
    world.settle();
    return parties.some(({ side }) => side.info !== undefined) || parties.every(isDone);
  };
  for (let round = 0; round < 4_000 && !isOver(); round++) world.run(isOver, 50);
  world.onPacket = undefined;
  if (steps >= end) finishClosed(world, parties, random);
  else finish(world, parties);
  return world;
}

function partiesOf(world: SurvivalWorld, random: Random): readonly [Party, Party] {
  const [one, other] = [new Rows(), new Rows()];
  const party = (side: Survivor, says: Rows, hears: Rows): Party => ({
    side,
    says,
    hears,
    actors: new Map(),
    toOpen: random.between(0, 2),
    toSay: random.between(0, 16),
  });
  return [party(world.initiator, one, other), party(world.responder, other, one)];
}

function deathOf(random: Random): Death {
  const share = () => random.chance(0.5) ? 0 : random.next();
  const heard = () => random.chance(0.4) ? 0 : random.chance(0.1) ? Infinity : random.next() * 100;
  return { arrives: [share(), share()], heardMs: [heard(), heard()] };
}

function act(party: Party, bytesMax: number, random: Random): void {
  const { side: { session }, says, hears, actors } = party;
  const mayTalk = session.state === "open" || session.state === "suspended";
  if (mayTalk && party.toSay > 0 && random.chance(0.3)) {
    party.toSay--;
    says.say(session, random, random.chance(0.1) ? 90_000 : 3_000);
  }
  if (mayTalk && party.toOpen > 0 && random.chance(0.2)) {
    const stream = session.streams.use(session.state).open(`${party.toOpen}`);
    if (stream !== undefined) {
      party.toOpen--;
      actors.set(stream.id, new StreamActor(stream, true, bytesMax, random));
    }
  }
  const { table } = session.streams;
  for (let stream = table?.takeArrived(); stream !== undefined; stream = table?.takeArrived()) {
    actors.set(stream.id, new StreamActor(stream, false, bytesMax, random));
  }
  while (table?.takeNews() !== undefined);
  for (const actor of actors.values()) actor.step();
  hears.take(session, random);
}

function isDone({ side: { session }, toOpen, toSay, hears, actors }: Party): boolean {
  return toOpen === 0 && toSay === 0 && hears.isComplete &&
    [...actors.values()].every((actor) => actor.isDone) && (session.streams.table?.size ?? 0) === 0;
}

function finish(world: SurvivalWorld, parties: readonly [Party, Party]): void {
  const [one, other] = parties;
  for (const { side } of parties) assertEquals(side.info, undefined, `${side.name} has given up`);
  assert(parties.every(isDone), "a conversation does not come to its end");
  world.run(() => world.isOpen, 20_000);
  assert(world.isOpen, "a session does not go on");
  world.run(() => false, 500);
  assertQuiet(world);
  for (const [id, actor] of one.actors) actor.check(other.actors.get(id));
  for (const [id, actor] of other.actors) actor.check(one.actors.get(id));
  one.side.session.close(0, "all is said", world.now);
  world.run(() => parties.every(({ side }) => side.info !== undefined), 20_000);
  for (const { side } of parties) assertEquals([side.info?.code, side.info?.error], [0, undefined]);
}

/** Somebody has closed in the middle: in order, or not at all, but nobody waits for ever. */
function finishClosed(world: SurvivalWorld, parties: readonly [Party, Party], random: Random): void {
  world.run(() => parties.every(({ side }) => side.info !== undefined), 200_000);
  for (const { side, says, hears } of parties) {
    assert(side.info !== undefined, `${side.name} waits for ever`);
    while (hears.arrived < hears.said) {
      const { arrived } = hears;
      hears.take(side.session, random);
      if (hears.arrived === arrived) break;
    }
    // Who closes says all before; and who hears CLOSE has heard all of it.
    const isInOrder = side.info.by === "peer" && side.info.error === undefined;
    if (isInOrder) assertEquals(hears.arrived, hears.said, `${side.name} heard CLOSE too early`);
    assert(says.arrived <= says.said);
  }
}
