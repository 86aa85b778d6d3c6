// Events of a contract: told by either side, in order, and only if they fit.

import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { z } from "zod";
import { HawserError } from "../../../mod.ts";
import { client, contract, event, serve } from "../../../src/connection/contract/mod.ts";
import { pair } from "./pair.ts";

const Api = contract({
  chat: event(z.object({ text: z.string() })),
  slow: event(z.number().refine((ms) => new Promise<boolean>((resolve) => setTimeout(resolve, ms, true)))),
});
const Loose = contract({ chat: event(z.unknown()) });

/** Resolves when what is under way in this turn is done. */
const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

test("events are told and heard by both sides", async () => {
  const { caller, answerer } = pair();
  const heard: string[] = [];
  const service = serve(answerer, Api, {
    chat: ({ text }, { peer, headers }) => void heard.push(`${peer.id} ${headers.as}: ${text}`),
  });
  const api = client(caller, Api);
  await api.chat.publish({ text: "ahoy" }, { headers: { as: "ann" } });
  await settled();
  assertEquals(heard, ["the caller ann: ahoy"]);

  await using subscription = api.chat.subscribe();
  await service.events.chat.publish({ text: "one" });
  await service.events.chat.publish({ text: "two" });
  const texts: string[] = [];
  for await (const { text } of subscription) if (texts.push(text) === 2) break;
  assertEquals(texts, ["one", "two"]);
  assertEquals(caller.subscriptions, 0); // The loop that is left unsubscribes.
});

test("a handler gets one event after another, until it is unsubscribed", async () => {
  const { caller, answerer } = pair();
  const { events } = serve(answerer, Api, {});
  const said: string[] = [];
  const hearing = client(caller, Api).chat.subscribe(async ({ text }) => {
    said.push(`${text} begins`);
    await settled();
    said.push(`${text} ends`);
  });
  await events.chat.publish({ text: "a" });
  await events.chat.publish({ text: "b" });
  await settled();
  await settled();
  await settled();
  hearing.unsubscribe();
  await events.chat.publish({ text: "c" });
  await settled();
  assertEquals(said, ["a begins", "a ends", "b begins", "b ends"]);
});

test("an event that does not fit never leaves", async () => {
  const { caller } = pair();
  const publish = () => client(caller, Api).chat.publish({ text: 1 as never });
  const error = await assertRejects(publish, HawserError, "the event chat does not fit");
  assertEquals([error.code, error.issues![0].path], ["serialization", ["text"]]);
});

test("an event that does not fit is dropped where it arrives, and the next is heard", async () => {
  const { caller, answerer } = pair();
  const heard: string[] = [];
  const errors: string[] = [];
  const onError = (error: unknown, { name, kind }: { name: string; kind: string }) =>
    errors.push(`${kind} ${name} ${(error as HawserError).code}`);
  serve(answerer, Api, { chat: ({ text }) => void heard.push(text) }, { onError });
  const api = client(caller, Loose);
  for (const value of [{ text: 1 }, null, { text: "good" }]) await api.chat.publish(value);
  await settled();
  assertEquals([heard, errors], [["good"], ["event chat serialization", "event chat serialization"]]);
});

test("a handler that throws is told of, and hears the next", async () => {
  const { caller, answerer } = pair();
  const errors: unknown[] = [];
  const chat = ({ text }: { text: string }) => {
    throw new Error(text);
  };
  serve(answerer, Api, { chat }, { onError: (error) => errors.push((error as Error).message) });
  const api = client(caller, Api);
  await api.chat.publish({ text: "first" });
  await api.chat.publish({ text: "second" });
  await settled();
  assertEquals(errors, ["first", "second"]);
});

test("no event overtakes another, however long a validator takes", async () => {
  const { caller, answerer } = pair();
  const heard: number[] = [];
  serve(answerer, Api, { slow: (ms) => void heard.push(ms) });
  const { slow } = client(caller, Api);
  const done = Promise.all([slow.publish(20), slow.publish(-1), slow.publish(5), slow.publish(0)]);
  await done;
  while (heard.length < 4) await settled();
  assertEquals(heard, [20, -1, 5, 0]);
});
