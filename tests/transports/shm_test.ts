// Links over shared memory: in one worker, and between real workers of every kind that the runtime has.

import { createHash } from "node:crypto";
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { SHM_MESSAGE_BYTES_MAX } from "../../src/limits.ts";
import { parseAddress } from "../../src/transports/address.ts";
import { PortLink } from "../../src/transports/port/port_link.ts";
import { registerPort } from "../../src/transports/port/registered_ports.ts";
import { shm } from "../../src/transports/shm/mod.ts";
import { Region, REGION_BYTES } from "../../src/transports/shm/region.ts";
import { ShmLink } from "../../src/transports/shm/shm_link.ts";
import { Arrivals } from "./arrivals.ts";
import { LinkHost, LinkPair, Meter } from "./link_host.ts";
import { loop } from "./ports.ts";
import { linkSuite, pattern, sendAll, type StalledPeer } from "./suite.ts";
import { kindsOfWorkers, startWorker } from "./workers.ts";

const suite = loop("suite");
linkSuite({ transport: shm, url: "shm://suite", deadUrl: "shm://nobody", stalledPeer });
test("shm: the suite's channel ends", () => suite[Symbol.dispose]());

for (const kind of kindsOfWorkers) {
  test(`shm: ${kind}: 20,000 messages there and back, in order`, async () => {
    await using worker = startWorker(kind, "tests/transports/fixtures/shm_worker.ts");
    using _registration = registerPort("worker", worker.port);
    const link = await shm.dial(parseAddress("shm://worker"), {});
    const meter = new Meter();
    link.start(meter);
    const hash = createHash("sha256");
    const pieces = Array.from({ length: 20_000 }, (_, index) => pattern(index * 7 % 100, index));
    for (const piece of pieces) hash.update(piece);
    const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
    await sendAll(link, meter, pieces.map((piece) => new Uint8Array(piece)));
    await meter.reached(total);
    const large = pattern(SHM_MESSAGE_BYTES_MAX);
    hash.update(large);
    link.send(large);
    await meter.reached(total + large.length);
    assertEquals(meter.pieces, 20_001);
    assertEquals(meter.digest(), hash.digest("hex"));
    await link.close();
    assertEquals(await meter.ended, undefined);
  });

  test(`shm: ${kind}: a worker that is ended takes its links with it`, async () => {
    await using worker = startWorker(kind, "tests/transports/fixtures/shm_worker.ts");
    using _registration = registerPort("worker", worker.port);
    const link = await shm.dial(parseAddress("shm://worker"), {});
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

test("shm: empty messages arrive too, and the largest is the largest", async () => {
  using _loop = loop("sizes");
  await using pair = await LinkPair.open(shm, "shm://sizes");
  const [near, far] = [new Meter(), new Arrivals()];
  pair.near.start(near);
  pair.far.start(far);
  for (const length of [0, 1, 0, 5]) pair.near.send(pattern(length));
  for (const length of [0, 1, 0, 5]) assertEquals((await far.next()).length, length);
  pair.near.send(new Uint8Array(SHM_MESSAGE_BYTES_MAX + 1));
  assertEquals((await near.ended)?.code, "packet-too-large");
});

test("shm: a peer that scribbles over the memory ends the link with an error, and no worse", async () => {
  const scribbles: ((words: Int32Array) => void)[] = [
    (words) => words[64 / 4] = 3,
    (words) => words[64 / 4] = -1,
    (words) => words[64 / 4] = 2 ** 30,
    (words) => words.fill(-1),
    (words) => {
      words[1_024 / 4] = 2 ** 31 - 1; // The length of a record.
      words[64 / 4] = 64;
    },
  ];
  for (const scribble of scribbles) {
    const memory = new SharedArrayBuffer(REGION_BYTES);
    Region.format(memory);
    const { port1, port2 } = new MessageChannel();
    const carrier = new PortLink(port1, "shm://near", "shm://far");
    const region = new Region(memory, "listener");
    const link = new ShmLink(
      { region, carrier, isWithinProcess: true, free() {} },
      "shm://near",
      "shm://far",
    );
    const arrivals = new Arrivals();
    link.start(arrivals);
    scribble(new Int32Array(memory));
    new Int32Array(memory)[512 / 4] += 1;
    Atomics.notify(new Int32Array(memory), 512 / 4);
    port2.start();
    port2.postMessage(new Uint8Array(1));
    await arrivals.ended;
    assertEquals(arrivals.error?.code, "protocol");
    port2.close();
  }
});

test("shm: memory of another version is refused", () => {
  const memory = new SharedArrayBuffer(REGION_BYTES);
  try {
    new Region(memory, "dialler");
    assert(false, "zeros were taken for a region");
  } catch (error) {
    assert(error instanceof HawserError && error.code === "protocol");
  }
});

test("shm: addresses that cannot be", async () => {
  const error = await assertRejects(() => LinkHost.listen(shm, "shm://"), HawserError);
  assertEquals(error.code, "invalid-address");
});

async function stalledPeer(): Promise<StalledPeer> {
  const channel = loop("stalled");
  const host = await LinkHost.listen(shm, "shm://stalled");
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
