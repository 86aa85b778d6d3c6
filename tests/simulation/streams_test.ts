// Conversations with streams and messages side by side, each from one seed. HAWSER_SEEDS and HAWSER_SEED_FROM choose others.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import {
  STREAM_WINDOW_BYTES_INITIAL,
  STREAMS_INITIAL,
  STREAMS_WINDOW_BYTES_INITIAL,
} from "../../src/stream_limits.ts";
import { Random } from "./random.ts";
import { StreamActor } from "./stream_actor.ts";
import { FAIR, type Side, World } from "./world.ts";

const SEEDS = Number(process.env.HAWSER_SEEDS ?? 200);
const FROM = Number(process.env.HAWSER_SEED_FROM ?? 1);

test(`Simulation: in ${SEEDS} conversations every stream is exact, or both sides know why not`, () => {
  for (let seed = FROM; seed < FROM + SEEDS; seed++) {
    try {
      converse(seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
});

/** One side of a conversation, and what it still wants to do. */
interface Party {
  readonly side: Side;
  readonly actors: Map<number, StreamActor>;
  readonly sent: number[];
  toOpen: number;
  toSend: number;
}

function converse(seed: number): void {
  const random = new Random(seed ^ 0x57e4);
  const world = new World(seed, { ...FAIR, kind: "stream", delayMsMax: random.next() * 20 }, {
    limits: {
      rekeyPacketsMax: random.between(2, 50),
      windowBytes: 128 * 1_024,
      streamWindowBytes: STREAM_WINDOW_BYTES_INITIAL * random.between(1, 4),
      streamsWindowBytes: STREAMS_WINDOW_BYTES_INITIAL,
      streamsMax: random.chance(0.2) ? 3 : STREAMS_INITIAL,
    },
  }).open();
  const bytesMax = random.chance(0.1) ? 200_000 : 3_000;
  const parties = [world.initiator, world.responder].map((side): Party => ({
    side,
    actors: new Map(),
    sent: [],
    toOpen: random.between(0, 6),
    toSend: random.between(0, 6),
  }));
  const end = random.chance(0.15) ? random.between(1, 40) : Infinity;

  let steps = 0;
  const isOver = () => {
    if (++steps === end) interrupt(parties[random.between(0, 1)], random, world.now);
    for (const party of parties) act(party, bytesMax, random);
    world.settle();
    return parties.some(({ side }) => side.info !== undefined) || parties.every(isDone);
  };
  for (let round = 0; round < 3_000 && !isOver(); round++) world.run(isOver, 50);
  finish(world, parties);
}

function act(party: Party, bytesMax: number, random: Random): void {
  const { side: { session }, actors, sent } = party;
  if (session.state === "open" && party.toSend > 0 && random.chance(0.3)) {
    party.toSend--;
    session.send(Uint8Array.of(sent.length, ...random.bytes(random.between(0, 40))), { channel: "c" });
    sent.push(sent.length);
  }
  if (session.state === "open" && party.toOpen > 0 && random.chance(0.3)) {
    const stream = session.streams.use("open").open(`${party.toOpen}`, { priority: random.between(0, 255) });
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
}

function interrupt({ side: { session } }: Party, random: Random, now: number): void {
  if (random.chance(0.5)) session.close(0, "in the middle", now);
  else session.abort(new HawserError("closed", "in the middle"));
}

function isDone(party: Party): boolean {
  return party.toOpen === 0 && party.toSend === 0 &&
    [...party.actors.values()].every((actor) => actor.isDone) &&
    (party.side.session.streams.table?.size ?? 0) === 0;
}

function finish(world: World, parties: readonly Party[]): void {
  const [one, other] = parties;
  const isCut = parties.some(({ side }) => side.info !== undefined);
  assert(isCut || parties.every(isDone), "a conversation does not come to its end");
  if (!isCut) one.side.session.close(0, "all is said", world.now);
  world.run(() => parties.every(({ side }) => side.info !== undefined), 20_000);

  for (const [party, peer] of [[one, other], [other, one]]) {
    const { side, actors } = party;
    assert(side.info !== undefined, "a conversation does not end");
    if (!isCut) assertEquals(side.info.error, undefined);
    for (const [id, actor] of actors) {
      while (actor.stream.incoming.bytes > 0) actor.step();
      assert(actor.isDone, `stream ${id} is never over`);
      actor.check(peer.actors.get(id));
    }
    assertEquals(side.session.streams.table?.size ?? 0, 0);
    const numbers = side.received.map((message) => message[0]);
    assertEquals(numbers, peer.sent.slice(0, numbers.length), "messages of one channel keep their order");
    if (!isCut) assertEquals(numbers.length, peer.sent.length);
  }
}
