// Topics without a network: two of them, whose connections are calls.

import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { HawserError } from "../../mod.ts";
import { Topics, type TopicsPort } from "../../src/connection/topics.ts";
import { Interests } from "../../src/message/interests.ts";
import type { SlowOptions } from "../../src/message/slow_queue.ts";
import { SUBSCRIPTIONS_MAX } from "../../src/topic_limits.ts";

/** A connection that notes what it is asked to do. */
class Port implements TopicsPort {
  readonly told: string[] = [];
  readonly failures: unknown[] = [];
  released = 0;

  sendSubscribe(pattern: string): void {
    this.told.push(`+${pattern}`);
  }

  sendUnsubscribe(pattern: string): void {
    this.told.push(`-${pattern}`);
  }

  release(bytes: number): void {
    this.released += bytes;
  }

  handleFailure(cause: unknown): void {
    this.failures.push(cause);
  }
}

function topicsOf(port: TopicsPort): Topics<string> {
  return new Topics(port, { interests: new Interests<TopicsPort>(), peer: port });
}

function arrive(topics: Topics<string>, subject: string, bytes = 10): boolean {
  return topics.handleEvent(subject, bytes, () => subject);
}

test("topics: the peer is told of each pattern once, and again when the last subscriber is gone", () => {
  const port = new Port();
  const topics = topicsOf(port);
  const first = topics.subscribe("a.*", {});
  const second = topics.subscribe("a.*", {});
  const third = topics.subscribe("a.b", {});
  first.unsubscribe();
  first.unsubscribe();
  second.unsubscribe();
  third.unsubscribe();
  assertEquals(port.told, ["+a.*", "+a.b", "-a.*", "-a.b"]);
});

test("topics: every subscriber of every pattern that matches gets an event, in order", async () => {
  const topics = topicsOf(new Port());
  const seen: string[] = [];
  topics.subscribe("a.*", {}, (event) => seen.push(`first ${event}`));
  topics.subscribe("a.*", {}, (event) => seen.push(`second ${event}`));
  const rest = topics.subscribe("a.>", {});
  assertEquals([arrive(topics, "a.b"), arrive(topics, "a.b.c"), arrive(topics, "b")], [true, true, false]);
  assertEquals(seen.sort(), ["first a.b", "second a.b"]);
  const iterator = rest[Symbol.asyncIterator]();
  assertEquals([(await iterator.next()).value, (await iterator.next()).value], ["a.b", "a.b.c"]);
  const next = iterator.next();
  arrive(topics, "a.d");
  assertEquals((await next).value, "a.d");
});

test("topics: a peer that has not said what it wants gets all, and is told once if that is unwanted", () => {
  const port = new Port();
  const topics = topicsOf(port);
  assertEquals(topics.isWanted("a"), true);
  topics.handleUnsubscribe(">");
  assertEquals(topics.isWanted("a"), false);
  topics.handleSubscribe("a");
  assertEquals([topics.isWanted("a"), topics.isWanted("b")], [true, false]);

  assertEquals([arrive(topics, "a"), arrive(topics, "b")], [false, false]);
  assertEquals(port.told, ["->"]);
  assertEquals(port.released, 20);
});

test("topics: only what waits beyond the bounds with block keeps the peer waiting", async () => {
  for (const onSlow of ["block", "drop-oldest", "drop-newest"] as const) {
    const port = new Port();
    const topics = topicsOf(port);
    const slow = topics.subscribe("*", { onSlow, queueMax: 2 });
    topics.subscribe("*", {}, () => {});
    for (const subject of ["a", "b", "c", "d"]) arrive(topics, subject);
    assertEquals(port.released, onSlow === "block" ? 20 : 40);
    const got: string[] = [];
    for await (const event of slow) {
      got.push(event);
      if (slow.queued === 0) break;
    }
    assertEquals(port.released, 40);
    const expected = { "block": ["a", "b", "c", "d"], "drop-oldest": ["c", "d"], "drop-newest": ["a", "b"] };
    assertEquals([got, slow.dropped], [expected[onSlow], 4 - got.length]);
  }
});

test("topics: unsubscribing gives back what was held, and ends loops", async () => {
  const port = new Port();
  const topics = topicsOf(port);
  const slow = topics.subscribe("*", { queueMax: 1 });
  for (const subject of ["a", "b", "c"]) arrive(topics, subject);
  assertEquals(port.released, 10);
  {
    await using held = slow;
    assertEquals(held.queued, 3);
  }
  assertEquals([port.released, slow.queued, slow.isEnded], [30, 0, true]);
  const waiting = topics.subscribe("*", {});
  const next = waiting[Symbol.asyncIterator]().next();
  waiting.unsubscribe();
  assertEquals(await next, { done: true, value: undefined });
});

test("topics: with close, what waits can be taken, and then it fails", async () => {
  const port = new Port();
  const topics = topicsOf(port);
  const slow = topics.subscribe("*", { onSlow: "close", queueMax: 2 });
  for (const subject of ["a", "b", "c", "d"]) arrive(topics, subject);
  const got: string[] = [];
  const error = await assertRejects(async () => {
    for await (const event of slow) got.push(event);
  }, HawserError);
  assertEquals([got, error.code, port.told, port.released], [["a", "b"], "backpressure", ["+*", "-*"], 40]);
});

test("topics: a handler gets one event at a time, and may fail", async () => {
  const port = new Port();
  const topics = topicsOf(port);
  const seen: string[] = [];
  let finish = Promise.withResolvers<void>();
  const policy: SlowOptions = { onSlow: "drop-oldest", queueMax: 2 };
  const subscription = topics.subscribe("*", policy, async (event) => {
    seen.push(event);
    await finish.promise;
    if (event === "a") throw new Error("of the handler");
  });
  for (const subject of ["a", "b", "c", "d"]) arrive(topics, subject);
  assertEquals([seen, subscription.queued, subscription.dropped], [["a"], 2, 1]);
  finish.resolve();
  finish = Promise.withResolvers();
  while (seen.length < 2) await Promise.resolve();
  finish.resolve();
  while (seen.length < 3) await Promise.resolve();
  assertEquals([seen, port.failures.map(String)], [["a", "c", "d"], ["Error: of the handler"]]);

  topics.subscribe("*", {}, () => {
    throw new Error("at once");
  });
  arrive(topics, "e");
  arrive(topics, "f");
  assertEquals(port.failures.slice(1).map(String), ["Error: at once", "Error: at once"]);
});

test("topics: with the connection end subscriptions, behind what waits", async () => {
  for (const error of [undefined, new HawserError("timeout", "silent")]) {
    const port = new Port();
    const topics = topicsOf(port);
    topics.handleSubscribe("x");
    const waiting = topics.subscribe("b", {})[Symbol.asyncIterator]().next();
    const behind = topics.subscribe("a", {});
    arrive(topics, "a");
    topics.handleEnd(error);
    const got: string[] = [];
    const loop = async () => {
      for await (const event of behind) got.push(event);
    };
    if (error === undefined) await Promise.all([loop(), waiting]);
    else {
      await assertRejects(loop, HawserError, "silent");
      await assertRejects(() => waiting, HawserError, "silent");
    }
    assertEquals([got, topics.interestCount], [["a"], 0]);
  }
});

test("topics: as many patterns as there may be, and one more, on both sides", () => {
  const port = new Port();
  const topics = topicsOf(port);
  for (let index = 0; index < SUBSCRIPTIONS_MAX; index++) {
    topics.subscribe(`a.${index}`, {});
    topics.handleSubscribe(`a.${index}`);
  }
  const ours = assertThrows(() => topics.subscribe("b", {}), HawserError);
  const theirs = assertThrows(() => topics.handleSubscribe("b"), HawserError);
  assertEquals([ours.code, theirs.code, port.told.length], ["limit", "protocol", SUBSCRIPTIONS_MAX]);
  topics.subscribe("a.0", {});
  assertEquals(arrive(topics, "b"), false);
  assertThrows(() => topics.handleSubscribe("a..b"), HawserError);
  assertThrows(() => topics.subscribe("a..b", {}), TypeError);
});
