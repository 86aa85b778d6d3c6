// What is urgent overtakes bulk, between processes. HAWSER_SCALE=100 waits behind 256 MiB and looks at the clock.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { connect, HawserError, listen } from "../../mod.ts";
import { SESSION_LIMITS } from "../../src/limits.ts";
import { currentRuntime, runtimes, spawnRuntime } from "../runtimes/runtimes.ts";

const MIB = 1024 * 1024;
const SCALE = Number(process.env.HAWSER_SCALE ?? 1);
const BULK_MIB = SCALE >= 100 ? 256 : 24;
// What is on its way is not overtaken: the window, and a packet or two.
const AHEAD_BYTES_MAX = SESSION_LIMITS.windowBytes + 256 * 1024;

const other = runtimes[(runtimes.findIndex(({ name }) => name === currentRuntime()) + 1) % runtimes.length];

test(`an urgent message passes by ${BULK_MIB} MiB of bulk that were sent before it (${other.name})`, async () => {
  await using receiver = spawnRuntime(other.name, "tests/connection/fixtures/urgent_receiver.ts");
  for (const url of (await receiver.nextLine()).split(" ")) {
    await using connection = await connect(url, { limits: { sendQueueBytesMax: 512 * MIB } });
    const bulk = new Uint8Array(MIB);
    for (let count = 0; count < BULK_MIB; count++) connection.send(bulk);
    const waited: number[] = [];
    for (let probe = 1; probe <= 5 && connection.queuedBytes > 4 * MIB; probe++) {
      const passed = BULK_MIB * MIB - connection.queuedBytes;
      const since = performance.now();
      connection.send(Uint8Array.of(probe), { priority: 200 });
      const answer = await connection.receive({ timeoutMs: 20_000 });
      waited.push(performance.now() - since);
      const before = new DataView(answer.buffer, answer.byteOffset).getFloat64(1);
      assertEquals(answer[0], probe);
      assert(before - passed <= AHEAD_BYTES_MAX, `${before - passed} bytes of bulk came first (${url})`);
    }
    assert(
      waited.length > 0 && connection.pressure > 0,
      "the bulk has left already: the test proves nothing",
    );
    const median = waited.toSorted((a, b) => a - b)[waited.length >> 1];
    if (SCALE >= 100) assert(median <= 20, `there and back in ${waited} ms (${url})`);
    await connection.abort();
  }
});

test("a message that waits too long, or is given up, never leaves, and is counted", async () => {
  await using server = await listen("tcp://127.0.0.1:0", { limits: { windowBytes: 140_000 } });
  const accepted = server.accept();
  await using connection = await connect(server.urls);
  const peer = await accepted;
  const given = new AbortController();
  for (let count = 0; count < 4; count++) connection.send(new Uint8Array(50_000).fill(1));
  connection.send(Uint8Array.of(2), { deadlineMs: 20 });
  connection.send(Uint8Array.of(3), { signal: given.signal });
  connection.send(new Uint8Array(20_000).fill(4), { signal: AbortSignal.abort() });
  connection.send(Uint8Array.of(5), { deadlineMs: 60_000, signal: new AbortController().signal });
  given.abort();
  while (connection.stats().expiredMessages < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  const received: number[] = [];
  for (let count = 0; count < 5; count++) received.push((await peer.receive({ timeoutMs: 5_000 }))[0]);
  assertEquals(received, [1, 1, 1, 1, 5]);
  assertEquals([connection.stats().expiredMessages, connection.queuedBytes], [3, 0]);
});

test("what cannot be is refused by send, sendFrame and onFrame, and nothing is queued", async () => {
  await using server = await listen("mem://priority-refusals");
  await using connection = await connect(server.urls);
  const message = new Uint8Array(10);
  const refused: [object, typeof RangeError | typeof TypeError][] = [
    [{ priority: 256 }, RangeError],
    [{ priority: -1 }, RangeError],
    [{ priority: 1.5 }, RangeError],
    [{ channel: "c".repeat(257) }, RangeError],
    [{ channel: 7 }, TypeError],
    [{ deadlineMs: 0 }, RangeError],
    [{ deadlineMs: NaN }, RangeError],
  ];
  for (const [options, error] of refused) assertThrows(() => connection.send(message, options), error);
  for (const type of [0x7f, 0x100, 128.5]) {
    assertThrows(() => connection.sendFrame(type, message), RangeError);
    assertThrows(() => connection.onFrame(type, () => {}), RangeError);
  }
  assertEquals(connection.queuedBytes, 0);
  for (const options of [{ priority: 0 }, { priority: 255 }, { channel: "c".repeat(256) }]) {
    connection.send(message, options);
  }
  assertEquals(connection.queuedBytes, 30);
  await connection.close();
  assertThrows(() => connection.sendFrame(0x80, message), HawserError, "closed");
});

test("frames of the application reach the newest handler of their type, and one that throws ends the connection", async () => {
  await using server = await listen("mem://frames-test");
  const accepted = server.accept();
  await using connection = await connect(server.urls);
  const peer = await accepted;
  const heard: number[][] = [];
  peer.onFrame(0x80, () => heard.push([0]));
  peer.onFrame(0x80, (bytes) => heard.push([0x80, ...bytes]));
  peer.onFrame(0xff, (bytes) => heard.push([0xff, ...bytes]));
  for (const type of [0x80, 0x90, 0xff]) connection.sendFrame(type, Uint8Array.of(type, 1));
  await connection.ping();
  assertEquals(heard, [[0x80, 0x80, 1], [0xff, 0xff, 1]]);
  peer.onFrame(0x80, undefined);
  connection.sendFrame(0x80, Uint8Array.of(1));
  await connection.ping();
  assertEquals(heard.length, 2);
  peer.onFrame(0x80, () => {
    throw new Error("no");
  });
  connection.sendFrame(0x80, Uint8Array.of(1));
  assertEquals((await peer.closed).error?.message.includes("frames of type 128"), true);
});

test("with batchDelayMs small messages leave together, and large ones and a close do not wait", async () => {
  await using server = await listen("tcp://127.0.0.1:0");
  const accepted = server.accept();
  await using connection = await connect(server.urls, { batchDelayMs: 1_000 });
  const peer = await accepted;
  const { packets } = connection.stats().sent;
  for (let count = 0; count < 5; count++) {
    connection.send(Uint8Array.of(count));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertEquals(connection.stats().sent.packets, packets);
  connection.send(new Uint8Array(40_000));
  for (let count = 0; count < 6; count++) await peer.receive({ timeoutMs: 900 });
  assertEquals(connection.stats().sent.packets, packets + 1);
  connection.send(Uint8Array.of(9));
  const since = performance.now();
  await connection.close();
  assert(performance.now() - since < 900, "the close has waited");
  assertEquals(await peer.receive(), Uint8Array.of(9));
});
