// Early data over real sockets: taken once, by who wants it, and its sender hears of it. THREATS row 4.

import { createSocket } from "node:dgram";
import { type AddressInfo, connect as dial, createServer } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect, type ConnectOptions, createIdentity, HawserError, listen } from "../../mod.ts";
import { EARLY_BYTES_MAX } from "../../src/handshake_limits.ts";
import { currentRuntime, runtimes, spawnRuntime } from "../runtimes/runtimes.ts";

const SCHEMES = ["tcp", "udp", "ws"];
const URLS = SCHEMES.map((scheme) => `${scheme}://127.0.0.1:0`);
const BYTES = new TextEncoder().encode("before anything else");
const LATER = new TextEncoder().encode("after it");
const early = (earlyData: Uint8Array = BYTES): ConnectOptions => ({ handshake: "IK", earlyData });

test("a listener gets it before the connection is open, and with it whose it is", async () => {
  const identity = createIdentity();
  const heard: string[] = [];
  await using server = await listen(URLS, {
    onEarlyData: (bytes, { peer, remoteAddress }) => {
      assertEquals([peer.id, peer.handshake, bytes], [identity.id, "IK", BYTES]);
      heard.push(`early ${new URL(remoteAddress).protocol}`);
    },
  });
  server.onConnection((connection) => {
    heard.push("connection");
    connection.onMessage((message) => connection.send(message));
  });
  for (const url of server.urls) {
    await using connection = await connect(url, { ...early(), identity });
    assert(connection.isEarlyDataTaken);
    connection.send(LATER);
    assertEquals(await connection.receive({ timeoutMs: 5_000 }), LATER);
  }
  const expected = SCHEMES.flatMap((scheme) => [`early ${scheme}:`, "connection"]);
  assertEquals(heard, expected);
});

test("who does not take it says so: one that wants none, and one whose identity may have been used before", async () => {
  const taken: Uint8Array[] = [];
  const onEarlyData = (bytes: Uint8Array) => void taken.push(bytes);
  for (const options of [{}, { onEarlyData, identity: createIdentity() }]) {
    await using server = await listen(URLS, options);
    server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
    for (const url of server.urls) {
      await using connection = await connect(url, early());
      assertEquals(connection.isEarlyDataTaken, false);
      connection.send(BYTES);
      assertEquals(await connection.receive({ timeoutMs: 5_000 }), BYTES);
    }
  }
  assertEquals(taken, []);
});

test("who is not admitted hands in nothing", async () => {
  const taken: Uint8Array[] = [];
  const onEarlyData = (bytes: Uint8Array) => void taken.push(bytes);
  await using server = await listen(URLS, { onEarlyData, authorize: () => Promise.resolve(false) });
  for (const url of server.urls) {
    const error = await assertRejects(() => connect(url, early()), HawserError);
    assertEquals(error.code, "not-authorised");
  }
  assertEquals(taken, []);
});

test("a handler that throws ends that connection, and no other", async () => {
  const refused: string[] = [];
  await using server = await listen("tcp://127.0.0.1:0", {
    onEarlyData: () => {
      throw new Error("no");
    },
    onRefusal: ({ message }) => void refused.push(message),
  });
  await assertRejects(() => connect(server.urls, early()), HawserError);
  await using connection = await connect(server.urls);
  assertEquals(connection.isEarlyDataTaken, false);
  assertEquals(refused, ["the handler of early data threw: Error: no"]);
});

test("a connection that outlives its links sends it once, with the first of them", async () => {
  const taken: Uint8Array[] = [];
  await using server = await listen("tcp://127.0.0.1:0", { onEarlyData: (bytes) => void taken.push(bytes) });
  await using connection = await connect(server.urls, { ...early(), resume: true });
  assert(connection.isEarlyDataTaken);
  assertEquals(taken, [BYTES]);
});

test("what can be sent early, and with which handshake", async () => {
  const most = new Uint8Array(EARLY_BYTES_MAX).fill(1);
  const taken: Uint8Array[] = [];
  await using server = await listen(URLS, { onEarlyData: (bytes) => void taken.push(bytes) });
  for (const url of server.urls) {
    await using connection = await connect(url, early(most));
    assert(connection.isEarlyDataTaken);
  }
  assertEquals(taken, [most, most, most]);
  const [url] = server.urls;
  await assertRejects(() => connect(url, early(new Uint8Array(EARLY_BYTES_MAX + 1))), RangeError, "512");
  await assertRejects(() => connect(url, early("text" as unknown as Uint8Array)), TypeError, "Uint8Array");
  await assertRejects(() => connect(url, { earlyData: BYTES }), TypeError, "IK");
});

/** What a client says to a listener that never answers, and which has the id of another. */
async function recordedInit(scheme: "tcp" | "udp", id: string): Promise<Uint8Array> {
  const aborted = new AbortController();
  const { signal } = aborted;
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  const [port, stop] = scheme === "tcp" ? await tcpRecorder(resolve) : await udpRecorder(resolve);
  const failed = assertRejects(() => connect(`${scheme}://127.0.0.1:${port}#${id}`, { ...early(), signal }));
  const init = await promise;
  aborted.abort(new HawserError("closed", "enough"));
  await failed;
  await stop();
  return init;
}

async function tcpRecorder(heard: (bytes: Uint8Array) => void): Promise<[number, () => Promise<unknown>]> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (data) => heard(new Uint8Array(data)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return [(server.address() as AddressInfo).port, () => new Promise((resolve) => server.close(resolve))];
}

async function udpRecorder(heard: (bytes: Uint8Array) => void): Promise<[number, () => Promise<unknown>]> {
  const socket = createSocket("udp4");
  socket.on("message", (data) => heard(new Uint8Array(data)));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return [socket.address().port, () => new Promise((resolve) => socket.close(() => resolve(undefined)))];
}

function portOf(url: string): number {
  return Number(new URL(url.replace(/^[a-z]+:/, "http:")).port);
}

test("a recorded INIT, replayed 100 times over TCP and UDP, is taken once, and opens nothing", async () => {
  const taken: Uint8Array[] = [];
  const limits = { handshakeMsMax: 500 };
  await using server = await listen(["tcp://127.0.0.1:0", "udp://127.0.0.1:0"], {
    limits,
    onEarlyData: (bytes) => void taken.push(bytes),
  });
  const [tcp, udp] = server.urls.map(portOf);
  const inits = [await recordedInit("tcp", server.id), await recordedInit("udp", server.id)];
  let answers = 0;
  for (let count = 0; count < 50; count++) {
    const socket = dial(tcp, "127.0.0.1");
    socket.on("error", () => {});
    // Each way, because both kinds of links have one guard.
    socket.write(inits[count % 2]);
    const isAnswered = once(socket, "data").then(() => true, () => false);
    if (await Promise.race([isAnswered, once(socket, "close").then(() => false)])) answers++;
    socket.destroy();
  }
  const sockets = Array.from({ length: 50 }, () => createSocket("udp4"));
  const answered = Promise.all(sockets.map(async (socket, index) => {
    socket.send(inits[index % 2], udp, "127.0.0.1");
    await once(socket, "message");
    answers++;
    socket.close();
  }));
  await answered;
  assertEquals([answers, taken], [100, [BYTES, BYTES]]);
  assertEquals(server.stats().connections, 0);
});

test("early data is taken between this runtime and the others, over tcp, udp and ws", async () => {
  const others = runtimes.filter(({ name }) => name !== currentRuntime());
  await Promise.all(others.map(async ({ name }) => {
    await using server = spawnRuntime(name, "tests/connection/fixtures/early_server.ts");
    const urls = JSON.parse(await server.nextLine()) as string[];
    for (const url of urls) {
      await using connection = await connect(url, early());
      assert(connection.isEarlyDataTaken);
      assertEquals(await connection.receive({ timeoutMs: 5_000 }), BYTES);
    }
    server.closeInput();
    assertEquals(JSON.parse(await server.nextLine()), urls.length);
  }));
});
