// Streams as users hold them: two Web Streams each, over links of several kinds.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect, type Connection, HawserError, listen, type ListenOptions, type Stream } from "../../mod.ts";
import { STREAM_NAME_BYTES_MAX } from "../../src/stream_limits.ts";

const encoder = new TextEncoder();
let lastName = 0;

/** A server, and two ends of a connection to it. */
async function pair(options: ListenOptions = {}, url = `mem://stream-test-${++lastName}`) {
  const server = await listen(url, options);
  const accepted = server.accept();
  const near = await connect(server.urls, options);
  const far = await accepted;
  return {
    near,
    far,
    async [Symbol.asyncDispose]() {
      await near.close();
      await server.close();
    },
  };
}

/** A stream that one end has opened, as both see it. */
async function opened(near: Connection, far: Connection, name = "name"): Promise<[Stream, Stream]> {
  const arrived = far.streams().next();
  const stream = await near.openStream(name);
  return [stream, (await arrived).value as Stream];
}

/** Bytes of which each says where it stands. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index * 7 + (index >> 8));
}

async function readAll(stream: Stream): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream.readable).arrayBuffer());
}

async function writeAll(stream: Stream, ...chunks: Uint8Array[]): Promise<void> {
  const writer = stream.writable.getWriter();
  for (const chunk of chunks) await writer.write(chunk);
  await writer.close();
}

test("a stream goes there and back over every kind of link that keeps order", async () => {
  const urls = ["mem://stream-kinds-test", "tcp://127.0.0.1:0", "ws://127.0.0.1:0"];
  await using server = await listen(urls);
  server.onConnection((connection) =>
    connection.onStream((stream) => stream.readable.pipeTo(stream.writable).catch(() => {}))
  );
  const file = pattern(700_000);
  for (const url of server.urls) {
    await using connection = await connect(url);
    const stream = await connection.openStream("echo", { priority: 7 });
    assertEquals([stream.id, stream.name, stream.priority], [0, "echo", 7]);
    const [back] = await Promise.all([
      readAll(stream),
      writeAll(stream, file.subarray(0, 3), file.subarray(3, 40_000), file.subarray(40_000)),
    ]);
    assertEquals(back, file, url);
    assertEquals(await stream.closed, undefined);
  }
});

test("over datagrams there are no streams, and the error says what to do", async () => {
  await using ends = await pair({}, "udp://127.0.0.1:0");
  const error = await assertRejects(() => ends.near.openStream("x"), HawserError);
  assertEquals(error.code, "unsupported");
});

test("each direction ends by itself", async () => {
  await using ends = await pair();
  const [near, far] = await opened(ends.near, ends.far);
  await writeAll(near, pattern(10));
  assertEquals(await readAll(far), pattern(10));
  await writeAll(far, pattern(20));
  assertEquals(await readAll(near), pattern(20));
  assertEquals([await near.closed, await far.closed], [undefined, undefined]);
});

test("an aborted writable reaches the peer's readable with its code", async () => {
  await using ends = await pair();
  const [near, far] = await opened(ends.near, ends.far);
  const reader = far.readable.getReader();
  const read = reader.read();
  await near.writable.abort(4_711);
  const error = await assertRejects(() => read, HawserError);
  assertEquals([error.code, error.streamCode], ["stream-reset", 4_711]);
  // The other direction lives on.
  await writeAll(far, pattern(5));
  assertEquals(await readAll(near), pattern(5));
  assertEquals((await far.closed)?.streamCode, 4_711);
});

test("a cancelled readable reaches the peer's writable with its code", async () => {
  await using ends = await pair();
  const [near, far] = await opened(ends.near, ends.far);
  const writer = near.writable.getWriter();
  const writing = writer.write(new Uint8Array(1024 * 1024));
  const failing = assertRejects(() => writing, HawserError);
  await far.readable.cancel(new HawserError("closed", "enough", { streamCode: 12 }));
  assertEquals((await failing).streamCode, 12);
  const closed = await assertRejects(() => writer.closed, HawserError);
  assertEquals(closed.code, "stream-reset");
  await writeAll(far, pattern(5));
  assertEquals(await readAll(near), pattern(5));
});

test("abort gives up both directions; a code that cannot be is refused", async () => {
  await using ends = await pair();
  const [near, far] = await opened(ends.near, ends.far);
  const reads = [near, far].map((stream) =>
    assertRejects(() => stream.readable.getReader().read(), HawserError)
  );
  for (const code of [-1, 0.5, 2 ** 30, NaN]) {
    try {
      near.abort(code);
      throw new Error(`the code ${code} was taken`);
    } catch (error) {
      assert(error instanceof RangeError, `${error}`);
    }
  }
  near.abort(2 ** 30 - 1);
  assertEquals((await reads[1]).streamCode, 2 ** 30 - 1);
  assertEquals((await reads[0]).code, "closed");
  assertEquals((await far.closed)?.streamCode, 2 ** 30 - 1);
  await near.closed;
});

test("readers may bring their own buffers", async () => {
  await using ends = await pair();
  const [near, far] = await opened(ends.near, ends.far);
  const writing = writeAll(near, pattern(1_000));
  const reader = far.readable.getReader({ mode: "byob" });
  const parts: number[] = [];
  let buffer = new ArrayBuffer(300);
  while (true) {
    const { done, value } = await reader.read(new Uint8Array(buffer));
    if (value !== undefined) {
      parts.push(...value);
      buffer = value.buffer as ArrayBuffer;
    }
    if (done) break;
  }
  await writing;
  assertEquals(Uint8Array.from(parts), pattern(1_000));
});

test("a slow reader holds its writer back, and nobody else", async () => {
  await using ends = await pair({ limits: { streamWindowBytes: 128 * 1024 } });
  const [stalled, far] = await opened(ends.near, ends.far);
  let written = 0;
  const writer = stalled.writable.getWriter();
  const writing = (async () => {
    for (; written < 64; written++) await writer.write(new Uint8Array(64 * 1024));
    await writer.close();
  })();
  const [other, otherFar] = await opened(ends.near, ends.far);
  const moving = writeAll(other, pattern(500_000));
  assertEquals(await readAll(otherFar), pattern(500_000));
  await moving;
  assert(written < 8, `${written} chunks were taken of which none was read`);
  ends.near.send(pattern(10));
  assertEquals(await ends.far.receive(), pattern(10));
  assertEquals((await readAll(far)).length, 64 * 64 * 1024);
  await writing;
});

test("what is no Uint8Array breaks the writable with a TypeError, and the peer hears of it", async () => {
  await using ends = await pair();
  const [near, far] = await opened(ends.near, ends.far);
  const writer = near.writable.getWriter();
  await assertRejects(() => writer.write("text" as unknown as Uint8Array), TypeError);
  await assertRejects(() => readAll(far));
});

test("a stream's name and priority are checked before anything is sent", async () => {
  await using ends = await pair();
  await assertRejects(() => ends.near.openStream("n".repeat(STREAM_NAME_BYTES_MAX + 1)), RangeError);
  for (const priority of [-1, 256, 1.5]) {
    await assertRejects(() => ends.near.openStream("", { priority }), RangeError);
  }
  const name = "n".repeat(STREAM_NAME_BYTES_MAX);
  assertEquals((await opened(ends.near, ends.far, name))[1].name, name);
});

test("openStream waits while the peer has as many streams as it takes", async () => {
  await using ends = await pair({ limits: { streamsMax: 128 } });
  const streams = await Promise.all(Array.from({ length: 128 }, () => ends.near.openStream()));
  const late = Promise.all(Array.from({ length: 32 }, () => ends.near.openStream("late")));
  await assertRejects(() => ends.near.openStream("", { timeoutMs: 10 }), HawserError, "did not happen");
  await assertRejects(() => ends.near.openStream("", { signal: AbortSignal.abort(new Error("enough")) }));
  for (const stream of streams) stream.abort();
  ends.far.onStream((stream) => void (stream.name === "late" && stream.abort()));
  assertEquals((await late).length, 32);
});

test("a signal gives up a stream that is open", async () => {
  await using ends = await pair();
  const controller = new AbortController();
  const arrived = ends.far.streams().next();
  const near = await ends.near.openStream("", { signal: controller.signal });
  const far = (await arrived).value as Stream;
  controller.abort(new Error("no longer wanted"));
  await assertRejects(() => near.readable.getReader().read(), Error, "no longer wanted");
  await assertRejects(() => far.readable.getReader().read(), HawserError);
});

test("streams that came before anybody asked for them wait; a handler that throws gives its stream up", async () => {
  await using ends = await pair();
  const near = await ends.near.openStream("early");
  await ends.near.ping();
  ends.far.onStream((stream) => {
    if (stream.name === "early") throw new Error("not this one");
    return stream.readable.pipeTo(stream.writable);
  });
  assertEquals((await assertRejects(() => readAll(near), HawserError)).streamCode, 2);
  const next = await ends.near.openStream("next");
  void writeAll(next, pattern(3));
  assertEquals(await readAll(next), pattern(3));
});

test("the end of a connection ends its streams; what was whole can still be read", async () => {
  await using ends = await pair();
  const [whole, wholeFar] = await opened(ends.near, ends.far);
  const [, halfFar] = await opened(ends.near, ends.far);
  const waiting = assertRejects(() => halfFar.readable.getReader().read(), HawserError);
  const iterator = ends.far.streams();
  const next = iterator.next();
  await writeAll(whole, pattern(50_000));
  await ends.near.close();
  assertEquals(await readAll(wholeFar), pattern(50_000));
  assertEquals((await waiting).code, "closed");
  await assertRejects(() => writeAll(halfFar, pattern(1)), HawserError);
  assertEquals((await next).done, true);
  await assertRejects(() => ends.near.openStream(), HawserError, "closed");
  assert(await whole.closed instanceof HawserError, "the peer never ended its direction");
});

test("an aborted connection fails what waits on its streams", async () => {
  await using ends = await pair();
  const [near, far] = await opened(ends.near, ends.far);
  const failing = [
    assertRejects(() => near.readable.getReader().read(), HawserError),
    assertRejects(() => readAll(far), HawserError),
    assertRejects(() => writeAll(near, new Uint8Array(10_000_000)), HawserError),
  ];
  await Promise.resolve();
  await ends.near.abort();
  await Promise.all(failing);
  assert((await Promise.all([near.closed, far.closed])).every((error) => error instanceof HawserError));
});

test("thousands of streams at once", async () => {
  await using ends = await pair();
  ends.far.onStream((stream) => stream.readable.pipeTo(stream.writable));
  const count = 2_000;
  const answers = await Promise.all(Array.from({ length: count }, async (_, index) => {
    const stream = await ends.near.openStream();
    void writeAll(stream, encoder.encode(`${index}`));
    return await new Response(stream.readable).text();
  }));
  assertEquals(answers, Array.from({ length: count }, (_, index) => `${index}`));
});
