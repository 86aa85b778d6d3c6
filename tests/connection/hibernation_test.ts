// workerd takes an object whose WebSockets may sleep out of memory after ten seconds of silence: here it does.

import { test } from "node:test";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { Miniflare } from "miniflare";
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { connect, type Connection, createIdentity, exportIdentity } from "../../mod.ts";
import { bundleWorker } from "./worker_bundle.ts";

// The first that Hawser supports, the first whose WebSockets give Blobs by default, and a late one.
const DATES = ["2025-06-01", "2026-03-17", "2026-07-20"];
const SLEEP_MS = 11_500;

const identity = createIdentity();
const bundle = await bundleWorker("sleeper.ts");

test("workerd: objects sleep, whoever speaks first afterwards, and their sessions go on", async () => {
  await Promise.all(DATES.map(sleepOn));
});

async function sleepOn(compatibilityDate: string): Promise<void> {
  const worker = new Miniflare({
    compatibilityDate,
    modules: [{ type: "ESModule", path: "worker.mjs", contents: bundle.code }],
    bindings: { IDENTITY: exportIdentity(identity) },
    durableObjects: { SLEEPER: "Sleeper" },
  });
  await using _stop = { [Symbol.asyncDispose]: () => worker.dispose() };
  const http = (await worker.ready).origin;
  await using relay = await startRelay(http);
  const dial = (room: string, metadata?: Record<string, string>, base = http) => {
    const url = `${base.replace("http", "ws")}/${room}#${identity.id}`;
    return connect(url, { limits: { keepaliveMs: 60_000 }, metadata });
  };

  await using one = await dial("woken-by-object");
  await using two = await dial("woken-by-object");
  await using three = await dial("woken-by-client");
  await using cut = await dial("woken-by-client", undefined, relay.origin);
  await using leaver = await dial("woken-by-a-farewell");
  await using lost = await dial("with-a-message-that-nobody-took", { ignored: "yes" });
  lost.send(new Uint8Array(1));
  const [before, arrivals, peerId] = await converse(one, [two], "ahoy");
  assertEquals([arrivals, await converse(one, [two], "still awake")], [
    "2",
    [before, "2", peerId, "still awake"],
  ]);
  const [otherBefore] = await converse(three, [cut], "ahoy");
  const packets = one.stats().received.packets;

  await new Promise((resolve) => setTimeout(resolve, SLEEP_MS));
  relay.cut();

  const after = await (await fetch(`${http}/woken-by-object?say=morning`)).text();
  assertNotEquals(after, before);
  for (const connection of [one, two]) assertEquals(await hear(connection), [after, "2", "morning"]);
  assertEquals(one.stats().received.packets, packets + 1);
  assertEquals(await converse(one, [two], "ahoy"), [after, "2", peerId, "ahoy"]);
  assertEquals(await converse(two, [one], "ahoy").then((said) => said.length), 4);

  assert((await cut.closed).error !== undefined); // Its end has woken the object, or will at once.
  const [otherAfter] = await converse(three, [], "morning");
  assertNotEquals(otherAfter, otherBefore);
  assertEquals((await three.close()).error, undefined);

  assertEquals((await leaver.close()).error, undefined);

  await fetch(`${http}/with-a-message-that-nobody-took?say=morning`);
  const { error } = await lost.closed;
  assertEquals([error?.code, error?.retryable], ["closed", true]);
  assertStringIncludes(error!.message, "3012");
  await using again = await dial("with-a-message-that-nobody-took");
  assert((await converse(again, [], "ahoy")).includes("ahoy"));
}

/** A way to the worker that can be cut. */
async function startRelay(http: string): Promise<AsyncDisposable & { origin: string; cut(): void }> {
  const { hostname, port } = new URL(http);
  const sockets: Socket[] = [];
  const relay = createServer((near) => {
    const far = createConnection(Number(port), hostname);
    for (const socket of [near, far]) sockets.push(socket.on("error", () => {}));
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  const cut = () => sockets.forEach((socket) => socket.destroy());
  const stop = () => {
    cut();
    return new Promise<void>((resolve) => relay.close(() => resolve()));
  };
  const origin = `http://127.0.0.1:${(relay.address() as AddressInfo).port}`;
  return { origin, cut, [Symbol.asyncDispose]: stop };
}

/** What everybody hears when `speaker` says something: the incarnation, its arrivals, the speaker, and what was said. */
async function converse(speaker: Connection, others: Connection[], said: string): Promise<string[]> {
  speaker.send(new TextEncoder().encode(said));
  const heard = await hear(speaker);
  for (const other of others) assertEquals(await hear(other), heard);
  return heard;
}

async function hear(connection: Connection): Promise<string[]> {
  const words = new TextDecoder().decode(await connection.receive({ timeoutMs: 5_000 })).split(" ");
  return words.length <= 4 ? words : [...words.slice(0, 3), words.slice(3).join(" ")];
}
