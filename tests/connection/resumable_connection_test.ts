import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  connect,
  type Connection,
  type ConnectOptions,
  createIdentity,
  HawserError,
  listen,
} from "../../mod.ts";
import { Cable } from "../runtimes/cable.ts";

const SOON = { pauseMsMin: 1, pauseMsMax: 20 };

async function pair(options: ConnectOptions = {}) {
  const server = await listen("tcp://127.0.0.1:0");
  const cable = await Cable.to(portOf(server.urls[0]));
  const accepted = server.accept();
  const address = server.urls[0].replace(/:\d+#/, `:${cable.port}#`);
  const near = await connect(address, { resume: SOON, ...options });
  const far = await accepted;
  return {
    server,
    cable,
    near,
    far,
    async [Symbol.asyncDispose]() {
      await near.abort();
      await far.abort();
      await server.close();
      await cable[Symbol.asyncDispose]();
    },
  };
}

function portOf(url: string): number {
  return Number(/:(\d+)#/.exec(url)![1]);
}

function numbered(index: number, bytes: number): Uint8Array {
  const message = new Uint8Array(bytes).fill(index);
  new DataView(message.buffer).setUint32(0, index);
  return message;
}

async function sendAll(
  connection: Connection,
  count: number,
  bytesOf: (index: number) => number,
): Promise<void> {
  for (let index = 0; index < count; index++) {
    if (!connection.send(numbered(index, bytesOf(index)))) await connection.drained();
    if (index % 16 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function receiveAll(connection: Connection, count: number, bytesOf: (index: number) => number) {
  for (let index = 0; index < count; index++) {
    const message = await connection.receive({ timeoutMs: 10_000 });
    assertEquals(new DataView(message.buffer, message.byteOffset).getUint32(0), index);
    assertEquals(message.length, bytesOf(index));
    assert(message.subarray(4).every((byte) => byte === index % 256));
  }
}

test("resume: a link that is cut again and again loses, doubles and reorders nothing, either way", async () => {
  await using pairOf = await pair();
  const { cable, near, far } = pairOf;
  const bytesOf = (index: number) => index % 50 === 0 ? 150_000 : 4 + index % 3_000;
  const outcomes: string[] = [];
  near.onResumed(({ outcome }) => outcomes.push(outcome));
  let isDone = false;
  const cutting = (async () => {
    while (!isDone) {
      await new Promise((resolve) => setTimeout(resolve, 40));
      cable.cut();
    }
  })();
  await Promise.all([
    sendAll(near, 600, bytesOf),
    sendAll(far, 600, bytesOf),
    receiveAll(near, 600, bytesOf),
    receiveAll(far, 600, bytesOf),
  ]);
  isDone = true;
  await cutting;
  assert(outcomes.length >= 2, `only ${outcomes.length} resumptions`);
  assert(outcomes.includes("replayed"));
  assertEquals(near.isClosed, false);
});

test("resume: requests and streams go on as if nothing had been", async () => {
  await using pairOf = await pair();
  const { cable, near, far } = pairOf;
  let asked = 0;
  far.handle("slow", async (value) => {
    asked++;
    await new Promise((resolve) => setTimeout(resolve, 60));
    return value;
  });
  far.onStream(async (stream) => void await stream.readable.pipeTo(stream.writable));
  const answers = Promise.all(Array.from({ length: 50 }, (_, index) => near.request("slow", index)));
  const stream = await near.openStream("echo");
  const sent = Array.from({ length: 64 }, (_, index) => new Uint8Array(16_384).fill(index));
  const writer = stream.writable.getWriter();
  const writing = (async () => {
    for (const bytes of sent) await writer.write(bytes);
    await writer.close();
  })();
  setTimeout(() => cable.cut(), 20);
  setTimeout(() => cable.cut(), 120);
  let received = 0;
  for await (const bytes of stream.readable as unknown as AsyncIterable<Uint8Array>) {
    for (const byte of bytes) if (byte !== Math.floor(received++ / 16_384)) throw new Error("other bytes");
  }
  await writing;
  assertEquals(received, 64 * 16_384);
  assertEquals(await answers, Array.from({ length: 50 }, (_, index) => index));
  assertEquals(asked, 50);
});

test("resume: what is sent without a link waits, and goes out over the next", async () => {
  await using pairOf = await pair();
  const { cable, near, far } = pairOf;
  const suspended = Promise.withResolvers<HawserError>();
  const resumed = Promise.withResolvers<string>();
  near.onSuspended(suspended.resolve);
  near.onResumed(({ outcome }) => resumed.resolve(outcome));
  cable.isDown = true;
  assertEquals((await suspended.promise).retryable, true);
  assertEquals(near.isSuspended, true);
  for (let index = 0; index < 10; index++) near.send(numbered(index, 100));
  await new Promise((resolve) => setTimeout(resolve, 30));
  cable.isDown = false;
  await receiveAll(far, 10, () => 100);
  await resumed.promise;
  assertEquals([near.isSuspended, far.isSuspended], [false, false]);
  assertEquals(pairOf.server.stats().resumed, 1);
  assertEquals(pairOf.server.stats().connections, 1);
});

test("resume: nobody waits longer than the limit, and each side is told", async () => {
  const limits = { resumeMsMax: 80 };
  const server = await listen("tcp://127.0.0.1:0", { limits });
  const cable = await Cable.to(portOf(server.urls[0]));
  const accepted = server.accept();
  const near = await connect(server.urls[0].replace(/:\d+#/, `:${cable.port}#`), { resume: SOON, limits });
  const far = await accepted;
  cable.isDown = true;
  const [nearInfo, farInfo] = await Promise.all([near.closed, far.closed]);
  assertEquals([nearInfo.error?.code, farInfo.error?.code], ["timeout", "timeout"]);
  assertEquals(server.stats().connections, 0);
  await server.close();
  await cable[Symbol.asyncDispose]();
});

test("resume: a server that has lost the session says so", async () => {
  const identity = createIdentity();
  const first = await listen("tcp://127.0.0.1:0", { identity });
  const port = portOf(first.urls[0]);
  const cable = await Cable.to(port);
  const near = await connect(first.urls[0].replace(/:\d+#/, `:${cable.port}#`), { resume: SOON });
  cable.isDown = true;
  for (const connection of first.connections) await connection.abort();
  await first.close();
  await using _second = await listen(`tcp://127.0.0.1:${port}`, { identity });
  cable.isDown = false;
  const { error } = await near.closed;
  assertEquals([error?.code, error?.retryable], ["session-lost", false]);
  await cable[Symbol.asyncDispose]();
});

test("resume: who closes or gives up meanwhile leaves nothing behind", async () => {
  await using pairOf = await pair({ resume: { ...SOON, attemptsMax: 3 } });
  const { cable, near } = pairOf;
  cable.isDown = true;
  const { error } = await near.closed;
  assert(["connection-refused", "closed", "io"].includes(error!.code), error!.message);
  await assertRejects(() => near.receive(), HawserError);

  await using other = await pair();
  const suspended = Promise.withResolvers<unknown>();
  other.near.onSuspended(suspended.resolve);
  other.cable.isDown = true;
  await suspended.promise;
  assertEquals((await other.near.close()).by, "local");
});
