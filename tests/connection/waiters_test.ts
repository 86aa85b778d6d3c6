import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { Waiters } from "../../src/connection/waiters.ts";
import { HawserError } from "../../src/errors.ts";

/** A signal that counts who listens to it. */
function countedSignal(): { signal: AbortSignal; abort(reason: unknown): void; listeners(): number } {
  const controller = new AbortController();
  const { signal } = controller;
  let count = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (count++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (count--, remove(...args));
  return { signal, abort: (reason) => controller.abort(reason), listeners: () => count };
}

/** The timers that `action` starts and does not clear. */
async function timersLeft(action: () => Promise<void>): Promise<number> {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const timers = new Set<unknown>();
  Object.assign(globalThis, {
    setTimeout: (...args: Parameters<typeof set>) => {
      const timer = set(...args);
      timers.add(timer);
      return timer;
    },
    clearTimeout: (timer: Parameters<typeof clear>[0]) => (timers.delete(timer), clear(timer)),
  });
  try {
    await action();
  } finally {
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
  }
  for (const timer of timers) clear(timer as Parameters<typeof clear>[0]);
  return timers.size;
}

test("Waiters: whatever settles a wait, neither timer nor listener nor waiter is left", async () => {
  const endings: [string, (waiters: Waiters<number>, abort: (reason: unknown) => void) => void][] = [
    ["a value", (waiters) => void waiters.resolveFirst(1)],
    ["a value for all", (waiters) => waiters.resolveAll(1)],
    ["a failure", (waiters) => waiters.rejectAll(new Error("over"))],
    ["an abort", (_, abort) => abort(new Error("enough"))],
  ];
  for (const [name, end] of endings) {
    const { signal, abort, listeners } = countedSignal();
    const waiters = new Waiters<number>("a thing");
    const left = await timersLeft(async () => {
      const waiting = waiters.wait({ signal, timeoutMs: 60_000 }).catch(() => {});
      assertEquals([waiters.size, listeners()], [1, 1], name);
      end(waiters, abort);
      await waiting;
    });
    assertEquals([left, listeners(), waiters.size], [0, 0, 0], name);
  }
});

test("Waiters: first come, first served; deadlines and signals are each waiter's own", async () => {
  const waiters = new Waiters<string>("a thing");
  const first = waiters.wait();
  const late = assertRejects(
    () => waiters.wait({ timeoutMs: 5 }),
    HawserError,
    "a thing did not happen within 5 ms",
  );
  const third = waiters.wait();
  assertEquals((await late).code, "timeout");
  assertEquals([waiters.resolveFirst("a"), waiters.resolveFirst("b"), waiters.resolveFirst("c")], [
    true,
    true,
    false,
  ]);
  assertEquals([await first, await third], ["a", "b"]);
  const aborted = await waiters.wait({ signal: AbortSignal.abort("no") }).catch((reason) => reason);
  assertEquals([aborted, waiters.size], ["no", 0]);
});
