// Links over message ports: in one worker, and between real workers of every kind that the runtime has.

import { createHash } from "node:crypto";
import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { LINK_MESSAGE_BYTES, PORT_DIALS_HELD_MAX, PORT_TRANSFER_BYTES_MIN } from "../../src/limits.ts";
import { parseAddress } from "../../src/transports/address.ts";
import { port } from "../../src/transports/port/mod.ts";
import { PortLink } from "../../src/transports/port/port_link.ts";
import { type PortLike, registerPort } from "../../src/transports/port/registered_ports.ts";
import { Arrivals } from "./arrivals.ts";
import { LinkHost, LinkPair, Meter } from "./link_host.ts";
import { loop } from "./ports.ts";
import { linkSuite, pattern, type StalledPeer } from "./suite.ts";
import { kindsOfWorkers, startWorker } from "./workers.ts";

const suite = loop("suite");
linkSuite({ transport: port, url: "port://suite", deadUrl: "port://nobody", stalledPeer });
test("port: the suite's channel ends", () => suite[Symbol.dispose]());

const dial = (url: string, signal?: AbortSignal) => port.dial(parseAddress(url), { signal });

for (const kind of kindsOfWorkers) {
  test(`port: ${kind}: either side dials, and bytes come back`, async () => {
    await using worker = startWorker(kind, "tests/transports/fixtures/port_worker.ts");
    using _registration = registerPort("worker", worker.port);
    await using host = await LinkHost.listen(port, "port://worker");
    const dialled = await dial("port://worker"); // The worker listens, and then dials us.
    const accepted = await host.accept();
    for (const link of [dialled, accepted]) {
      const meter = new Meter();
      link.start(meter);
      const hash = createHash("sha256");
      let total = 0;
      for (const length of [1, 64, PORT_TRANSFER_BYTES_MIN - 1, PORT_TRANSFER_BYTES_MIN, 100_000]) {
        const bytes = pattern(length, length);
        hash.update(bytes);
        link.send(bytes);
        await meter.reached(total += length);
      }
      assertEquals(meter.digest(), hash.digest("hex"));
      assertEquals(meter.pieces, 5);
      await link.close();
      assertEquals(await meter.ended, undefined);
    }
  });

  test(`port: ${kind}: a worker that is ended takes its links with it`, async () => {
    await using worker = startWorker(kind, "tests/transports/fixtures/port_worker.ts");
    using _registration = registerPort("worker", worker.port);
    const link = await dial("port://worker");
    const meter = new Meter();
    link.start(meter);
    link.send(pattern(10));
    await meter.reached(10);
    await worker.terminate();
    const timer = setTimeout(() => link.close({ abort: true }), 5_000); // Keeps Deno waiting, too.
    assertEquals((await meter.ended)?.code, "io");
    clearTimeout(timer);
  });
}

test("port: a dial that comes before the listener, or before the port is registered, waits", async () => {
  const { port1, port2 } = new MessageChannel();
  using _near = registerPort("near", port1);
  const early = dial("port://near");
  await pause(5);
  using _far = registerPort("far", port2);
  const second = dial("port://near");
  await pause(5);
  await using host = await LinkHost.listen(port, "port://far");
  for (const link of await Promise.all([early, second])) {
    const meter = new Meter();
    link.start(meter);
    (await host.accept()).start(new Meter());
    await link.close();
  }
  await host.close();
  // Who has listened and does no more refuses at once.
  assertEquals((await assertRejects(() => dial("port://near"), HawserError)).code, "connection-refused");
});

test("port: dials that wait for a listener are bounded", async () => {
  using _loop = loop("held");
  const controller = new AbortController();
  const waiting = Array.from({ length: PORT_DIALS_HELD_MAX }, () => dial("port://held", controller.signal));
  const refused = await assertRejects(() => dial("port://held"), HawserError);
  assertEquals(refused.code, "connection-refused");
  controller.abort(new Error("enough"));
  for (const link of waiting) await assertRejects(() => link, Error, "enough");
});

test("port: what is sent in views of one buffer leaves the rest of it here", async () => {
  using _loop = loop("views");
  await using pair = await LinkPair.open(port, "port://views");
  const arrivals = new Arrivals();
  pair.far.start(arrivals);
  pair.near.start(new Meter());
  const slab = pattern(100_000);
  pair.near.send(slab.subarray(10, 20));
  pair.near.send(slab.subarray(20, 60_000));
  assertEquals(await arrivals.next(), slab.slice(10, 20));
  assertEquals(await arrivals.next(), slab.slice(20, 60_000));
  assertEquals(slab.length, 100_000);
  // A buffer that belongs to one message alone is handed over, not copied.
  const whole = pattern(60_000);
  pair.near.send(whole);
  assertEquals(whole.length, 0);
  assertEquals(await arrivals.next(), pattern(60_000));
});

test("port: a buffer that somebody else has ends the link with an error", async () => {
  using _loop = loop("gone");
  await using pair = await LinkPair.open(port, "port://gone");
  const arrivals = new Arrivals();
  pair.near.start(arrivals);
  const bytes = pattern(60_000);
  const view = bytes.subarray(0);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
  pair.near.send(view);
  await arrivals.ended;
  assertEquals(arrivals.error?.code, "io");
});

test("port: a peer that does not keep to the protocol is an error", async () => {
  for (const wrong of ["ends", null, { hawser: "dial" }, 0, -1, NaN, Infinity, LINK_MESSAGE_BYTES + 11]) {
    const { port1, port2 } = new MessageChannel();
    const link = new PortLink(port1, "port://near", "port://far");
    const arrivals = new Arrivals();
    link.start(arrivals);
    link.send(pattern(10));
    port2.start();
    port2.postMessage(wrong);
    await arrivals.ended;
    assertEquals(arrivals.error?.code, "protocol", String(wrong));
    port2.close();
  }
});

test("port: messages of others pass by", async () => {
  const { port1, port2 } = new MessageChannel();
  using _near = registerPort("mixed", port1);
  using _far = registerPort("mixed", port2);
  await using host = await LinkHost.listen(port, "port://mixed");
  const strange = [undefined, null, 7, "link", {}, { hawser: "what" }, {
    hawser: "link",
    id: 9,
    port: "none",
  }];
  for (
    const message of [...strange, { hawser: "dial" }, { hawser: "dial", id: "x" }, { hawser: "refused" }]
  ) {
    port1.postMessage(message);
  }
  const near = await dial("port://mixed");
  near.start(new Meter());
  (await host.accept()).start(new Meter());
  await near.close();
});

test("port: a dial is refused when its port is taken back, or closed", async () => {
  const { port1, port2 } = new MessageChannel();
  using registration = registerPort("brief", port1);
  const dialling = assertRejects(() => dial("port://brief"), HawserError, "unregistered");
  await pause(1);
  registration.unregister();
  registration.unregister();
  assertEquals((await dialling).code, "connection-refused");
  using _again = registerPort("brief", port1);
  const second = assertRejects(() => dial("port://brief"), HawserError);
  await pause(1);
  port2.close();
  assertEquals((await second).code, "connection-refused");
});

test("port: mistakes of the caller", async () => {
  const { port1, port2 } = new MessageChannel();
  assertThrows(() => registerPort("a b", port1), TypeError, "name");
  assertThrows(() => registerPort("", port1), TypeError, "name");
  assertThrows(() => registerPort("a", {} as PortLike), TypeError, "postMessage");
  using _registration = registerPort("a", port1);
  assertThrows(() => registerPort("b", port1), RangeError, "already");
  const error = await assertRejects(() => LinkHost.listen(port, "port://"), HawserError);
  assertEquals(error.code, "invalid-address");
  port2.close();
});

async function stalledPeer(): Promise<StalledPeer> {
  const name = "stalled";
  const channel = loop(name);
  const host = await LinkHost.listen(port, `port://${name}`);
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
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      channel[Symbol.dispose]();
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
