// What surrounds calls: it sees them, changes them, answers them itself, or refuses.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { z } from "zod";
import { HawserError } from "../../../mod.ts";
import {
  type Call,
  client,
  contract,
  event,
  type Middleware,
  ReplyError,
  request,
  type RequestContext,
  serve,
  stream,
} from "../../../src/connection/contract/mod.ts";
import { pair } from "./pair.ts";

const Api = contract({
  echo: request(z.string(), z.string()),
  ticks: stream(z.number(), z.number()),
  chat: event(z.string()),
});

const answers = {
  echo: (text: string) => text,
  ticks: async function* (count: number) {
    for (let tick = 0; tick < count; tick++) yield await Promise.resolve(tick);
  },
};

test("middleware surrounds a call in its order, on both sides", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  const log: string[] = [];
  const noting = (who: string): Middleware => async (call, next) => {
    log.push(`${who} > ${call.kind} ${call.name} ${call.input}`);
    const answer = await next(call);
    log.push(`${who} < ${answer}`);
    return answer;
  };
  serve(answerer, Api, answers, { use: [noting("outer answerer"), noting("inner answerer")] });
  const api = client(caller, Api, { use: [noting("outer caller"), noting("inner caller")] });
  assertEquals(await api.echo("a"), "a");
  assertEquals(log, [
    "outer caller > request echo a",
    "inner caller > request echo a",
    "outer answerer > request echo a",
    "inner answerer > request echo a",
    "inner answerer < a",
    "outer answerer < a",
    "inner caller < a",
    "outer caller < a",
  ]);
});

test("middleware sees headers, deadline, signal and peer, and what it changes counts", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  const { signal } = new AbortController();
  const seen: Call[] = [];
  const see: Middleware = (call, next) => (seen.push(call), next(call));
  const sign: Middleware = (call, next) =>
    next({ ...call, headers: { ...call.headers, token: "t" }, deadlineMs: 5_000, input: `${call.input}!` });
  const name: Middleware = (call, next) => next({ ...call, headers: { ...call.headers, user: "ann" } });
  const echo = (text: string, { headers, deadlineMs, signal, peer }: RequestContext) => {
    assertEquals([headers.token, headers.user], ["t", "ann"]);
    assertEquals([deadlineMs > 0 && deadlineMs <= 5_000, signal.aborted, peer], [true, false, answerer.peer]);
    return text;
  };
  serve(answerer, Api, { ...answers, echo }, { use: [see, name] });
  const api = client(caller, Api, { use: [see, sign] });
  assertEquals(await api.echo("a", { headers: { trace: "1" }, deadlineMs: 60_000, signal }), "a!");
  const [here, there] = seen;
  assertEquals([here.headers, here.deadlineMs, here.peer], [{ trace: "1" }, 60_000, caller.peer]);
  assert(here.signal === signal);
  assertEquals({ ...there.headers }, { trace: "1", token: "t" });
  assertEquals([there.deadlineMs! <= 5_000, there.peer, there.signal!.aborted], [true, answerer.peer, false]);
});

test("middleware that refuses keeps a call from its method, unchecked as it is", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  let calls = 0;
  const guard: Middleware = (call, next) => {
    if (call.headers.token !== "secret") {
      throw new ReplyError("forbidden", `no token for ${call.name}`, { retry: 1 });
    }
    return next(call);
  };
  serve(answerer, Api, { ...answers, echo: (text) => (calls++, text) }, { use: [guard] });
  const api = client(caller, Api);
  const error = await assertRejects(() => api.echo("a"), HawserError, "no token for echo");
  assertEquals([error.remote, calls], [{
    code: "forbidden",
    message: "no token for echo",
    data: { retry: 1 },
  }, 0]);
  assertEquals(await api.echo("a", { headers: { token: "secret" } }), "a");
  await assertRejects(() => api.ticks(1).next(), HawserError, "no token for ticks");
});

test("middleware may answer by itself, and may ask twice", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  let failures = 2;
  serve(answerer, Api, {
    ...answers,
    echo: (text) => {
      if (failures-- > 0) throw new ReplyError("busy", "not now");
      return text;
    },
  });
  const cache = new Map<unknown, unknown>();
  const cached: Middleware = async (call, next) => {
    if (!cache.has(call.input)) cache.set(call.input, await next(call));
    return cache.get(call.input);
  };
  const retrying: Middleware = async (call, next) => {
    try {
      return await next(call);
    } catch {
      return await retrying(call, next);
    }
  };
  const api = client(caller, Api, { use: [cached, retrying] });
  assertEquals([await api.echo("a"), await api.echo("a")], ["a", "a"]);
  assertEquals(failures, -1); // Two that failed, and one.
});

test("middleware may change the answers of a stream", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  const doubled: Middleware = async (call, next) => {
    const ticks = await next(call) as AsyncIterable<number>;
    return async function* () {
      for await (const tick of ticks) yield 2 * tick;
    }();
  };
  serve(answerer, Api, answers, { use: [doubled] });
  const seen: number[] = [];
  for await (const tick of client(caller, Api, { use: [doubled] }).ticks(3)) seen.push(tick);
  assertEquals(seen, [0, 4, 8]);
});

test("middleware surrounds events that are told, and those that a service hears", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  const heard = Promise.withResolvers<string>();
  const shout: Middleware = (call, next) => next({ ...call, input: `${call.input}!` });
  const peers: (string | undefined)[] = [];
  const note: Middleware = (call, next) => (peers.push(call.peer?.id), next(call));
  serve(answerer, Api, { ...answers, chat: heard.resolve }, { use: [shout, note] });
  await client(caller, Api, { use: [shout, note] }).chat.publish("a");
  assertEquals(await heard.promise, "a!!");
  assertEquals(peers, [caller.peer.id, answerer.peer.id]);
});

test("middleware of a service has no say in what the service tells", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  const refuse: Middleware = (call) => Promise.reject(new ReplyError("forbidden", `not ${call.name}`));
  const { events } = serve(answerer, Api, answers, { use: [refuse] });
  const heard = Promise.withResolvers<string>();
  client(caller, Api, { use: [refuse] }).chat.subscribe(heard.resolve);
  await events.chat.publish("a");
  assertEquals(await heard.promise, "a");
});
