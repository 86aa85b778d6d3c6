// Values end to end: who gets which, in what order, and what the sender learns of it.

import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Connection, HawserError, type HawserErrorCode, ReplyError, type ValueInfo } from "../../mod.ts";
import { pair } from "./pair.ts";

test("bytes without options are messages; all else is a value, and comes as it was", async () => {
  await using ends = await pair();
  const raw: unknown[] = [];
  const values: unknown[] = [];
  ends.there.onMessage((message) => raw.push(message));
  ends.there.onValue((value) => values.push(value));
  const sent = ["text", { a: [1, null] }, 3, true, undefined, null, new Uint8Array([4])];
  ends.here.send(new Uint8Array([1]));
  ends.here.send(new Uint8Array([2]), { priority: 200 });
  for (const value of sent.slice(0, -1)) ends.here.send(value);
  await ends.here.send(sent.at(-1), { ack: true });
  ends.here.send({ date: new Date(0) }, { format: "msgpack" });
  await ends.here.echo(0);
  assertEquals(values, [...sent, { date: new Date(0) }]);
  assertEquals(raw.length, 2);
});

test("options travel with a value", async () => {
  await using ends = await pair();
  const { promise, resolve } = Promise.withResolvers<ValueInfo>();
  ends.there.onValue((_value, info) => resolve(info));
  ends.here.send("x", { type: "t", headers: { trace: "1" }, ttl: 3, id: "first" });
  const { headers, ...info } = await promise;
  assertEquals({ ...headers }, { trace: "1" });
  assertEquals(info, { type: "t", ttl: 3, id: "first", peer: ends.there.peer });
  for (const ttl of [-1, 256, 1.5]) assertThrows(() => ends.here.send("x", { ttl }), RangeError);
  assertThrows(() => ends.here.send("x", { type: "t".repeat(256) }), RangeError);
  assertEquals(assertThrows(() => ends.here.send(1n), HawserError).code, "serialization");
});

test("values wait for whoever takes them, in their order, and loops get those that no handler takes", async () => {
  await using ends = await pair();
  for (let index = 0; index < 10; index++) ends.here.send(index, index % 2 === 0 ? { type: "even" } : {});
  await ends.here.echo(0);
  const even: unknown[] = [];
  ends.there.on("even", (value) => even.push(value));
  assertEquals(even, [0, 2, 4, 6, 8]);
  const odd: unknown[] = [];
  for await (const { value } of ends.there.values()) if (odd.push(value) === 5) break;
  assertEquals(odd, [1, 3, 5, 7, 9]);
});

test("a dispatcher: the last handler of a type counts, and a type without one is told to the sender", async () => {
  await using ends = await pair();
  const told: unknown[] = [];
  ends.here.onError((error) => told.push(error));
  const seen: unknown[] = [];
  ends.there.on("a", () => seen.push("first"));
  ends.there.on("a", (value) => seen.push(value));
  await ends.here.send(1, { type: "a", ack: true });
  await assertFails("not-found", ends.here.send(2, { type: "b", ack: true }));
  ends.here.send(3, { type: "b" });
  await ends.here.echo(0);
  await ends.here.echo(0);
  assertEquals([seen, (told[0] as HawserError).code], [[1], "not-found"]);
  ends.there.on("a", undefined);
  await assertFails("not-found", ends.here.send(4, { type: "a", ack: true }));
  // A handler for all values takes what has no other.
  ends.there.onValue((value) => void seen.push(value));
  await ends.here.send(5, { type: "b", ack: true });
  assertEquals(seen, [1, 5]);
});

test("an acknowledgement says that the application took it, and not before", async () => {
  await using ends = await pair();
  const { promise, resolve } = Promise.withResolvers<void>();
  ends.there.on("slow", () => promise);
  let isTaken = false;
  const slow = ends.here.send(1, { type: "slow", ack: true }).then(() => isTaken = true);
  const late = ends.here.send(2, { ack: true });
  await ends.here.echo(0);
  assertEquals(isTaken, false);
  resolve();
  await slow;
  const values = ends.there.values();
  assertEquals((await values.next()).value!.value, 2);
  await late;
  await assertFails("timeout", ends.here.send(3, { ack: true, deadlineMs: 20 }));
  const reason = new Error("never mind");
  const given = ends.here.send(4, { ack: true, signal: AbortSignal.timeout(10) });
  assertEquals((await given.catch((error) => error)).name, "TimeoutError");
  const end = ends.here.send(5, { ack: true }).catch((error) => error);
  await ends.there.abort(reason.message);
  assertEquals((await end).code, "closed");
});

test("what a handler of values throws: the sender that asked learns of it as of a request", async () => {
  await using ends = await pair();
  const told: unknown[] = [];
  ends.there.onError((error) => told.push(error));
  ends.there.on("refuse", () => Promise.reject(new ReplyError("full", "no room")));
  ends.there.on("break", () => {
    throw new Error("secret");
  });
  const refused = await assertRejects(() => ends.here.send(1, { type: "refuse", ack: true }), HawserError);
  assertEquals(refused.remote?.code, "full");
  const broken = await assertRejects(() => ends.here.send(1, { type: "break", ack: true }), HawserError);
  assertEquals(broken.remote, { code: "internal", message: "", data: undefined });
  ends.here.send(1, { type: "break" });
  await ends.here.echo(0);
  assertEquals(told.map((error) => (error as Error).message), ["secret", "secret"]);
});

test("of several values with one id the first is taken, and again if its handler failed", async () => {
  await using ends = await pair();
  const seen: unknown[] = [];
  ends.there.onValue((value) => {
    seen.push(value);
    if (value === "fails") throw new ReplyError("no", "not now");
  });
  await ends.here.send("one", { id: "1", ack: true });
  await ends.here.send("same", { id: "1", ack: true });
  await assertFails("remote", ends.here.send("fails", { id: "2", ack: true }));
  await ends.here.send("again", { id: "2", ack: true });
  assertEquals(seen, ["one", "fails", "again"]);
});

test("values that nobody takes hold up their sender, and neither requests nor replies", async () => {
  await using ends = await pair({ limits: { windowBytes: 256 * 1024 } });
  ends.there.handle("ask back", async () => await ends.there.request("number"));
  ends.here.handle("number", () => 7);
  const value = "x".repeat(10_000);
  for (let index = 0; index < 100; index++) {
    ends.here.send(value);
    ends.there.send(value);
  }
  assertEquals(await ends.here.request("ask back"), 7);
  assert(ends.here.queuedBytes > 0 && ends.there.queuedBytes > 0);
  let count = 0;
  for await (const { value: taken } of ends.there.values()) {
    assertEquals(taken, value);
    if (++count === 100) break;
  }
});

test("goodbye: requests are refused from then on, on both sides of it, and what is under way goes on", async () => {
  await using ends = await pair();
  const { promise: last, resolve } = Promise.withResolvers<void>();
  ends.there.handle("wait", async () => (await last, "done"));
  const open = ends.here.request("wait");
  await ends.here.echo(0);
  const heard = new Promise((resolve) => ends.here.onGoodbye(resolve));
  ends.there.goodbye("a new version");
  assertEquals(await heard, "a new version");
  const refused = await assertRejects(() => ends.here.request("wait"), HawserError);
  assertEquals([refused.code, refused.retryable], ["closed", true]);
  resolve();
  assertEquals(await open, "done");
});

test("onClose is called once, with how it ended, even if that was before", async () => {
  const ends = await pair();
  const infos: unknown[] = [];
  ends.there.onClose(({ code, by }) => infos.push([code, by]));
  await ends.here.close({ code: 300 });
  await ends.there.closed;
  await Promise.resolve();
  assertEquals(infos, [[300, "peer"]]);
  await new Promise<void>((resolve) =>
    (ends.here as Connection).onClose(({ by }) => resolve(infos.push(by) as never))
  );
  assertEquals(infos, [[300, "peer"], "local"]);
  await ends[Symbol.asyncDispose]();
});

test("the loop over values ends with the connection, after what waits", async () => {
  const ends = await pair();
  ends.here.send("last");
  await ends.here.close();
  await ends.there.closed;
  const seen = await Array.fromAsync(ends.there.values(), ({ value }) => value);
  assertEquals(seen, ["last"]);
  await ends[Symbol.asyncDispose]();
});

async function assertFails(code: HawserErrorCode, promise: Promise<unknown>): Promise<void> {
  assertEquals((await assertRejects(() => promise, HawserError)).code, code);
}
