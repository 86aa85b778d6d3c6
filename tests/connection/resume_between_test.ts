// Sessions that outlive their links between processes and runtimes, over cables that are cut or go silent.

import { after, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  connect,
  type Connection,
  type ConnectOptions,
  createIdentity,
  exportIdentity,
  type HawserError,
  importIdentity,
  listen,
  type Resumed,
} from "../../mod.ts";
import { Cable } from "../runtimes/cable.ts";
import { currentRuntime, runtimes, spawnRuntime } from "../runtimes/runtimes.ts";

const SERVER = "tests/connection/fixtures/resume_server.ts";
const SOON = { pauseMsMin: 1, pauseMsMax: 20 };
const SECRET = exportIdentity(createIdentity());
const MESSAGES = 60;
// A peer that says nothing is taken for dead after four of these.
const IMPATIENT = { keepaliveMs: 40, handshakeMsMax: 400 };

function portOf(url: string): number {
  return Number(/:(\d+)[/#]/.exec(url)![1]);
}

async function throughCable(url: string, options: ConnectOptions = {}): Promise<[Cable, Connection]> {
  const cable = await Cable.to(portOf(url));
  const address = url.replace(`:${portOf(url)}`, `:${cable.port}`);
  return [cable, await connect(address, { resume: SOON, ...options })];
}

async function until(holds: () => boolean, msMax = 5_000): Promise<void> {
  for (const end = Date.now() + msMax; !holds();) {
    assert(Date.now() < end, "it takes too long");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Sends messages that come back, and cuts the cable while they are on their way. */
async function talk(connection: Connection, cable: Cable): Promise<void> {
  let resumed = 0;
  connection.onResumed(() => resumed++);
  for (let index = 0; index < MESSAGES; index++) {
    connection.send(new Uint8Array(1 + index * 400).fill(index));
    if (index % 20 !== 10) continue;
    await connection.ping({ timeoutMs: 5_000 });
    cable.cut();
  }
  for (let index = 0; index < MESSAGES; index++) {
    const message = await connection.receive({ timeoutMs: 10_000 });
    assertEquals([message.length, message[0]], [1 + index * 400, index]);
  }
  assert(resumed >= 1, "it was never resumed");
}

for (const { name } of runtimes) {
  const isKilled = name === currentRuntime();
  const fate = isKilled ? ", whose process is then killed, and another knows nothing of the sessions" : "";
  test(`resume: over tcp and ws to ${name}${fate}`, async () => {
    await using server = spawnRuntime(name, SERVER, [SECRET]);
    const urls = (await server.nextLine()).split(" ");
    const pairs = await Promise.all(urls.map((url) => throughCable(url)));
    await Promise.all(pairs.map(([cable, connection]) => talk(connection, cable)));
    if (isKilled) {
      for (const [cable] of pairs) cable.isDown = true;
      await server.kill();
      await restart(pairs.map(([cable]) => cable));
      const infos = await Promise.all(pairs.map(([, connection]) => connection.closed));
      for (const { error } of infos) assertEquals([error?.code, error?.retryable], ["session-lost", false]);
    } else {
      for (const [, connection] of pairs) await connection.close();
    }
    for (const [cable] of pairs) {
      await until(() => cable.sockets === 0);
      await cable[Symbol.asyncDispose]();
    }
  });
}

/** The same identity listens again; the cables lead there. */
async function restart(cables: readonly Cable[]): Promise<void> {
  const again = await listen(["tcp://127.0.0.1:0", "ws://127.0.0.1:0"], { identity: importIdentity(SECRET) });
  after(() => again.close());
  for (const [index, cable] of cables.entries()) {
    cable.target = portOf(again.urls[index]);
    cable.isDown = false;
  }
}

test(`resume: a cable that goes silent is noticed by ${currentRuntime()}, and what it swallowed comes again`, async () => {
  await using server = await listen("tcp://127.0.0.1:0", { identity: importIdentity(SECRET) });
  const accepted = server.accept();
  const [cable, near] = await throughCable(server.urls[0], { limits: IMPATIENT });
  const far = await accepted;
  const resumed = Promise.withResolvers<Resumed>();
  near.onResumed(resumed.resolve);
  const suspended = Promise.withResolvers<HawserError>();
  near.onSuspended(suspended.resolve);

  cable.isSilent = true;
  const silentAt = performance.now();
  for (let index = 0; index < 10; index++) near.send(Uint8Array.of(index));
  for (let index = 0; index < 10; index++) far.send(Uint8Array.of(index));
  assertEquals((await suspended.promise).code, "timeout");
  const noticedMs = performance.now() - silentAt;
  assert(noticedMs >= 3 * IMPATIENT.keepaliveMs, `given up after ${noticedMs} ms`);
  assert(noticedMs < 4 * IMPATIENT.keepaliveMs + 2_000, `noticed after ${noticedMs} ms`);
  near.send(Uint8Array.of(10));
  // The other side has noticed nothing yet.
  assertEquals(far.isSuspended, false);
  cable.isSilent = false;
  for (const [connection, count] of [[far, 11], [near, 10]] as const) {
    for (let index = 0; index < count; index++) {
      assertEquals([...await connection.receive({ timeoutMs: 10_000 })], [index]);
    }
  }
  assertEquals((await resumed.promise).outcome, "replayed");
  await near.close();
  await cable[Symbol.asyncDispose]();
});

test("resume: who closes, aborts, or ends while a link is looked for leaves no socket behind", async () => {
  await using server = await listen("tcp://127.0.0.1:0", { identity: importIdentity(SECRET) });
  const ends: ((near: Connection) => Promise<unknown>)[] = [
    (near) => near.close(),
    (near) => near.abort(),
    async (near) => void await near[Symbol.asyncDispose](),
  ];
  for (const end of ends) {
    const accepted = server.accept();
    const [cable, near] = await throughCable(server.urls[0]);
    const far = await accepted;
    cable.isSilent = true;
    cable.cut();
    // A handshake is under way to which nobody answers.
    await until(() => near.isSuspended && cable.sockets > 0);
    await end(near);
    await until(() => cable.sockets === 0);
    const { passed } = cable;
    await new Promise((resolve) => setTimeout(resolve, 60));
    assertEquals([near.isClosed, near.isSuspended, cable.passed], [true, false, passed]);
    await far.abort();
    await cable[Symbol.asyncDispose]();
  }
  await until(() => server.connections.length === 0);
});
