// Both sides of a contract: what fits goes through, and what does not is refused where it is and told as it should be.

import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { HawserError } from "../../../mod.ts";
import {
  client,
  contract,
  event,
  type Implementation,
  request,
  serve,
  stream,
} from "../../../src/connection/contract/mod.ts";
import { pair } from "./pair.ts";

const Api = contract({
  add: request(z.object({ a: z.number(), b: z.number().default(10) }), z.number()),
  ping: request(z.literal("pong")),
  later: request(v.object({ iso: v.string() }), z.string().transform((text) => new Date(text))),
  ticks: stream(type({ count: "number.integer" }), type("number")),
  chat: event(v.object({ text: v.string() })),
  users: contract({ find: request(z.string(), z.nullable(z.string())), joined: event(z.string()) }),
});

const answers: Implementation<typeof Api> = {
  add: ({ a, b }) => a + b,
  ping: () => "pong",
  later: ({ iso }) => iso,
  ticks: async function* ({ count }) {
    for (let tick = 0; tick < count; tick++) yield await Promise.resolve(tick);
  },
  users: { find: (name) => name === "ann" ? "Ann" : null },
};

/** What is told to a peer instead of another contract that it should have. */
const Loose = contract({
  add: request(z.unknown(), z.unknown()),
  ticks: stream(z.unknown(), z.unknown()),
  chat: event(z.unknown()),
});

test("questions are asked by their names, and answered", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  const asked: string[] = [];
  serve(answerer, Api, answers, { use: [(call, next) => (asked.push(call.name), next(call))] });
  const api = client(caller, Api);
  assertEquals(await api.add({ a: 1, b: 2 }), 3);
  assertEquals(await api.add({ a: 1 }), 11); // The default is filled in where it arrives.
  assertEquals(await api.ping(), "pong");
  assertEquals(await api.users.find("ann"), "Ann");
  assertEquals(await api.users.find("bob"), null);
  assertEquals(asked, ["add", "add", "ping", "users.find", "users.find"]);
});

test("a schema that transforms does so once, where the value arrives", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  serve(answerer, Api, answers);
  const date = await client(caller, Api).later({ iso: "2026-11-21T00:00:00.000Z" });
  assertEquals(date.getTime(), Date.UTC(2026, 10, 21));
});

test("an input that does not fit never leaves", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  const asked: string[] = [];
  serve(answerer, Api, answers, { use: [(call, next) => (asked.push(call.name), next(call))] });
  const api = client(caller, Api);
  const error = await assertRejects(() => api.add({ a: "1" as never }), HawserError, "the input of add");
  assertEquals([error.code, error.issues![0].path], ["serialization", ["a"]]);
  const ticks = api.ticks({ count: 1.5 });
  assertEquals((await assertRejects(() => ticks.next(), HawserError)).issues![0].path, ["count"]);
  await api.ping();
  assertEquals(asked, ["ping"]);
});

test("an input that does not fit never reaches a method, and its sender learns why", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  let calls = 0;
  serve(answerer, Api, { ...answers, add: () => ++calls });
  const api = client(caller, Loose);
  const refused = await assertRejects(
    () => api.add({ a: [] }),
    HawserError,
    "the peer refuses the input of add",
  );
  assertEquals([refused.code, refused.issues![0].path, calls], ["serialization", ["a"], 0]);
  const refusedTicks = await assertRejects(() => api.ticks({ count: "2" }).next(), HawserError, "refuses");
  assertEquals(refusedTicks.issues![0].path, ["count"]);
  assertEquals(ends.failures, []);
});

test("an answer that does not fit never leaves: the method has failed, and the caller learns no more", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  serve(answerer, Api, { ...answers, add: () => "secret" as never });
  const error = await assertRejects(() => client(caller, Loose).add({ a: 1 }), HawserError);
  assertEquals([error.code, error.remote?.code, error.issues], ["remote", "internal", undefined]);
  assert(!`${error.message} ${JSON.stringify(error.remote)}`.includes("secret"));
  assertEquals((ends.failures[0] as HawserError).issues?.length, 1);
});

test("an answer that does not fit is not given to who asked", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  serve(answerer, Loose, { add: () => "three", ticks: () => endless("tick", () => {}) });
  const api = client(caller, Api);
  const error = await assertRejects(() => api.add({ a: 1 }), HawserError, "the answer of add does not fit");
  assertEquals([error.code, error.issues?.length], ["serialization", 1]);
  await assertRejects(() => api.ticks({ count: 1 }).next(), HawserError, "an answer of ticks does not fit");
});

test("a stream gives every answer, and ends when it is left", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  const ended = Promise.withResolvers<void>();
  serve(answerer, Api, { ...answers, ticks: () => endless(7, ended.resolve) });
  const api = client(caller, Api);
  let seen = 0;
  for await (const tick of api.ticks({ count: 1 })) {
    assertEquals(tick, 7);
    if (++seen === 3) break;
  }
  assertEquals(seen, 3);
  await ended.promise;
  serve(answerer, Api, answers);
  assertEquals(await collect(api.ticks({ count: 4 })), [0, 1, 2, 3]);
});

test("a stream ends with the first answer that does not fit, on the side that gave it", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  let times = 0;
  serve(answerer, Api, { ...answers, ticks: () => endless("seven" as never, () => times++) });
  const error = await assertRejects(() => client(caller, Api).ticks({ count: 1 }).next(), HawserError);
  assertEquals([error.remote?.code, times], ["internal", 1]);
});

test("methods keep their `this`", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  class Counter {
    total = 0;
    count(by: number): number {
      return this.total += by;
    }
  }
  const Counting = contract({ count: request(z.number(), z.number()) });
  serve(answerer, Counting, new Counter());
  const { count } = client(caller, Counting);
  assertEquals([await count(1), await count(2)], [1, 3]);
});

test("a method that is missing is missed at once", async () => {
  await using ends = await pair();
  const { answerer } = ends;
  const { users: _, ...rest } = answers;
  assertThrows(() => serve(answerer, Api, rest as never), TypeError, "no object users");
  assertThrows(
    () => serve(answerer, Api, { ...answers, users: {} } as never),
    TypeError,
    "no method users.find",
  );
});

test("a service that stops answers no more", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  answerer.handle("other", () => {}); // Requests no longer wait for the first handler.
  const heard: string[] = [];
  const api = client(caller, Api);
  {
    using _service = serve(answerer, Api, { ...answers, chat: ({ text }) => void heard.push(text) });
    await api.chat.publish({ text: "before" });
    assertEquals(await api.ping(), "pong");
  }
  await api.chat.publish({ text: "after" });
  const error = await assertRejects(() => api.ping({ deadlineMs: 2_000 }), HawserError);
  assertEquals([error.code, heard], ["not-found", ["before"]]);
});

async function* endless<T>(value: T, onEnd: () => void): AsyncGenerator<T, void, void> {
  try {
    while (true) yield await Promise.resolve(value);
  } finally {
    onEnd();
  }
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of source) values.push(value);
  return values;
}
