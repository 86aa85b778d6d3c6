// Attempts that race: pure ones by the clock, and real ones over sockets.

import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect, createIdentity, HawserError, listen } from "../../mod.ts";
import { race } from "../../src/connection/race.ts";

const HEAD_START_MS = 100;

interface Attempt {
  /** When it was started, in milliseconds after the race. */
  startedAt?: number;
  signal?: AbortSignal;
}

/** Attempts that each settle so many milliseconds after their own start, or never. */
function plan(steps: readonly { afterMs?: number; error?: Error }[], signal?: AbortSignal) {
  const attempts: Attempt[] = steps.map(() => ({}));
  const late: number[] = [];
  const start = performance.now();
  const outcome = race(
    steps.map(({ afterMs, error }, index) => (attemptSignal: AbortSignal) => {
      attempts[index].startedAt = performance.now() - start;
      attempts[index].signal = attemptSignal;
      return new Promise<number>((resolve, reject) => {
        if (afterMs !== undefined) setTimeout(() => error ? reject(error) : resolve(index), afterMs);
      });
    }),
    {
      headStartMs: HEAD_START_MS,
      signal,
      isFatal: (error) => error instanceof TypeError,
      discard: (value) => void late.push(value),
    },
  );
  return { outcome, attempts, late };
}

test("race: the first alone when it is quick; the next joins in after the head start, or at once after a failure", async () => {
  const quick = plan([{ afterMs: 5 }, { afterMs: 0 }]);
  assertEquals(await quick.outcome, 0);
  assertEquals(quick.attempts[1].startedAt, undefined);

  const slow = plan([{}, { afterMs: 5 }, { afterMs: 0 }]);
  assertEquals(await slow.outcome, 1);
  assert(slow.attempts[1].startedAt! >= HEAD_START_MS - 2);
  assertEquals(slow.attempts[2].startedAt, undefined);
  assertEquals([slow.attempts[0].signal!.aborted, slow.attempts[1].signal!.aborted], [true, false]);

  const failing = plan([{ afterMs: 0, error: new Error("no") }, { afterMs: 0 }]);
  assertEquals(await failing.outcome, 1);
  assert(failing.attempts[1].startedAt! < HEAD_START_MS);
});

test("race: what comes too late is discarded", async () => {
  const { outcome, late } = plan([{ afterMs: HEAD_START_MS + 40 }, { afterMs: 10 }]);
  assertEquals(await outcome, 1);
  await new Promise((resolve) => setTimeout(resolve, 80));
  assertEquals(late, [0]);
});

test("race: all failures are told in order, a fatal one at once, and an abort ends it", async () => {
  const errors = [new Error("first"), new Error("second")];
  const failed = plan([{ afterMs: HEAD_START_MS + 20, error: errors[0] }, { afterMs: 0, error: errors[1] }]);
  assertEquals((await assertRejects(() => failed.outcome, AggregateError)).errors, errors);

  const fatal = plan([{ afterMs: 1, error: new TypeError("a bug") }, { afterMs: 0 }]);
  await assertRejects(() => fatal.outcome, TypeError, "a bug");
  assertEquals(fatal.attempts[1].startedAt, undefined);

  const controller = new AbortController();
  const aborted = plan([{}, {}], controller.signal);
  setTimeout(() => controller.abort(new Error("enough")), HEAD_START_MS + 20);
  await assertRejects(() => aborted.outcome, Error, "enough");
  assertEquals(aborted.attempts.map(({ signal }) => signal!.aborted), [true, true]);
  await assertRejects(
    () => plan([{ afterMs: 0 }], AbortSignal.abort(new Error("before"))).outcome,
    Error,
    "before",
  );
});

/** Accepts and says nothing; counts the sockets that are open. */
async function silentServer(): Promise<
  { url: string; open: Set<Socket>; server: Server; seen: () => number }
> {
  const open = new Set<Socket>();
  let seen = 0;
  const server = createServer((socket) => {
    seen++;
    open.add(socket);
    socket.on("error", () => {}).on("close", () => open.delete(socket)).resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `tcp://127.0.0.1:${port}`, open, server, seen: () => seen };
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 5_000;
  while (!condition()) {
    assert(performance.now() < end, "did not happen within 5 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("connect: a proven session wins over a silent address before it, whose socket is closed", async () => {
  const silent = await silentServer();
  await using server = await listen("ws://127.0.0.1:0");
  const started = performance.now();
  await using connection = await connect([`${silent.url}#${server.id}`, server.urls[0]], { headStartMs: 50 });
  assert(performance.now() - started < 3_000);
  assertEquals(connection.peer.id, server.id);
  assert(connection.remoteAddress.startsWith("ws://"));
  assertEquals(silent.seen(), 1);
  await until(() => silent.open.size === 0);
  await new Promise((resolve) => silent.server.close(resolve));
});

test("connect: prefer decides which of two that answer is used, and the other is not dialled", async () => {
  await using server = await listen(["ws://127.0.0.1:0", "udp://127.0.0.1:0", "tcp://127.0.0.1:0"]);
  for (const [prefer, scheme] of [["latency", "udp"], ["throughput", "tcp"], ["firewall", "ws"]] as const) {
    await using connection = await connect(server.urls, { prefer, headStartMs: 5_000 });
    assertEquals(new URL(connection.remoteAddress).protocol, `${scheme}:`);
  }
  assertEquals(server.stats().accepted, 3);
});

test("connect: when no address answers, the error names them all, and an abort leaves no socket", async () => {
  const { id } = createIdentity();
  const nobody = ["tcp://127.0.0.1:1", "ws://127.0.0.1:1"];
  const error = await assertRejects(() => connect(nobody.map((url) => `${url}#${id}`)), HawserError);
  assertEquals([error.code, error.retryable], ["connection-refused", true]);
  for (const url of nobody) assert(error.message.includes(url), error.message);
  assertEquals((error.cause as AggregateError).errors.length, 2);

  const silent = await Promise.all([silentServer(), silentServer()]);
  const controller = new AbortController();
  const urls = silent.map(({ url }) => `${url}#${id}`);
  const attempt = assertRejects(
    () => connect(urls, { signal: controller.signal, headStartMs: 20 }),
    Error,
    "enough",
  );
  await until(() => silent.every(({ seen }) => seen() === 1));
  controller.abort(new Error("enough"));
  await attempt;
  await until(() => silent.every(({ open }) => open.size === 0));
  for (const { server } of silent) await new Promise((resolve) => server.close(resolve));
  await assertRejects(() => connect(urls, { headStartMs: -1 }), RangeError);
});
