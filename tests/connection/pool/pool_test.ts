import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type Connection,
  createIdentity,
  HawserError,
  type Identity,
  listen,
  type Server,
} from "../../../mod.ts";
import { createPool, type Lease } from "../../../src/connection/pool/mod.ts";
import { until } from "./until.ts";

async function echoServer(address = "tcp://127.0.0.1:0", identity?: Identity): Promise<Server> {
  const server = await listen(address, { identity });
  server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
  return server;
}

async function echo({ connection }: Lease, byte: number): Promise<void> {
  connection.send(Uint8Array.of(byte));
  assertEquals(await connection.receive(), Uint8Array.of(byte));
}

test("pool: a connection that came back is leased again, the one that has been idle for longest first", async () => {
  await using server = await echoServer();
  await using pool = createPool(server.urls, { max: 3 });
  const first = await pool.acquire();
  const second = await pool.acquire();
  await Promise.all([echo(first, 1), echo(second, 2)]);
  const order: Connection[] = [second.connection, first.connection];
  second.release();
  first.release();
  first.release(); // A second time means nothing.

  await using third = await pool.acquire();
  assert(third.connection === order[0]);
  await echo(third, 3);
  await using fourth = await pool.acquire();
  assert(fourth.connection === order[1]);
  const { opened, leases, open, idle, leased } = pool.stats();
  assertEquals({ opened, leases, open, idle, leased }, { opened: 2, leases: 4, open: 2, idle: 0, leased: 2 });
});

test("pool: who comes when all are leased waits in line, with a deadline or a signal", async () => {
  await using server = await echoServer();
  await using pool = createPool(server.urls, { max: 1, waitersMax: 3 });
  const held = await pool.acquire();
  const order: string[] = [];
  const waiting = ["a", "b"].map((name) => pool.acquire().then((lease) => (order.push(name), lease)));
  await assertRejects(() => pool.acquire({ timeoutMs: 10 }), HawserError, "within 10 ms");
  const aborted = pool.acquire({ signal: AbortSignal.timeout(5) });
  const refused = await assertRejects(() => pool.acquire(), HawserError);
  assertEquals([refused.code, refused.retryable], ["limit", true]);
  await assertRejects(() => aborted, DOMException);

  held.release();
  (await waiting[0]).release();
  (await waiting[1]).release();
  assertEquals(order, ["a", "b"]);
  assertEquals(pool.stats().opened, 1);
  assertEquals(pool.stats().waiting, 0);
});

test("pool: the least number is opened before anybody asks, and again when one ends", async () => {
  await using server = await echoServer();
  const served: Connection[] = [];
  server.onConnection((connection) => void served.push(connection));
  await using pool = createPool(server.urls, { min: 2, max: 4 });
  await until(() => pool.stats().idle === 2);
  await served[0].abort();
  await until(() => pool.stats().opened === 3 && pool.stats().idle === 2);
  assertEquals(pool.stats().closed, 1);
});

test("pool: idle connections end down to the least number, old ones in any case", async () => {
  await using server = await echoServer();
  await using pool = createPool(server.urls, { min: 1, max: 3, idleMs: 30, warm: false });
  const leases = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
  for (const lease of leases) lease.release();
  assertEquals(pool.stats().idle, 3);
  await until(() => pool.stats().open === 1);

  await using old = createPool(server.urls, { lifetimeMs: 40 });
  const lease = await old.acquire();
  const { connection } = lease;
  lease.release();
  await until(() => old.stats().open === 0);
  await using next = await old.acquire();
  assert(next.connection !== connection);
});

test("pool: what is not well is closed, and nobody gets it", async () => {
  await using server = await echoServer();
  let isWell = true;
  await using pool = createPool(server.urls, {
    healthCheck: { everyMs: 10, check: async (connection) => await connection.ping() >= 0 && isWell },
  });
  const lease = await pool.acquire();
  const { connection } = lease;
  lease.release();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(pool.stats().unwell, 0);
  isWell = false;
  await until(() => pool.stats().unwell === 1);
  await using next = await pool.acquire();
  assert(next.connection !== connection);
});

test("pool: what was discarded is closed, what ended by itself is forgotten", async () => {
  await using server = await echoServer();
  await using pool = createPool(server.urls, { max: 1 });
  const first = await pool.acquire();
  const next = pool.acquire();
  first.discard();
  const second = await next;
  assert(second.connection !== first.connection);
  await second.connection.abort();
  second.release();
  await using third = await pool.acquire();
  await echo(third, 7);
  assertEquals(pool.stats().opened, 3);
});

test("pool: a circuit opens, lets one dial through after a while, and closes when that gets through", async () => {
  const identity = createIdentity();
  const before = await echoServer(undefined, identity);
  const { urls } = before;
  await before.close();
  await using pool = createPool(urls, { breaker: { failuresMax: 3, openMs: 150 } });
  for (let count = 0; count < 3; count++) {
    const error = await assertRejects(() => pool.acquire(), HawserError);
    assertEquals(error.code, "connection-refused");
  }
  const refused = await assertRejects(() => pool.acquire(), HawserError, "try again in");
  assertEquals([refused.code, refused.retryable, pool.stats().circuit], ["unavailable", true, "open"]);

  await new Promise((resolve) => setTimeout(resolve, 160));
  // One goes through and fails; the other is spared.
  const failures = await Promise.allSettled([pool.acquire(), pool.acquire()]);
  const codes = failures.map((failure) => failure.status === "rejected" && failure.reason.code);
  assertEquals(codes.sort(), ["connection-refused", "unavailable"]);

  await using _again = await echoServer(urls[0].replace(/#.*/, ""), identity);
  await new Promise((resolve) => setTimeout(resolve, 160));
  await using lease = await pool.acquire();
  await echo(lease, 1);
  assertEquals([pool.stats().failed, pool.stats().circuit], [4, "closed"]);
});

test("pool: draining waits for leases, and no longer than it may", async () => {
  await using server = await echoServer();
  const pool = createPool(server.urls, { max: 2 });
  const [kept, lent] = [await pool.acquire(), await pool.acquire()];
  const waiting = pool.acquire();
  const refused = assertRejects(() => waiting, HawserError, "the pool has ended");
  const drained = pool.drain({ timeoutMs: 60 });
  await refused;
  await echo(lent, 1); // Who has one may finish.
  lent.release();
  await lent.connection.closed;
  await drained;
  assertEquals((await kept.connection.closed).by, "failure");
  kept.release();
  assertEquals(pool.stats().open, 0);
  await assertRejects(() => pool.acquire(), HawserError, "the pool has ended");
});

test("pool: a pool that ends gives its dials up", async () => {
  // Nobody answers there: a listener that never accepts the handshake is as silent as a lost network.
  await using silent = await listen("mem://pool-silent", { authorize: () => new Promise(() => {}) });
  const pool = createPool(silent.urls, { min: 1 });
  const waiting = assertRejects(() => pool.acquire(), HawserError, "the pool has ended");
  await pool.drain();
  await waiting;
  assertEquals([pool.stats().opening, pool.stats().open], [0, 0]);
});

test("pool: two hundred who wait briefly leave nothing behind", async () => {
  await using server = await echoServer();
  await using pool = createPool(server.urls, { max: 2 });
  const leases = [await pool.acquire(), await pool.acquire()];
  const signal = AbortSignal.timeout(20);
  const all = await Promise.allSettled(Array.from({ length: 200 }, () => pool.acquire({ signal })));
  assert(all.every(({ status }) => status === "rejected"));
  assertEquals(pool.stats().waiting, 0);
  for (const lease of leases) lease.release();
  assertEquals(pool.stats().idle, 2);
});

test("pool: bounds that make no sense are refused", () => {
  const bad = [
    { max: 0 },
    { min: 3, max: 2 },
    { min: 0.5 },
    { idleMs: 0 },
    { lifetimeMs: NaN },
    { waitersMax: -1 },
    { healthCheck: { everyMs: 0 } },
    { breaker: { failuresMax: 0 } },
  ];
  for (const options of bad) assertThrows(() => createPool("mem://nobody", options), RangeError);
});
