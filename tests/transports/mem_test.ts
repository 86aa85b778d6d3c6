// Links inside one process, on whichever runtime runs this file.

import { test } from "node:test";
import { createHash } from "node:crypto";
import { assert, assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import { mem, memoryPair } from "../../src/transports/mem/mod.ts";
import { Arrivals } from "./arrivals.ts";
import { LinkHost, Meter } from "./link_host.ts";
import { linkSuite, pattern, type StalledPeer } from "./suite.ts";

linkSuite({ transport: mem, url: "mem://0", deadUrl: "mem://nobody", stalledPeer });

test("mem: a listener has the name that it asks for, or a free one", async () => {
  await using named = await LinkHost.listen(mem, "mem://harbour");
  await using first = await LinkHost.listen(mem, "mem://0");
  await using second = await LinkHost.listen(mem, "mem://");
  assertEquals(named.url, "mem://harbour");
  assertNotEquals(first.url, second.url);
});

test("mem: a name is free again after its listener", async () => {
  for (let round = 0; round < 2; round++) {
    await using host = await LinkHost.listen(mem, "mem://harbour");
    assertEquals(host.url, "mem://harbour");
  }
});

test("mem: the receiver gets the very bytes, after the turn of the sender", async () => {
  const [near, far] = memoryPair();
  const received: Uint8Array[] = [];
  far.start({ onReceive: (bytes) => void received.push(bytes), onDrain() {}, onClose() {} });
  const sent = [pattern(10), new Uint8Array(0), pattern(20)];
  for (const bytes of sent) near.send(bytes);
  assertEquals(received.length, 0);
  await Promise.resolve();
  assertEquals(received.length, 3);
  for (let index = 0; index < 3; index++) assertStrictEquals(received[index], sent[index]);
  await near.close();
});

test("mem: two ends that answer each other for ever keep no timer waiting", async () => {
  const [near, far] = memoryPair();
  let rounds = 0;
  near.start({ onReceive: (bytes) => void near.send(bytes), onDrain() {}, onClose() {} });
  far.start({
    onReceive(bytes) {
      rounds++;
      far.send(bytes);
    },
    onDrain() {},
    onClose() {},
  });
  near.send(pattern(8));
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert(rounds > 0);
  await near.close({ abort: true });
});

test("mem: empty messages are bounded too", async () => {
  const [near, far] = memoryPair();
  near.start(new Arrivals());
  let sent = 1;
  while (near.send(new Uint8Array(0))) sent++;
  assert(sent < 10_000, `${sent} empty messages were accepted`);
  await far.close({ abort: true });
});

async function stalledPeer(): Promise<StalledPeer> {
  const host = await LinkHost.listen(mem, "mem://0");
  return {
    url: host.url,
    async read(total) {
      const hash = createHash("sha256");
      const meter = new Meter();
      const link = await host.accept();
      link.start({
        onReceive(bytes) {
          hash.update(bytes);
          meter.onReceive(bytes);
        },
        onDrain() {},
        onClose() {},
      });
      await meter.reached(total);
      return hash.digest("hex");
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
