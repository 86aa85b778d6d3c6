// A contract between two runtimes: everything that it promises, over real sockets.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect, HawserError } from "../../../mod.ts";
import { client } from "../../../src/connection/contract/mod.ts";
import { currentRuntime, runtimes, spawnRuntime } from "../../runtimes/runtimes.ts";
import { Sample, Unchecked } from "./sample.ts";

const SERVER = "tests/connection/fixtures/contract_server.ts";
const CALLS = 300;

for (const { name } of runtimes.filter(({ name }) => name !== currentRuntime())) {
  test(`a contract with ${name}: requests, streams, events, and all that does not fit`, async () => {
    await using server = spawnRuntime(name, SERVER, ["tcp://127.0.0.1:0", "ws://127.0.0.1:0"]);
    for (const url of [await server.nextLine(), await server.nextLine()]) await converse(url);
  });
}

async function converse(url: string): Promise<void> {
  await using connection = await connect(url);
  const api = client(connection, Sample);
  await using subscription = api.happened.subscribe();
  const happened = subscription[Symbol.asyncIterator]();

  assertEquals(await api.divide({ a: 6, by: 3 }), 2);
  assertEquals(await api.divide({ a: 6 }), 3);
  assertEquals((await api.dates.next("2026-11-21T00:00:00Z")).getUTCDate(), 22);
  await refusals(api, client(connection, Unchecked));

  const numbers: number[] = [];
  for await (const number of api.count({ from: 7 })) if (numbers.push(number) === 3) break;
  assertEquals(numbers, [7, 8, 9]);
  assertEquals((await happened.next()).value, "count ended at most a million");

  const late = await assertRejects(() => api.wait("late", { deadlineMs: 20 }), HawserError);
  assertEquals(late.code, "timeout");
  const stop = new AbortController();
  const waiting = api.wait("a while", { signal: stop.signal });
  while ((await happened.next()).value !== "a while began");
  stop.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  while ((await happened.next()).value !== "a while ended");

  await many(api);
  await said(url, api);
}

type Api = ReturnType<typeof client<typeof Sample>>;

async function refusals(api: Api, unchecked: ReturnType<typeof client<typeof Unchecked>>): Promise<void> {
  const own = await assertRejects(() => api.divide({ a: "6" as never }), HawserError, "the input of divide");
  assertEquals([own.code, own.issues![0].path], ["serialization", ["a"]]);
  const theirs = await assertRejects(() => unchecked.divide({ a: "6" }), HawserError, "the peer refuses");
  assertEquals([theirs.code, theirs.issues![0].path], ["serialization", ["a"]]);
  const lie = await assertRejects(() => api.lie(), HawserError);
  assertEquals([lie.code, lie.remote?.code, lie.remote?.data], ["remote", "internal", undefined]);
  assert(!lie.message.includes("42") && !lie.message.includes("schema"), lie.message);
  const eve = await assertRejects(() => api.lie({ headers: { user: "eve" } }), HawserError);
  assertEquals([eve.remote?.code, eve.remote?.message], ["forbidden", "lie is not for eve"]);
  const nothing = await assertRejects(() => unchecked.nothing(1), HawserError);
  assertEquals(nothing.code, "not-found");
}

/** Each call settles once, with its own answer. */
async function many(api: Api): Promise<void> {
  const calls = Array.from({ length: CALLS }, (_, index) => api.divide({ a: index, by: index % 10 }));
  for (const [index, outcome] of (await Promise.allSettled(calls)).entries()) {
    if (outcome.status === "fulfilled") assertEquals(outcome.value, index / (index % 10));
    else assertEquals((outcome.reason as HawserError).remote?.data, { a: index });
    assertEquals(outcome.status === "rejected", index % 10 === 0);
  }
}

/** What one client says, the others are told; what does not fit is not. */
async function said(url: string, api: Api): Promise<void> {
  await using other = await connect(url);
  const { said } = client(other, Sample);
  await using heard = said.subscribe();
  await other.echo(""); // Now the server knows.
  await client(other, Unchecked).said.publish({ text: 1 });
  await api.said.publish({ text: "ahoy" });
  for await (const { text } of heard) {
    assertEquals(text, "ahoy");
    break;
  }
}
