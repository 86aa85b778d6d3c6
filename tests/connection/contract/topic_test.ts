// Events of a contract: told by either side, in order, and only if they fit.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { z } from "zod";
import { HawserError } from "../../../mod.ts";
import { client, contract, event, serve } from "../../../src/connection/contract/mod.ts";
import { pair } from "./pair.ts";

const Api = contract({
  chat: event(z.object({ text: z.string() })),
  slow: event(z.number().refine((ms) => new Promise<boolean>((resolve) => setTimeout(resolve, ms, true)))),
});
const Loose = contract({ chat: event(z.unknown()) });

const PATIENCE_MS = 5_000;

test("events are told and heard by both sides", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  const heard: string[] = [];
  const service = serve(answerer, Api, {
    chat: ({ text }, { peer, headers }) => void heard.push(`${peer.id} ${headers.as}: ${text}`),
  });
  const api = client(caller, Api);
  await api.chat.publish({ text: "ahoy" }, { headers: { as: "ann" } });
  await until(() => heard.length === 1);
  assertEquals(heard, [`${answerer.peer.id} ann: ahoy`]);

  await using subscription = api.chat.subscribe();
  await service.events.chat.publish({ text: "one" });
  await service.events.chat.publish({ text: "two" });
  const texts: string[] = [];
  for await (const { text } of subscription) if (texts.push(text) === 2) break;
  assertEquals(texts, ["one", "two"]);
  for await (const _ of subscription) throw new Error("a loop that is left unsubscribes");
});

test("a handler gets one event after another, until it is unsubscribed", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  const { events } = serve(answerer, Api, {});
  const said: string[] = [];
  const hearing = client(caller, Api).chat.subscribe(async ({ text }) => {
    said.push(`${text} begins`);
    await new Promise((resolve) => setTimeout(resolve, 1));
    said.push(`${text} ends`);
  });
  await events.chat.publish({ text: "a" });
  await events.chat.publish({ text: "b" });
  await until(() => said.length === 4);
  hearing.unsubscribe();
  await events.chat.publish({ text: "c" });
  await answerer.echo("what was told before this has arrived");
  assertEquals(said, ["a begins", "a ends", "b begins", "b ends"]);
});

test("an event that does not fit never leaves", async () => {
  await using ends = await pair();
  const publish = () => client(ends.caller, Api).chat.publish({ text: 1 as never });
  const error = await assertRejects(publish, HawserError, "the event chat does not fit");
  assertEquals([error.code, error.issues![0].path], ["serialization", ["text"]]);
});

test("an event that does not fit is dropped where it arrives, and the next is heard", async () => {
  await using ends = await pair();
  const { caller, answerer } = ends;
  const heard: string[] = [];
  const errors: string[] = [];
  const onError = (error: unknown, { name }: { readonly name: string }) =>
    errors.push(`${name}: ${(error as HawserError).code}`);
  serve(answerer, Api, { chat: ({ text }) => void heard.push(text) }, { onError });
  const api = client(caller, Loose);
  for (const value of [{ text: 1 }, null, { text: "good" }]) await api.chat.publish(value);
  await until(() => heard.length === 1);
  assertEquals([heard, errors], [["good"], ["chat: serialization", "chat: serialization"]]);
});

test("a handler that throws is told of, and hears the next", async () => {
  await using ends = await pair();
  const errors: unknown[] = [];
  const chat = ({ text }: { text: string }) => {
    throw new Error(text);
  };
  serve(ends.answerer, Api, { chat }, { onError: (error) => errors.push((error as Error).message) });
  const api = client(ends.caller, Api);
  await api.chat.publish({ text: "first" });
  await api.chat.publish({ text: "second" });
  await until(() => errors.length === 2);
  assertEquals(errors, ["first", "second"]);
});

test("no event overtakes another, however long a validator takes", async () => {
  await using ends = await pair();
  const heard: number[] = [];
  serve(ends.answerer, Api, { slow: (ms) => void heard.push(ms) });
  const { slow } = client(ends.caller, Api);
  await Promise.all([20, 1, 5, 0].map((ms) => slow.publish(ms)));
  await until(() => heard.length === 4);
  assertEquals(heard, [20, 1, 5, 0]);
});

async function until(holds: () => boolean): Promise<void> {
  const startedAt = performance.now();
  while (!holds()) {
    assert(performance.now() - startedAt < PATIENCE_MS, "it did not happen in time");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
