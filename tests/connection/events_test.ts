// Events over a connection: between the runtimes, and inside one process.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  connect,
  type Connection,
  createIdentity,
  type Format,
  HawserError,
  listen,
  type Server,
} from "../../mod.ts";
import { KIND_EVENT, KIND_SUBSCRIBE } from "../../src/message/envelope.ts";
import { RELAY_HOPS_MAX, SUBSCRIPTIONS_MAX } from "../../src/topic_limits.ts";
import { currentRuntime, type RuntimeName, spawnRuntime } from "../runtimes/runtimes.ts";

const PEER = "tests/connection/fixtures/topics_peer.ts";

const OTHERS: Readonly<Record<RuntimeName, readonly [RuntimeName, RuntimeName]>> = {
  deno: ["bun", "node"],
  bun: ["node", "deno"],
  node: ["deno", "bun"],
};

let names = 0;

function memory(): string {
  return `mem://events-test-${++names}`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    assert(turn < 2_000, `it did not come true: ${condition}`);
    await sleep(turn < 20 ? 0 : 5);
  }
}

async function pair(): Promise<{ server: Server; ours: Connection; theirs: Connection } & AsyncDisposable> {
  const server = await listen(memory());
  const accepted = server.accept();
  const ours = await connect(server.urls);
  const theirs = await accepted;
  return { server, ours, theirs, [Symbol.asyncDispose]: () => server.close() };
}

test("events over TCP between three runtimes: published here, relayed there, heard by a third", async () => {
  const [first, second] = OTHERS[currentRuntime()];
  await using serving = spawnRuntime(first, PEER, ["serve", "tcp://127.0.0.1:0"]);
  const url = await serving.nextLine();
  await using subscriber = spawnRuntime(second, PEER, ["subscribe", url, "room.*.chat"]);
  assertEquals(await subscriber.nextLine(), "ready");
  await using connection = await connect(url);
  await using own = connection.subscribe("from-server");
  await connection.echo("ready");

  connection.publish("room.7.chat", { text: "hello" }, { headers: { by: "me" } });
  connection.publish("room.7.topic", "nobody wants this");
  connection.publish("room.7.chat", "bye", { ttl: 1 });
  const heard = [JSON.parse(await subscriber.nextLine()), JSON.parse(await subscriber.nextLine())];
  assertEquals(heard, [
    { subject: "room.7.chat", value: { text: "hello" }, by: "me", ttl: RELAY_HOPS_MAX - 1 },
    { subject: "room.7.chat", value: "bye", ttl: 0 },
  ]);

  connection.publish("to-server", [1, 2]);
  for await (const { subject, value, info } of own) {
    assertEquals([subject, value, info.peer.id], ["from-server", [1, 2], connection.peer.id]);
    break;
  }
});

test("a subscriber in another process that takes nothing loses events, and nobody else's", async () => {
  const slowSubscribers = { onSlow: "drop-oldest", queueMax: 16 } as const;
  await using server = await listen("tcp://127.0.0.1:0", { slowSubscribers });
  await using stalled = spawnRuntime(OTHERS[currentRuntime()][0], PEER, ["stall", server.urls[0], "bulk"]);
  assertEquals(await stalled.nextLine(), "ready");
  await using fast = await connect(server.urls);
  let count = 0;
  fast.subscribe("bulk", () => count++);
  await fast.echo(0);
  const text = "x".repeat(60_000);
  const events = 300;
  for (let index = 1; index <= events; index++) {
    assert(server.publish("bulk", `${index === events ? "last" : index} ${text}`));
    if (index % 10 === 0) await until(() => count === index);
  }
  const { dropped } = server.stats();
  // A process that is not read from holds what its window, the sockets and the queues hold.
  assert(dropped > 0 && dropped < events, `${dropped} of ${events} were dropped`);
  stalled.write("go on\n");
  assertEquals(Number(await stalled.nextLine()), events - dropped);
});

test("events: only what was asked for is sent, once the peer has said something", async () => {
  await using both = await pair();
  const { ours, theirs } = both;
  const seen: unknown[] = [];
  const subscription = theirs.subscribe("a.*", ({ value }) => seen.push(value));
  await theirs.echo(0);
  const before = ours.stats().sent.messages;
  ours.publish("a.b", 1);
  ours.publish("b", 2);
  ours.publish("a.b.c", 3);
  await ours.echo(0);
  assertEquals([seen, ours.stats().sent.messages - before], [[1], 2]);

  subscription.unsubscribe();
  await theirs.echo(0);
  ours.publish("a.b", 4);
  await ours.echo(0);
  // The event, two requests, and the reply to one of theirs.
  assertEquals([seen, ours.stats().sent.messages - before], [[1], 4]);
});

test("events: what was published before the peer could subscribe waits for its first subscriptions", async () => {
  await using server = await listen(memory());
  server.onConnection((connection) => void connection.publish("welcome", "aboard"));
  await using connection = await connect(server.urls);
  await sleep(20);
  const seen: unknown[] = [];
  connection.subscribe("other", () => {});
  connection.subscribe("welcome", ({ value }) => seen.push(value));
  await connection.echo(0);
  assertEquals(seen, ["aboard"]);
});

test("events: a slow subscriber that blocks holds its peer back, and gets its replies all the same", async () => {
  await using both = await pair();
  const { ours, theirs } = both;
  const slow = theirs.subscribe("bulk", { queueMax: 4 });
  await theirs.echo(0);
  const chunk = new Uint8Array(64 * 1024);
  let sent = 0;
  const isStuck = () => ours.drained({ timeoutMs: 50 }).then(() => false, () => true);
  do sent++; while (ours.publish("bulk", chunk) || !await isStuck());
  await theirs.echo("asked by the one that is slow");
  assert(sent < 64, `${sent} chunks left although nobody took them`);

  let taken = 0;
  for await (const { value } of slow) {
    assertEquals((value as Uint8Array).length, chunk.length);
    if (++taken === sent) break;
  }
  await ours.drained();
});

test("events: a subscription ends with its connection, and one that was cut off says so", async () => {
  await using both = await pair();
  const { ours, theirs } = both;
  const ended = ours.subscribe("a");
  theirs.subscribe("b");
  theirs.publish("a", 1);
  await theirs.close();
  const got: unknown[] = [];
  for await (const { value } of ended) got.push(value);
  assertEquals(got, [1]);
  assertThrows(() => ours.publish("b", 1), HawserError, "closed");
  assertThrows(() => ours.subscribe("b"), HawserError, "closed");
});

test("events: what cannot be decoded, and a handler that throws, are told the application, and all else goes on", async () => {
  await using both = await pair();
  const { ours, theirs } = both;
  const errors: unknown[] = [];
  theirs.onError((error) => errors.push(error));
  const seen: unknown[] = [];
  theirs.subscribe("a", ({ value }) => {
    seen.push(value);
    throw new Error("of the handler");
  });
  await theirs.echo(0);
  ours.publish("a", 1);
  ours.publish("a", 2);
  await ours.echo(0);
  assertEquals([seen, errors.map(String)], [[1, 2], ["Error: of the handler", "Error: of the handler"]]);
});

test("events: one whose value cannot be decoded is told the application, and the next arrives", async () => {
  await using both = await pair();
  const { ours, theirs } = both;
  const errors: unknown[] = [];
  const seen: unknown[] = [];
  theirs.onError((error) => errors.push(error));
  theirs.subscribe("a", ({ value }) => seen.push(value));
  await theirs.echo(0);
  ours.messages.messenger.send({ kind: KIND_EVENT, name: "a", format: 99, payload: "?" });
  ours.publish("a", "good");
  await until(() => seen.length === 1 && errors.length === 1);
  assertEquals([seen, (errors[0] as HawserError).code], [["good"], "serialization"]);
});

test("events: a peer that subscribes to what is no pattern, or publishes to what is no subject, is cut off", async () => {
  for (const envelope of [{ kind: KIND_SUBSCRIBE, name: "a..b" }, { kind: KIND_EVENT, name: "a.*" }]) {
    await using both = await pair();
    both.ours.messages.messenger.send(envelope);
    const { error } = await both.theirs.closed;
    assertEquals(error?.code, "protocol");
  }
});

test("events: as many patterns as a peer may ask for, and one more", async () => {
  await using both = await pair();
  const { ours, theirs } = both;
  for (let index = 0; index < SUBSCRIPTIONS_MAX; index++) ours.subscribe(`a.${index}`);
  assertThrows(() => ours.subscribe("b"), HawserError, "at most");
  await ours.echo(0);
  assertEquals(theirs.interestCount, SUBSCRIPTIONS_MAX);
  ours.messages.messenger.send({ kind: KIND_SUBSCRIBE, name: "b" });
  assertEquals((await theirs.closed).error?.code, "protocol");
});

test("events: a caller's mistakes", async () => {
  await using both = await pair();
  const { ours } = both;
  assertThrows(() => ours.publish("a.*", 1), TypeError);
  assertThrows(() => ours.subscribe("a..b"), TypeError);
  assertThrows(() => ours.subscribe("a", { onSlow: "wait" as "block" }), TypeError);
  assertThrows(() => ours.publish("a", 1, { priority: 256 }), RangeError);
});

test("server: publishes, broadcasts, and tells some", async () => {
  await using server = await listen(memory());
  const identities = Array.from({ length: 3 }, () => createIdentity());
  const clients = await Promise.all(identities.map((identity) => connect(server.urls, { identity })));
  const heard: unknown[][] = [[], [], []];
  for (const [index, client] of clients.entries()) {
    client.onValue((value) => heard[index].push(value));
    if (index < 2) client.subscribe(`room.${index}.>`, ({ value }) => heard[index].push(value));
    await client.echo(0);
  }
  assert(server.publish("room.0.chat", "zero"));
  server.publish("room.1.chat", "one");
  server.publish("hall", "nobody");
  server.broadcast({ all: true });
  const chosen = server.connections.filter(({ peer }) => peer.id !== identities[1].id);
  server.multicast(chosen, "some");
  const all = { all: true };
  await until(() => heard.flat().length === 7);
  assertEquals(heard, [["zero", all, "some"], ["one", all], [all, "some"]]);

  const raw = Promise.all(clients.map((client) => client.receive()));
  server.broadcast(new Uint8Array([1, 2, 3]));
  assertEquals((await raw).map((bytes) => [...bytes]), [[1, 2, 3], [1, 2, 3], [1, 2, 3]]);
});

test("server: one slow subscriber loses its own events and nobody else's", async () => {
  await using server = await listen(memory(), { slowSubscribers: { onSlow: "drop-oldest", queueMax: 8 } });
  await using slow = await connect(server.urls);
  await using fast = await connect(server.urls);
  const held = slow.subscribe("bulk", { queueMax: 1 });
  let count = 0;
  let last: unknown;
  fast.subscribe("bulk", ({ value }) => {
    count++;
    last = value;
  });
  await slow.echo(0);
  await fast.echo(0);
  const text = "x".repeat(60_000);
  const events = 200;
  for (let index = 0; index < events; index++) {
    assert(server.publish("bulk", `${index} ${text}`));
    if (index % 10 === 9) await until(() => count === index + 1);
  }
  assertEquals([count, String(last).split(" ")[0]], [events, `${events - 1}`]);
  assertEquals(server.peers().filter(({ status }) => status === "slow").length, 1);
  const dropped = server.stats().dropped;
  assert(dropped > 0 && dropped < events, `${dropped} of ${events} were dropped`);
  let got = 0;
  for await (const { value } of held) {
    got++;
    if (String(value).startsWith(`${events - 1} `)) break;
  }
  assertEquals(got, events - dropped);
});

test("server: whoever is too slow is disconnected where that is the policy", async () => {
  await using server = await listen(memory(), { slowSubscribers: { onSlow: "close", queueMax: 4 } });
  await using slow = await connect(server.urls);
  slow.subscribe("bulk", { queueMax: 1 });
  await slow.echo(0);
  const text = "x".repeat(60_000);
  for (let index = 0; index < 100; index++) {
    server.publish("bulk", text);
    await sleep(0);
  }
  await slow.closed;
  await until(() => server.connections.length === 0);
});

test("server: a format that a peer does not know is not sent to it", async () => {
  const words: Format = {
    name: "words",
    id: 0x80,
    encode: (value) => (value as string[]).join(" "),
    decode: (bytes) => new TextDecoder().decode(bytes).split(" "),
  };
  await using server = await listen(memory(), { formats: [words] });
  await using knowing = await connect(server.urls, { formats: [words] });
  await using other = await connect(server.urls);
  const heard: unknown[] = [];
  for (const client of [knowing, other]) {
    client.subscribe("a", ({ value }) => heard.push(value));
    await client.echo(0);
  }
  server.publish("a", ["two", "words"], { format: "words" });
  server.publish("a", 1);
  await until(() => heard.length === 3);
  assertEquals([heard.filter((value) => value !== 1), server.stats().dropped], [[["two", "words"]], 1]);
});

test("server: a peer is found with its status, and disconnected", async () => {
  await using server = await listen(memory());
  const identity = createIdentity();
  await using first = await connect(server.urls, { identity });
  await using second = await connect(server.urls);
  first.subscribe("a", () => {});
  await first.echo(0);
  await second.echo(0);
  const peers = server.peers();
  const status = peers.find(({ id }) => id === identity.id)!;
  assertEquals([peers.length, status.status, status.subscriptions, status.connection.isClosed], [
    2,
    "open",
    1,
    false,
  ]);
  assertEquals(await server.disconnect(identity.id, { code: 300, reason: "go away" }), 1);
  assertEquals(await server.disconnect(identity.id), 0);
  const { code, reason, by } = await first.closed;
  assertEquals([code, reason, by, server.peers().length], [300, "go away", "peer", 1]);
  server.publish("a", "nobody is left");
});
