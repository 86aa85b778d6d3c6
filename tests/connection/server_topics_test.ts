// The topics of a server without a network: its connections note what they are sent.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../mod.ts";
import type { Parcel } from "../../src/connection/fanout.ts";
import { type ServerPort, ServerTopics } from "../../src/connection/server_topics.ts";
import { encodeEnvelope, KIND_EVENT, KIND_VALUE, readEnvelope } from "../../src/message/envelope.ts";
import { Formats } from "../../src/message/formats.ts";
import { RELAY_HOPS_MAX, SUBSCRIPTIONS_MAX } from "../../src/topic_limits.ts";

const formats = new Formats();

class Port implements ServerPort {
  readonly wanted: string[] = [];
  readonly parcels: Parcel[] = [];
  hasRoom = true;
  readonly #drained = Promise.withResolvers<void>();

  wantEvents(pattern: string): void {
    this.wanted.push(`+${pattern}`);
  }

  unwantEvents(pattern: string): void {
    this.wanted.push(`-${pattern}`);
  }

  sendParcel(parcel: Parcel): boolean {
    this.parcels.push(parcel);
    return this.hasRoom;
  }

  drained(): Promise<void> {
    return this.hasRoom ? Promise.resolve() : this.#drained.promise;
  }

  drain(): void {
    this.hasRoom = true;
    this.#drained.resolve();
  }

  disconnectSlow(): void {}

  get last() {
    return readEnvelope(this.parcels.at(-1)!.bytes);
  }
}

class CountingHold {
  holders = 0;

  keep(): void {
    this.holders++;
  }

  drop(): void {
    this.holders--;
  }
}

function event(subject: string, ttl?: number) {
  return readEnvelope(
    encodeEnvelope({ kind: KIND_EVENT, name: subject, ttl, ...formats.encode({ a: 1 }, undefined, []) }),
  );
}

test("server topics: an event is encoded once, and sent once to each peer that asked for it", () => {
  const [first, second, third] = [new Port(), new Port(), new Port()];
  const topics = new ServerTopics([first, second, third], formats);
  topics.interests.add(first, "room.*.chat");
  topics.interests.add(first, "room.>");
  topics.interests.add(second, "room.7.chat");
  assert(topics.publish("room.7.chat", { text: "hello" }, { headers: { by: "me" }, priority: 200, ttl: 3 }));
  assertEquals([first, second, third].map(({ parcels }) => parcels.length), [1, 1, 0]);
  assert(first.parcels[0].bytes === second.parcels[0].bytes);
  const { kind, name, headers, ttl, format, payload } = first.last;
  assertEquals([kind, name, headers?.by, ttl, first.parcels[0].options?.priority], [
    KIND_EVENT,
    "room.7.chat",
    "me",
    3,
    200,
  ]);
  assertEquals(formats.decode(format, payload), { text: "hello" });
  assertThrows(() => topics.publish("room.*.chat", 1, {}), TypeError);
});

test("server topics: a value goes to all, or once to each of some", () => {
  const ports = [new Port(), new Port(), new Port()];
  const topics = new ServerTopics(ports, formats);
  topics.broadcast("all", {});
  topics.multicast([ports[0], ports[2], ports[0]], "some", {});
  assertEquals(ports.map(({ parcels }) => parcels.length), [2, 1, 2]);
  assertEquals([ports[0].last.kind, ports[1].last.payload], [KIND_VALUE, new TextEncoder().encode("all")]);
});

test("server topics: relays ask every connection, and pass events on but never back", () => {
  const [source, other, deaf] = [new Port(), new Port(), new Port()];
  const open = [source];
  const topics = new ServerTopics(open, formats);
  const relay = topics.relay("room.>");
  using _again = topics.relay("room.>");
  for (const port of [other, deaf]) {
    open.push(port);
    topics.handleOpen(port);
  }
  assertEquals(open.map(({ wanted }) => wanted), [["+room.>"], ["+room.>"], ["+room.>"]]);
  topics.interests.add(source, "room.*");
  topics.interests.add(other, "room.*");

  const hold = new CountingHold();
  assertEquals(topics.handleEvent(source, event("room.7"), hold), true);
  assertEquals(topics.handleEvent(source, event("hall"), hold), false);
  assertEquals(open.map(({ parcels }) => parcels.length), [0, 1, 0]);
  assertEquals([other.last.name, other.last.ttl, hold.holders], ["room.7", RELAY_HOPS_MAX - 1, 0]);
  assertEquals(formats.decode(other.last.format, other.last.payload), { a: 1 });

  relay.stop();
  relay.stop();
  assertEquals([source.wanted, topics.handleEvent(source, event("room.7"), hold)], [["+room.>"], true]);
});

test("server topics: the last relay of a pattern that stops ends it", () => {
  const port = new Port();
  const topics = new ServerTopics([port], formats);
  topics.relay("a").stop();
  assertEquals([port.wanted, topics.handleEvent(port, event("a"), new CountingHold())], [
    ["+a", "-a"],
    false,
  ]);
});

test("server topics: a hop less each time, and none from nothing", () => {
  const [source, other] = [new Port(), new Port()];
  const topics = new ServerTopics([source, other], formats);
  topics.relay(">");
  topics.interests.add(other, ">");
  for (const ttl of [255, 1, 0]) topics.handleEvent(source, event("a", ttl), new CountingHold());
  assertEquals(other.parcels.map(({ bytes }) => readEnvelope(bytes).ttl), [254, 0]);
});

test("server topics: with block, a slow subscriber keeps whoever publishes waiting", async () => {
  const [source, slow] = [new Port(), new Port()];
  const topics = new ServerTopics([source, slow], formats, { onSlow: "block" });
  topics.relay(">");
  topics.interests.add(slow, ">");
  slow.hasRoom = false;
  const hold = new CountingHold();
  topics.handleEvent(source, event("a"), hold);
  assertEquals([topics.publish("b", 1, {}), hold.holders, topics.isSlow(slow)], [false, 1, true]);
  slow.drain();
  await topics.drained();
  await Promise.resolve();
  assertEquals([hold.holders, slow.parcels.length, topics.isSlow(slow)], [0, 2, false]);
});

test("server topics: as many relayed patterns as there may be, and one more", () => {
  const topics = new ServerTopics<Port>([], formats);
  for (let index = 0; index < SUBSCRIPTIONS_MAX; index++) topics.relay(`a.${index}`);
  topics.relay("a.0");
  assertEquals(assertThrows(() => topics.relay("b"), HawserError).code, "limit");
});
