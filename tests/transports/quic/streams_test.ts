// Streams and datagrams beside a link, between this runtime and each one.

import { createHash } from "node:crypto";
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { HawserError } from "../../../src/errors.ts";
import type { Link } from "../../../src/link.ts";
import { parseAddress } from "../../../src/transports/address.ts";
import { quic } from "../../../src/transports/quic/mod.ts";
import { currentRuntime, runtimes, spawnRuntime } from "../../runtimes/runtimes.ts";
import { LinkPair, Meter } from "../link_host.ts";
import { pattern, sendAll } from "../suite.ts";
import { transport } from "./credentials.ts";
import { echo } from "./peer.ts";

const URL = "quic://127.0.0.1:0";

for (const { name } of runtimes) {
  test(`quic: ${currentRuntime()} dials ${name}: a link, streams and datagrams, all of them echoed`, async () => {
    await using peer = spawnRuntime(name, "tests/transports/quic/fixtures/echo.ts", []);
    const { url, hash } = JSON.parse(await peer.nextLine());
    const serverCertificateHashes = [Uint8Array.from(hash as number[])];
    const link = await quic.dial(parseAddress(url), { quic: { serverCertificateHashes } });
    const datagrams: number[] = [];
    link.start(
      Object.assign(new Meter(), { onDatagram: (bytes: Uint8Array) => datagrams.push(bytes.length) }),
    );
    assert(link.traits.nativeStreams && link.traits.encrypted);
    await Promise.all(Array.from({ length: 5 }, (_, index) => converse(link, index)));

    const largest = link.datagramBytesMax!;
    assert(largest >= 1_000, `${largest} bytes in a datagram`);
    assertEquals(link.sendDatagram!(new Uint8Array(largest + 1_000)), false);
    for (let attempt = 0; datagrams.length === 0 && attempt < 20; attempt++) {
      assert(link.sendDatagram!(pattern(1_000)));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assertEquals(datagrams[0], 1_000);

    await link.close();
    assertEquals(await peer.nextLine(), "closed");
    assertEquals((await peer.exited).code, 0);
    await assertRejects(() => link.openStream!(), HawserError, "closed");
    assertEquals([link.datagramBytesMax, link.sendDatagram!(pattern(1))], [0, false]);
  });
}

async function converse(link: Link, seed: number): Promise<void> {
  const stream = await link.openStream!();
  const meter = new Meter();
  stream.start(meter);
  const pieces = Array.from({ length: 20 }, (_, index) => pattern(1 + index * 1_500, seed + index));
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
  await sendAll(stream, meter, pieces);
  await meter.reached(total);
  assertEquals(meter.digest(), hash.digest("hex"));
  await stream.close();
  assertEquals(await meter.ended, undefined);
}

test("quic: the listener opens streams too, and one that comes before the start is not lost", async () => {
  await using pair = await LinkPair.open(transport, URL);
  const stream = await pair.far.openStream!();
  const meter = new Meter();
  stream.start(meter);
  stream.send(pattern(1_000));
  await new Promise((resolve) => setTimeout(resolve, 30));
  echo(pair.near);
  await meter.reached(1_000);
  await stream.close();
  assertEquals(await meter.ended, undefined);
});

test("quic: whoever has no use for streams turns them away, and keeps the link", async () => {
  await using pair = await LinkPair.open(transport, URL);
  const meter = new Meter();
  pair.near.start(new Meter());
  pair.far.start(meter);
  const refused = new Meter();
  (await pair.near.openStream!()).start(refused);
  assertEquals((await refused.ended)?.code, "io");
  pair.near.send(pattern(10));
  await meter.reached(10);
});

test("quic: streams at once are bounded, and room comes back", async () => {
  await using pair = await LinkPair.open(transport, URL, { quic: { streamsMax: 3 } });
  echo(pair.near);
  echo(pair.far);
  const streams = await Promise.all(Array.from({ length: 3 }, () => pair.near.openStream!()));
  const error = await assertRejects(() => pair.near.openStream!(), HawserError);
  assertEquals(error.code, "limit");
  const ended = new Meter();
  streams[0].start(ended);
  await streams[0].close();
  assertEquals(await ended.ended, undefined);
  for (let attempt = 0;; attempt++) {
    try {
      await pair.near.openStream!();
      break;
    } catch (error) {
      if (attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
});

test("quic: a stream that is aborted is an error there, and never an orderly end; the link lives on", async () => {
  await using pair = await LinkPair.open(transport, URL);
  const { promise: opened, resolve } = Promise.withResolvers<Link>();
  pair.near.start(new Meter());
  pair.far.start(Object.assign(new Meter(), { onStream: resolve }));
  const near = await pair.near.openStream!();
  near.start(new Meter());
  near.send(pattern(1_000));
  const far = await opened;
  const meter = new Meter();
  far.start(meter);
  await meter.reached(1_000);
  await near.close({ abort: true });
  assertEquals((await meter.ended)?.code, "io");
  const other = await pair.near.openStream!();
  await other.close({ abort: true });
});

test("quic: streams end with their link", async () => {
  await using pair = await LinkPair.open(transport, URL);
  echo(pair.far);
  pair.near.start(new Meter());
  const stream = await pair.near.openStream!();
  const meter = new Meter();
  stream.start(meter);
  stream.send(pattern(10));
  await meter.reached(10);
  await pair.near.close();
  assertEquals((await meter.ended)?.code, "io");
  assertEquals(stream.send(pattern(1)), false);
});
