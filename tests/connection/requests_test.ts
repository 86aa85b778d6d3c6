// Requests end to end: every one of them settles once, whatever happens to it.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { HawserError, type HawserErrorCode, type RequestContext } from "../../mod.ts";
import { ReplyError } from "../../src/message/reply_error.ts";
import { pair } from "./pair.ts";

test("many requests are in flight, and answered out of order", async () => {
  await using ends = await pair();
  const { promise: last, resolve } = Promise.withResolvers<void>();
  ends.there.handle("wait", async (value) => {
    if (value === 9) resolve();
    await last;
    return value;
  });
  ends.there.handle("now", (value) => value);
  const waiting = Array.from({ length: 10 }, (_, index) => ends.here.request("wait", index));
  assertEquals(await ends.here.request("now", { a: [1] }), { a: [1] });
  assertEquals(await Promise.all(waiting), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assertEquals([ends.here.messages.requests.size, ends.there.messages.answers.size], [0, 0]);
});

test("both ends ask and answer, one within the other", async () => {
  await using ends = await pair();
  ends.there.handle("twice", async (value) => 2 * (await ends.there.request("one more", value) as number));
  ends.here.handle("one more", (value) => (value as number) + 1);
  assertEquals(await ends.here.request("twice", 20), 42);
});

test("deadlines and aborts reach what a handler asks in turn", async () => {
  await using ends = await pair();
  const inner = Promise.withResolvers<RequestContext>();
  ends.here.handle("inner", (_value, context) => (inner.resolve(context), new Promise(() => {})));
  ends.there.handle(
    "outer",
    (_value, { signal, deadlineMs }) => ends.there.request("inner", 0, { signal, deadlineMs }),
  );
  const controller = new AbortController();
  const outer = ends.here.request("outer", 0, { deadlineMs: 5_000, signal: controller.signal });
  const { signal, deadlineMs } = await inner.promise;
  assert(deadlineMs <= 5_000);
  controller.abort(new Error("enough"));
  await outer.catch(() => {});
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
});

test("a connection with something in flight cannot be put to sleep, and one without can", async () => {
  await using ends = await pair({}, "ws://127.0.0.1:0");
  const { promise, resolve } = Promise.withResolvers<void>();
  ends.there.handle("wait", () => promise);
  const request = ends.here.request("wait");
  await ends.here.echo(0);
  assertEquals([ends.here.freeze(), ends.there.freeze()], [undefined, undefined]);
  resolve();
  await request;
  await ends.there.echo(0);
  assert(ends.there.messages.messenger.isIdle && ends.here.messages.messenger.isIdle);
});

test("what a handler throws: a ReplyError as it is, anything else without details, and told at home", async () => {
  await using ends = await pair();
  const told: unknown[] = [];
  ends.there.onError((error) => told.push(error));
  ends.there.handle("refuse", () => {
    throw new ReplyError("too-little", "not enough in it", { balance: 3 });
  });
  const bug = new Error("the password is 1234");
  ends.there.handle("break", () => Promise.reject(bug));
  const refused = await assertRejects(() => ends.here.request("refuse"), HawserError);
  assertEquals([refused.code, refused.retryable], ["remote", false]);
  assertEquals(refused.remote, { code: "too-little", message: "not enough in it", data: { balance: 3 } });
  const broken = await assertRejects(() => ends.here.request("break"), HawserError);
  assertEquals(broken.remote, { code: "internal", message: "", data: undefined });
  assert(!`${broken.message} ${broken.stack}`.includes("1234"));
  assertEquals(told, [bug]);
});

test("what cannot be sent back is an internal error there, and no error of the connection", async () => {
  await using ends = await pair();
  const told: unknown[] = [];
  ends.there.onError((error) => told.push(error));
  ends.there.handle("bigint", () => 1n);
  ends.there.handle("data", () => {
    throw new ReplyError("odd", "its data cannot be sent", 1n);
  });
  assertEquals(
    (await assertRejects(() => ends.here.request("bigint"), HawserError)).remote?.code,
    "internal",
  );
  const odd = await assertRejects(() => ends.here.request("data"), HawserError);
  assertEquals(odd.remote, { code: "odd", message: "its data cannot be sent", data: undefined });
  assertEquals(told.length, 1);
  await assertFails("serialization", ends.here.request("bigint", 1n));
});

test("the deadline passes on both sides: here the promise rejects, there the signal aborts", async () => {
  await using ends = await pair();
  const { promise, resolve } = Promise.withResolvers<RequestContext>();
  let leftMs = 0;
  ends.there.handle("never", (_value, context) => {
    leftMs = context.deadlineMs;
    resolve(context);
    return new Promise(() => {});
  });
  const request = ends.here.request("never", 1, { deadlineMs: 200, headers: { trace: "x" } });
  const context = await promise;
  assert(leftMs > 0 && leftMs <= 200);
  assertEquals([{ ...context.headers }, context.name, context.peer], [
    { trace: "x" },
    "never",
    ends.there.peer,
  ]);
  await assertFails("timeout", request);
  if (!context.signal.aborted) {
    await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
  }
  assertEquals([ends.here.messages.requests.size, ends.there.messages.answers.size], [0, 0]);
  for (const deadlineMs of [0, -1, NaN]) {
    await assertRejects(() => ends.here.request("never", 1, { deadlineMs }), RangeError);
  }
});

test("an abort rejects with its reason and reaches the handler; one before it sends nothing", async () => {
  await using ends = await pair();
  const { promise, resolve } = Promise.withResolvers<RequestContext>();
  let asked = 0;
  ends.there.handle("never", (_value, context) => (asked++, resolve(context), new Promise(() => {})));
  const controller = new AbortController();
  const request = ends.here.request("never", 1, { signal: controller.signal });
  const { signal } = await promise;
  const reason = new Error("changed my mind");
  controller.abort(reason);
  assertEquals(await request.catch((error) => error), reason);
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  assertEquals(
    await ends.here.request("never", 2, { signal: controller.signal }).catch((error) => error),
    reason,
  );
  await ends.here.echo(0);
  assertEquals(asked, 1);
});

test("the end of the connection settles all that is open, on both sides", async () => {
  await using ends = await pair();
  const { promise, resolve } = Promise.withResolvers<RequestContext>();
  ends.there.handle("never", (_value, context) => (resolve(context), new Promise(() => {})));
  const requests = [ends.here.request("never"), ends.here.requestMany("never").next()];
  const { signal } = await promise;
  const settled = Promise.allSettled(requests);
  await ends.there.abort();
  assert(signal.aborted);
  const late = [ends.here.request("never"), ends.here.echo(2), ends.here.requestMany("never").next()];
  for (const result of [...await settled, ...await Promise.allSettled(late)]) {
    assertEquals(result.status === "rejected" && result.reason.code, "closed");
  }
});

test("requests wait for a connection's first handler, and a name without one is refused", async () => {
  await using ends = await pair();
  const early = [ends.here.request("a", 1), ends.here.request("b", 2), ends.here.request("c", 3)];
  await ends.here.echo(0);
  ends.there.handle("a", (value) => value);
  await Promise.resolve();
  ends.there.handle("b", (value) => value);
  assertEquals(await Promise.all(early.slice(0, 2)), [1, 2]);
  await assertFails("not-found", early[2]);
  await assertFails("not-found", ends.here.request("c"));
  // The last registration counts, and none is none.
  ends.there.handle("a", () => "other");
  assertEquals(await ends.here.request("a"), "other");
  ends.there.handle("a", undefined);
  await assertFails("not-found", ends.here.request("a"));
});

test("several replies come as they are taken, and stop when nobody wants more", async () => {
  await using ends = await pair();
  let made = 0;
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  ends.there.handle("count", async function* (to) {
    try {
      for (let number = 0; number < (to as number); number++) {
        made++;
        yield new Uint8Array(10_000);
      }
    } finally {
      stop();
    }
  });
  let taken = 0;
  for await (const reply of ends.here.requestMany("count", 100)) {
    taken += (reply as Uint8Array).length;
  }
  assertEquals(taken, 1_000_000);
  made = 0;
  const replies = ends.here.requestMany("count", 1e9);
  await replies.next();
  for (let turn = 0; turn < 20; turn++) await ends.here.echo(turn);
  assert(made < 40, `${made} replies were made that nobody took`);
  await replies.return();
  await stopped;
  assertEquals((await replies.next()).done, true);
  await ends.here.echo(0);
  assertEquals([ends.here.messages.requests.size, ends.there.messages.answers.size], [0, 0]);
});

test("several replies end with what the handler throws, after those before it", async () => {
  await using ends = await pair();
  ends.there.handle("some", async function* () {
    yield 1;
    yield 2;
    throw new ReplyError("enough", "no more");
  });
  ends.there.handle("one", () => 7);
  const seen: unknown[] = [];
  const error = await assertRejects(async () => {
    for await (const reply of ends.here.requestMany("some")) seen.push(reply);
  }, HawserError);
  assertEquals([seen, error.remote?.code], [[1, 2], "enough"]);
  assertEquals(await Array.fromAsync(ends.here.requestMany("one")), [7]);
  await assertFails("unsupported", ends.here.request("some"));
  await assertFails("not-found", ends.here.requestMany("none").next());
});

test("a deadline and a signal bound several replies, too", async () => {
  await using ends = await pair();
  ends.there.handle("never", async function* (_value, { signal }) {
    yield 1;
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  });
  const late = ends.here.requestMany("never", 0, { deadlineMs: 300 });
  assertEquals((await late.next()).value, 1);
  await assertFails("timeout", late.next());
  const controller = new AbortController();
  const given = ends.here.requestMany("never", 0, { signal: controller.signal });
  assertEquals((await given.next()).value, 1);
  controller.abort(new Error("enough"));
  assertEquals((await given.next().catch((error) => error)).message, "enough");
  assertEquals(ends.here.messages.requests.size, 0);
});

async function assertFails(code: HawserErrorCode, promise: Promise<unknown>): Promise<void> {
  assertEquals((await assertRejects(() => promise, HawserError)).code, code);
}
