// The message layer over links of every kind, in small and in large; the formats between two ends that know different ones.

import { test } from "node:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { connect, type Format, HawserError, listen } from "../../mod.ts";
import { randomBytes } from "../../src/random.ts";
import { pair } from "./pair.ts";

const name = `hawser-messages-${Math.random().toString(36).slice(2)}`;
const URLS = [
  "mem://messages",
  "tcp://127.0.0.1:0",
  "ws://127.0.0.1:0",
  `unix://${join(tmpdir(), name)}`,
  "udp://127.0.0.1:0",
];

for (const url of URLS) {
  const [scheme] = url.split(":");

  test(`${scheme}: requests, several replies, values and acknowledgements`, async () => {
    await using ends = await pair({}, url);
    ends.there.handle("same", (value) => value);
    ends.there.handle("count", async function* (to) {
      for (let number = 0; number < (to as number); number++) yield number;
    });
    const requests = Array.from({ length: 50 }, (_, index) => ends.here.request("same", { index }));
    assertEquals(await Promise.all(requests), Array.from({ length: 50 }, (_, index) => ({ index })));
    assertEquals(
      await Array.fromAsync(ends.here.requestMany("count", 20)),
      Array.from({ length: 20 }, (_, n) => n),
    );
    const { promise, resolve } = Promise.withResolvers<unknown>();
    ends.there.onValue(resolve);
    await ends.here.send("hello", { ack: true });
    assertEquals(await promise, "hello");
  });

  if (scheme === "udp") continue;

  test(`${scheme}: values of megabytes, both ways at once`, async () => {
    await using ends = await pair({}, url);
    ends.there.handle("same", (value) => value);
    ends.here.handle("same", (value) => value);
    const bytes = randomBytes(60_000);
    const large = new Uint8Array(1_500_000).map((_, index) => bytes[index % bytes.length]);
    const text = "ß水🚢z".repeat(80_000);
    const all = await Promise.all([
      ends.here.request("same", large),
      ends.there.request("same", text),
      ends.here.request("same", [text], { priority: 200 }),
      ends.there.request("same", [large], { format: "msgpack" }),
    ]);
    assertEquals(all, [large, text, [text], [large]]);
  });
}

test("a value over what the peer takes is refused where it is sent; a reply over it is the handler's fault", async () => {
  await using ends = await pair({ limits: { messageBytesMax: 100_000 } });
  ends.there.handle("large", () => "x".repeat(200_000));
  const told: unknown[] = [];
  ends.there.onError((error) => told.push((error as HawserError).code));
  const refused = assertThrows(() => ends.here.send("x".repeat(200_000)), HawserError);
  assertEquals(refused.code, "packet-too-large");
  const request = await assertRejects(() => ends.here.request("large", "x".repeat(200_000)), HawserError);
  assertEquals(request.code, "packet-too-large");
  const reply = await assertRejects(() => ends.here.request("large"), HawserError);
  assertEquals([reply.remote?.code, told], ["internal", ["packet-too-large"]]);
  assertEquals(ends.here.messages.requests.size, 0);
});

test("a format that only one end knows is refused where it would be sent, in both directions", async () => {
  const own = (id: number): Format => ({
    name: "reversed",
    id,
    encode: (value) => [...value as string].reverse().join(""),
    decode: (bytes) => [...new TextDecoder().decode(bytes)].reverse().join(""),
  });
  const knowing = { formats: [own(0x90)] };
  for (const other of [{}, { formats: [own(0x91)] }]) {
    await using server = await listen("mem://messages-formats", knowing);
    const accepted = server.accept();
    await using connection = await connect(server.urls, other);
    (await accepted).handle("same", (value) => value);
    const error = await assertRejects(
      () => connection.request("same", "abc", { format: "reversed" }),
      HawserError,
    );
    assertEquals(error.code, "unsupported");
    connection.handle("same", (value) => value);
    const there = await accepted;
    const back = await assertRejects(() => there.request("same", "abc", { format: "reversed" }), HawserError);
    assertEquals(back.code, "unsupported");
  }
  await using both = await pair({ ...knowing, format: "reversed" }, "mem://messages-formats");
  assert(both.here.peer.capabilities.includes("format:reversed:144"));
  both.there.handle("same", (value) => value);
  assertEquals(await both.here.request("same", "abc", { format: "reversed" }), "abc");
});
