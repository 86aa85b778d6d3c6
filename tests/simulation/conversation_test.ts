// A thousand conversations in bad weather, each from one seed. HAWSER_SEEDS and HAWSER_SEED_FROM choose others.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { Codec } from "../../src/codec/codec.ts";
import { createCodec, pickCodec } from "../../src/codec/pick.ts";
import { Random } from "./random.ts";
import { type Side, type Weather, World } from "./world.ts";

const reference = createCodec({ kind: "reference" });
const SEEDS = Number(process.env.HAWSER_SEEDS ?? 1_000);
const FROM = Number(process.env.HAWSER_SEED_FROM ?? 1);

test(`Simulation: ${SEEDS} datagram conversations lose messages, but never tear, double or change one`, () => {
  for (let seed = FROM; seed < FROM + SEEDS; seed++) attempt(seed, datagramConversation);
});

test(`Simulation: ${SEEDS} ordered conversations are exact, or end with an error`, () => {
  for (let seed = FROM; seed < FROM + SEEDS; seed++) attempt(seed, orderedConversation);
});

test("Simulation: the same seed makes the same run", () => {
  const trace = (seed: number) => {
    const world = datagramConversation(seed);
    return [world.now, world.initiator.received.length, world.responder.received.length, world.nonces.size];
  };
  for (const seed of [1, 7, 42]) assertEquals(trace(seed), trace(seed));
});

function attempt(seed: number, conversation: (seed: number) => World): void {
  try {
    conversation(seed);
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

function datagramConversation(seed: number): World {
  const random = new Random(seed ^ 0x5eed);
  const weather: Weather = {
    kind: "datagram",
    mtu: [512, 1_200, 1_472, 8_972][random.between(0, 3)],
    loss: random.chance(0.3) ? 0 : random.next() * 0.3,
    duplication: random.chance(0.5) ? 0 : random.next() * 0.2,
    corruption: random.chance(0.5) ? 0 : random.next() * 0.1,
    delayMsMax: random.chance(0.5) ? 0 : random.next() * 60,
  };
  const limits = {
    rekeyPacketsMax: random.between(3, 200),
    datagramWindowBytes: random.between(16, 64) * 1_024,
  };
  const world = new World(seed, weather, { limits, responderCodec: responderCodec(seed) });
  world.run(() => isOpen(world.initiator) && isOpen(world.responder), 9_000);
  if (!isOpen(world.initiator)) {
    assert(weather.loss + weather.corruption > 0, "a handshake failed over a link that loses nothing");
    return world;
  }
  const sent = talk(world, random, 12_000);
  world.run(() => false, 3_000);

  for (const [side, other] of [[world.initiator, world.responder], [world.responder, world.initiator]]) {
    assertOnce(side.received, sent.get(other) ?? []);
    const isKind = weather.loss + weather.corruption === 0 && weather.delayMsMax === 0;
    if (isKind) {
      assertEquals(
        side.received.length,
        sent.get(other)?.length,
        `${side.name} lost a message in fair weather`,
      );
    }
  }
  return world;
}

function orderedConversation(seed: number): World {
  const random = new Random(seed ^ 0x5eed);
  const weather: Weather = {
    kind: "stream",
    mtu: undefined,
    loss: 0,
    duplication: 0,
    corruption: random.chance(0.8) ? 0 : random.next() * 0.05,
    delayMsMax: random.next() * 40,
  };
  const limits = { rekeyPacketsMax: random.between(2, 50), windowBytes: 128 * 1_024 };
  const world = new World(seed, weather, { limits, responderCodec: responderCodec(seed) });
  world.initiator.isSlow = random.chance(0.3);
  world.run(() => isOpen(world.initiator) && isOpen(world.responder), 9_000);
  const sent = isOpen(world.initiator) && isOpen(world.responder)
    ? talk(world, random, 120_000)
    : new Map<Side, Uint8Array[]>();
  const ended = () => world.initiator.info !== undefined && world.responder.info !== undefined;
  world.run(() => ended() || isComplete(world, sent), 300_000);
  if (!ended()) {
    world.initiator.session.close(0, "all is said", world.now);
    world.run(ended, 20_000);
  }

  assert(ended(), "a conversation does not end");
  const isWell = weather.corruption === 0;
  for (const [side, other] of [[world.initiator, world.responder], [world.responder, world.initiator]]) {
    const expected = sent.get(other) ?? [];
    assertEquals(side.received, expected.slice(0, side.received.length), `${side.name} got something else`);
    if (isWell) assertEquals(side.received.length, expected.length, `${side.name} lost a message`);
    if (isWell) assertEquals(side.info?.error, undefined);
    if (side.received.length < expected.length) {
      assert(side.info?.error !== undefined || other.info?.error !== undefined);
    }
  }
  return world;
}

/** Now and then the two sides have different byte engines, which must agree on every byte. */
function responderCodec(seed: number): Codec {
  return seed % 10 < 2 ? reference : pickCodec();
}

/** Both sides send a seeded number of messages of seeded sizes, over a seeded time. */
function talk(world: World, random: Random, sizeMax: number): Map<Side, Uint8Array[]> {
  const sent = new Map<Side, Uint8Array[]>();
  for (const side of [world.initiator, world.responder]) {
    const messages: Uint8Array[] = [];
    sent.set(side, messages);
    for (let left = random.between(0, 20); left > 0 && side.session.state === "open"; left--) {
      const size = random.chance(0.8) ? random.between(0, 300) : random.between(0, sizeMax);
      const message = messageOf(messages.length, size, random.chance(0.5));
      messages.push(message);
      side.session.send(message.slice(), { compress: random.chance(0.5) });
      if (random.chance(0.3)) world.run(() => false, random.next() * 30);
    }
  }
  world.settle();
  return sent;
}

/** A message that says which one it is in every four bytes. */
function messageOf(index: number, size: number, isDense: boolean): Uint8Array {
  const random = new Random(index);
  const message = isDense ? random.bytes(size) : new Uint8Array(size).fill(index);
  if (size >= 4) new DataView(message.buffer).setUint32(0, index);
  return message;
}

function isOpen(side: Side): boolean {
  return side.session.state === "open";
}

function isComplete(world: World, sent: Map<Side, Uint8Array[]>): boolean {
  return world.initiator.received.length === (sent.get(world.responder)?.length ?? 0) &&
    world.responder.received.length === (sent.get(world.initiator)?.length ?? 0);
}

/** Every message is one that was sent, and none came more often than it was sent. */
function assertOnce(received: Uint8Array[], sent: Uint8Array[]): void {
  const left = new Map<string, number>();
  for (const message of sent) left.set(message.join(), (left.get(message.join()) ?? 0) + 1);
  for (const message of received) {
    const count = left.get(message.join()) ?? 0;
    assert(count > 0, `a message of ${message.length} bytes came that was not sent, or came twice`);
    left.set(message.join(), count - 1);
  }
}
