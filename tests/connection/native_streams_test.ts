// Streams that ride on streams of the network, on whichever runtime runs this file.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { HawserError, type Stream } from "../../mod.ts";
import { connect, listen } from "../conformance/tls.ts";
import { schemes } from "../conformance/schemes.ts";

const native = schemes.filter(({ name }) => name === "quic" || name === "wt");

async function pair(url: string) {
  const server = await listen(url);
  const accepted = server.accept();
  const near = await connect(server.urls);
  const far = await accepted;
  return { near, far, [Symbol.asyncDispose]: () => server.close({ timeoutMs: 1_000 }) };
}

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index * 7 + (index >> 8));
}

async function readAll(stream: Stream): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream.readable).arrayBuffer());
}

async function writeAll(stream: Stream, bytes: Uint8Array): Promise<void> {
  const writer = stream.writable.getWriter();
  for (let at = 0; at < bytes.length; at += 50_000) await writer.write(bytes.subarray(at, at + 50_000));
  await writer.close();
}

for (const scheme of native) {
  const name = (what: string) => `${scheme.name}: ${what}`;

  test(name("streams go there and back beside the link, opened by either side"), async () => {
    await using ends = await pair(scheme.listenUrl());
    for (const [opener, other] of [[ends.near, ends.far], [ends.far, ends.near]]) {
      other.onStream((stream) => stream.readable.pipeTo(stream.writable));
      const before = opener.stats().sent.bytes;
      const stream = await opener.openStream("file", { priority: 9 });
      const [back] = await Promise.all([readAll(stream), writeAll(stream, pattern(400_000))]);
      assertEquals(back, pattern(400_000));
      assertEquals(await stream.closed, undefined);
      const beside = opener.stats().sent.bytes - before;
      assert(beside < 5_000, `${beside} bytes of a stream went over the link of the messages`);
    }
  });

  test(name("aborts and cancels carry their codes, each in its direction"), async () => {
    await using ends = await pair(scheme.listenUrl());
    const arrived = ends.far.streams();
    const stream = await ends.near.openStream("codes");
    const far = (await arrived.next()).value as Stream;
    await stream.writable.abort(77);
    assertEquals((await assertRejects(() => readAll(far), HawserError)).streamCode, 77);
    await stream.readable.cancel(78);
    const error = await assertRejects(() => far.writable.getWriter().closed, HawserError);
    assertEquals(error.streamCode, 78);
    assertEquals((await far.closed)?.code, "stream-reset");
  });

  test(
    name("what was ended before the connection was closed is there, although it travels beside"),
    async () => {
      await using ends = await pair(scheme.listenUrl());
      const arrived = ends.far.streams();
      const stream = await ends.near.openStream("last words");
      const reading = readAll((await arrived.next()).value as Stream);
      await writeAll(stream, pattern(300_000));
      const info = await ends.near.close();
      assertEquals(await reading, pattern(300_000));
      assertEquals(info.error, undefined);
    },
  );

  test(name("where the network allows no more streams, the others travel beside the messages"), async () => {
    await using ends = await pair(scheme.listenUrl());
    ends.far.onStream((stream) => stream.readable.pipeTo(stream.writable));
    const streams = await Promise.all(Array.from({ length: 130 }, () => ends.near.openStream()));
    await Promise.all(streams.map(async (stream, index) => {
      const [back] = await Promise.all([readAll(stream), writeAll(stream, pattern(100 + index))]);
      assertEquals(back, pattern(100 + index));
    }));
  });
}

test("there are links to try this on, or this runtime has none", () => {
  assert(native.length > 0);
});
