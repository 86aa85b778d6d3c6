// Clients that are not ours: what a browser may do beside what is needed, and what nobody may.

import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { assert, assertEquals } from "@std/assert";
import type { HawserError } from "../../../src/errors.ts";
import { HTTP3_FRAME_BYTES_MAX, HTTP3_SKIPPED_BYTES_MAX } from "../../../src/quic_limits.ts";
import { encodeFrame, FRAMES } from "../../../src/transports/wt/http3/frames.ts";
import { SETTINGS } from "../../../src/transports/wt/http3/settings.ts";
import { SESSION_STREAM, STREAMS } from "../../../src/transports/wt/http3/streams.ts";
import { varints } from "../../../src/transports/wt/http3/varint.ts";
import { requestFields } from "../../../src/transports/wt/request.ts";
import { currentRuntime } from "../../runtimes/runtimes.ts";
import { hex } from "./bytes.ts";
import { PATH, RawClient } from "./raw_client.ts";

const BROKEN = 0x101;
const RESERVED = 0x21 + 0x1f * 1_000;
const skip = currentRuntime() === "deno" ? undefined : "only Deno listens on wt://";
if (skip !== undefined) console.log(`skipped: ${skip}`);

const control = (...frames: Uint8Array[]) => [varints(STREAMS.control), ...frames];
const RIGHT = requestFields("127.0.0.1", PATH);

test("wt: streams and frames without a meaning do no harm, and a stream of the session is the link", {
  skip,
}, async () => {
  await using client = await RawClient.open();
  await client.say(...control(SETTINGS, encodeFrame(RESERVED, new Uint8Array(100))));
  await client.say(varints(STREAMS.encoder));
  await client.say(varints(STREAMS.decoder));
  await client.say(varints(RESERVED), new Uint8Array(1_000));
  const early = await client.open(varints(SESSION_STREAM, 0), hex("01"));
  const { status, writer } = await client.request();
  assertEquals(status, "200");
  // A stream that came before its session is not its link.
  assertEquals(client.links.length, 0);
  assertEquals(await early.reader.read().then(({ done }) => done, () => true), true);
  await writer.write(encodeFrame(RESERVED, new Uint8Array(100)));

  // The head comes in two pieces; after it: the framing's version, a chunk of three bytes, and the end.
  const { reader } = await client.open(hex("40"), hex("41 04"), hex("01 00000003 070809 00000000"));
  while (client.links.length === 0) await pause(5);
  const received: number[] = [];
  const ended = new Promise<HawserError | undefined>((onClose) =>
    client.links[0].start({ onReceive: (bytes) => received.push(...bytes), onDrain() {}, onClose })
  );
  assertEquals(await ended, undefined);
  assertEquals(received, [7, 8, 9]);
  await reader.read().catch(() => {});
});

test(
  "wt: a link ends with an error when its session does, unless its own end was said",
  { skip },
  async () => {
    await using client = await RawClient.open();
    const { writer } = await client.request();
    await client.open(hex("4041 00 01 00000001 07"));
    while (client.links.length === 0) await pause(5);
    const ended = new Promise<HawserError | undefined>((onClose) =>
      client.links[0].start({ onReceive() {}, onDrain() {}, onClose })
    );
    await writer.close();
    assertEquals((await ended)?.code, "io");
  },
);

test("wt: other paths and pages of other origins get an answer, and no link", { skip }, async () => {
  await using client = await RawClient.open({ origins: ["https://example.org"] });
  const other = requestFields("127.0.0.1", "/elsewhere");
  assertEquals((await client.request(other)).status, "404");
  assertEquals((await client.request([...RIGHT, ["origin", "https://evil.example"]])).status, "403");
  assertEquals((await client.request([[":method", "GET"], ...RIGHT.slice(2)])).status, "400");
  assertEquals((await client.request([...RIGHT, ["origin", "https://example.org"]])).status, "200");
  assertEquals((await client.request()).status, "503");
  assertEquals(client.links.length, 0);
});

test("wt: whoever breaks a rule is turned away", { skip }, async () => {
  const large = varints(FRAMES.headers, HTTP3_FRAME_BYTES_MAX + 1);
  const padding = encodeFrame(RESERVED, new Uint8Array(HTTP3_SKIPPED_BYTES_MAX));
  const wrong: Record<string, (client: RawClient) => Promise<unknown>> = {
    "a control stream without SETTINGS": (client) =>
      client.say(...control(encodeFrame(FRAMES.headers, hex("")))),
    "SETTINGS twice": (client) => client.say(...control(SETTINGS, SETTINGS)),
    "SETTINGS of HTTP/2": (client) => client.say(...control(encodeFrame(FRAMES.settings, varints(2, 0)))),
    "two control streams": async (client) => {
      await client.say(...control(SETTINGS));
      await client.say(...control(SETTINGS));
    },
    "a push": (client) => client.say(varints(STREAMS.push, 0)),
    "a stream of noise": (client) =>
      client.say(varints(RESERVED), new Uint8Array(HTTP3_SKIPPED_BYTES_MAX + 1)),
    "fields that are too large": (client) => client.open(large),
    "fields that are none": (client) => client.open(encodeFrame(FRAMES.headers, hex("0000 80"))),
    "a request that begins with SETTINGS": (client) => client.open(SETTINGS),
    "noise before a request": (client) => client.open(padding, padding),
    "a request that ends early": async (client) => (await client.open(hex("01"))).writer.close(),
    "fields amid a session": async (client) =>
      (await client.request()).writer.write(encodeFrame(FRAMES.headers, hex("0000d9"))),
    "noise amid a session": async (client) => (await client.request()).writer.write(padding),
  };
  for (const [what, attack] of Object.entries(wrong)) {
    await using client = await RawClient.open();
    await attack(client).catch(() => {}); // It may be over before all was said.
    assertEquals(await client.closed(), BROKEN, what);
    assertEquals([client.links.length, client.refused.map(({ code }) => code)], [0, ["protocol"]], what);
  }
});

test("wt: who asks for nothing, or for a session only, is turned away in time", { skip }, async () => {
  for (const asks of [false, true]) {
    await using client = await RawClient.open({ quic: { handshakeMsMax: 300 } });
    if (asks) await client.request();
    const before = performance.now();
    await client.closed();
    assert(performance.now() - before < 5_000);
    await pause(20);
  }
});
