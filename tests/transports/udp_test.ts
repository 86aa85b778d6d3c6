// Real sockets on the loopback interface, on whichever runtime runs this file.

import { test } from "node:test";
import { readdirSync } from "node:fs";
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  fail,
} from "@std/assert";
import { UDP_EARLY_MAX, UDP_MTU_DEFAULT, UDP_MTU_JUMBO } from "../../src/limits.ts";
import type { DatagramSource } from "../../src/link.ts";
import { parseAddress } from "../../src/transports/address.ts";
import { udp } from "../../src/transports/udp/mod.ts";
import { currentRuntime, runtimes, spawnRuntime } from "../runtimes/runtimes.ts";
import { Arrivals } from "./arrivals.ts";
import { dialUdp, NEVER_MS, pattern, refused, sleep, UdpClient } from "./udp_client.ts";
import { UdpHost } from "./udp_host.ts";

const RUNTIME = currentRuntime();

/** What share of a flood arrives on the same event loop; Deno looks at its sockets too rarely (src/transports/udp/deno.ts). */
const KEEPS_STEP = { deno: 0.01, bun: 0.9, node: 0.9 };

test("udp: a datagram goes there and back, whole", async () => {
  await using host = await UdpHost.echo();
  await using client = await UdpClient.dial(host.url);
  for (const bytes of [pattern(1), pattern(100), pattern(1_472), new Uint8Array(0)]) {
    assertEquals(client.link.send(bytes.slice()), true);
    assertEquals(await client.next(), bytes);
  }
  assertEquals(client.link.traits, {
    kind: "datagram",
    reliable: false,
    ordered: false,
    mtu: UDP_MTU_DEFAULT,
    encrypted: false,
    nativeStreams: false,
  });
});

test("udp: both ends know where they are", async () => {
  await using host = await UdpHost.echo();
  await using client = await UdpClient.dial(host.url);
  assert(/^udp:\/\/127\.0\.0\.1:[1-9]\d*$/.test(host.url), host.url);
  assertEquals(client.link.remoteAddress, host.url);
  client.link.send(pattern(3));
  await client.next();
  const { port } = new URL(client.link.localAddress);
  assertNotEquals(port, "0");
  assertEquals(host.sources, [`udp://127.0.0.1:${port}`]);
});

test("udp: IPv6", async () => {
  await using host = await UdpHost.echo({}, "[::1]");
  await using client = await UdpClient.dial(host.url.replace("::1", "0:0::0001"));
  client.link.send(pattern(9));
  assertEquals(await client.next(), pattern(9));
  assertEquals(client.link.remoteAddress, host.url);
  assertStringIncludes(host.url, "udp://[::1]:");
});

test("udp: a listener on any address is reached by its own URL, and IPv6 in any form", async () => {
  for (const any of ["0.0.0.0", "[::]"]) {
    await using host = await UdpHost.echo({}, any);
    await using client = await UdpClient.dial(host.url);
    client.link.send(pattern(100));
    assertEquals(await client.next(), pattern(100));
  }
  await using host = await UdpHost.echo({}, "[::1]");
  await using client = await UdpClient.dial(host.url.replace("[::1]", "[0:0:0:0:0:0:0:1]"));
  client.link.send(pattern(100));
  assertEquals(await client.next(), pattern(100));
});

test("udp: a name is resolved, and one that does not exist is said so", async () => {
  await using host = await UdpHost.echo({}, "localhost");
  await using client = await UdpClient.dial(`udp://localhost:${new URL(host.url).port}`);
  client.link.send(pattern(9));
  assertEquals(await client.next(), pattern(9));
  await refused("invalid-address", () => dialUdp("udp://no-such-host.invalid:9"));
});

test("udp: many senders are told apart, each by one key", async () => {
  await using host = await UdpHost.echo();
  const clients = await Promise.all(Array.from({ length: 8 }, () => UdpClient.dial(host.url)));
  for (let round = 0; round < 3; round++) {
    for (const [index, client] of clients.entries()) client.link.send(Uint8Array.of(index, round));
    for (const [index, client] of clients.entries()) {
      assertEquals(await client.next(), Uint8Array.of(index, round));
    }
  }
  assertEquals(new Set(host.sources).size, 8);
  assertEquals(host.keys.size, 8);
  await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
});

test("udp: a link over the listener's socket sends to its address, and ends with the listener", async () => {
  const host = await UdpHost.echo();
  await using client = await UdpClient.dial(host.url);
  client.link.send(pattern(4));
  await client.next();
  const arrivals = new Arrivals();
  const link = host.listening.link!(host.last!);
  link.start(arrivals);
  assertEquals([link.localAddress, link.remoteAddress], [host.url, host.last!.address]);
  link.send(pattern(5));
  assertEquals(await client.next(), pattern(5));
  assertEquals(arrivals.closed, 0);
  await host.listening.close();
  assertEquals([arrivals.closed, arrivals.error], [1, undefined]);
  await link.close();
  assertEquals(arrivals.closed, 1);
  assertEquals(host.listening.sendTo!(pattern(1), host.last!), false);
});

test("udp: a link over the listener's socket ends alone when its user ends it", async () => {
  await using host = await UdpHost.echo();
  await using client = await UdpClient.dial(host.url);
  client.link.send(pattern(4));
  await client.next();
  const link = host.listening.link!(host.last!);
  await link.close();
  const arrivals = new Arrivals();
  link.start(arrivals); // Late, and told nonetheless.
  await arrivals.ended;
  assertEquals(link.send(pattern(1)), true);
  client.link.send(pattern(6));
  assertEquals(await client.next(), pattern(6));
});

test("udp: a source that somebody else made can be sent to", async () => {
  await using host = await UdpHost.echo();
  await using client = await UdpClient.dial(host.url);
  client.link.send(pattern(1));
  await client.next();
  const { key, address } = host.last!;
  assertEquals(host.listening.sendTo!(pattern(2), { key, address }), true);
  assertEquals(await client.next(), pattern(2));
});

test("udp: a dialled link hears its target only", async () => {
  await using host = await UdpHost.echo();
  await using stranger = await UdpHost.echo();
  await using client = await UdpClient.dial(host.url);
  const { port } = new URL(client.link.localAddress);
  stranger.listening.sendTo!(pattern(99), source(`udp://127.0.0.1:${port}`));
  client.link.send(pattern(1));
  assertEquals(await client.next(), pattern(1));
  await sleep(NEVER_MS);
  assertEquals(client.count, 0);
});

test("udp: what arrives before start is kept, up to a bound", async () => {
  await using host = await UdpHost.echo();
  const link = await dialUdp(host.url);
  for (let i = 0; i < UDP_EARLY_MAX + 1; i++) {
    link.send(Uint8Array.of(i));
    await host.heard(i + 1);
  }
  await sleep(NEVER_MS);
  const arrivals = new Arrivals();
  link.start(arrivals);
  assertEquals(arrivals.count, UDP_EARLY_MAX);
  assertEquals(await arrivals.next(), Uint8Array.of(0));
  await link.close();
});

test("udp: nobody listens", async () => {
  const host = await UdpHost.echo();
  const { url } = host;
  await host.listening.close();
  const link = await dialUdp(url);
  const arrivals = new Arrivals();
  link.start(arrivals);
  link.send(pattern(1));
  if (RUNTIME === "deno") { // No runtime API tells: the link stays silent.
    await sleep(NEVER_MS);
    assertEquals(arrivals.closed, 0);
    await link.close();
    assertEquals(arrivals.error, undefined);
  } else {
    await arrivals.ended;
    assertEquals(arrivals.error?.code, "connection-refused");
    await link.close();
  }
  assertEquals(arrivals.closed, 1);
});

test("udp: a listener that vanishes later does not end the link", async () => {
  const host = await UdpHost.echo();
  await using client = await UdpClient.dial(host.url);
  client.link.send(pattern(1));
  await client.next();
  await host.listening.close();
  client.link.send(pattern(1));
  await sleep(NEVER_MS);
  await using again = await UdpHost.echo({}, "127.0.0.1", Number(new URL(host.url).port));
  client.link.send(pattern(2));
  assertEquals(await client.next(), pattern(2));
  assertEquals(again.sources.length, 1);
  assertEquals(client.arrivals.closed, 0);
});

test("udp: a burst of any size is bounded, and ends with a drain", async () => {
  await using host = await UdpHost.echo();
  await using client = await UdpClient.dial(host.url);
  let falses = 0;
  for (let i = 0; i < 5_000; i++) if (!client.link.send(new Uint8Array(1_000))) falses++;
  assert(falses > 0);
  await client.arrivals.drained;
  assertEquals(client.link.send(new Uint8Array(1)), true);
  assertEquals(client.arrivals.drains, 1);
});

test("udp: a sender that heeds false does not outrun a receiver beside it", async () => {
  const count = 5_000;
  await using host = await UdpHost.sink();
  await using client = await UdpClient.dial(host.url);
  for (let i = 0; i < count; i++) {
    const drained = client.arrivals.nextDrain();
    if (!client.link.send(new Uint8Array(1_400))) await drained;
  }
  await sleep(NEVER_MS);
  const share = host.count / count;
  assert(share >= KEEPS_STEP[RUNTIME], `${host.count} of ${count} arrived`);
});

test("udp: close is told once, to the first and the second caller", async () => {
  await using host = await UdpHost.echo();
  const link = await dialUdp(host.url);
  const arrivals = new Arrivals();
  link.start(arrivals);
  link.send(pattern(1));
  await Promise.all([link.close(), link.close({ abort: true }), link.close()]);
  assertEquals([arrivals.closed, arrivals.error], [1, undefined]);
  assertEquals(link.send(pattern(1)), true);
  await sleep(NEVER_MS);
  assertEquals(arrivals.count, 0);
  await Promise.all([host.listening.close(), host.listening.close()]);
});

test("udp: what was accepted before close leaves", async () => {
  await using host = await UdpHost.sink();
  const link = await dialUdp(host.url);
  for (let i = 0; i < 40; i++) link.send(pattern(10));
  await link.close();
  await host.heard(40);
});

test("udp: an aborted dial rejects with the signal's reason", async () => {
  const reason = new Error("changed my mind");
  const before = descriptors();
  for (const host of ["127.0.0.1", "localhost"]) {
    const aborter = new AbortController();
    const dialling = udp.dial(parseAddress(`udp://${host}:9`), { signal: aborter.signal });
    aborter.abort(reason);
    const error = await assertRejects(() => dialling, Error);
    assertEquals(error, reason);
  }
  await settle(before);
});

test("udp: 200 links and listeners leave nothing open", async () => {
  await (await UdpHost.echo()).listening.close(); // Whatever the runtime opens once for all.
  const before = descriptors();
  for (let i = 0; i < 200; i++) {
    const host = await UdpHost.echo(i % 10 === 0 ? { ttl: 9 } : {});
    const client = await UdpClient.dial(host.url, i % 10 === 0 ? { ttl: 9 } : {});
    client.link.send(pattern(20));
    await client.next();
    await client.link.close({ abort: i % 2 === 0 });
    await host.listening.close();
  }
  await settle(before);
});

for (const { name } of runtimes) {
  test(`udp: ${RUNTIME} dials ${name}`, async () => {
    await using child = spawnRuntime(name, "tests/transports/fixtures/udp_echo.ts");
    await using client = await UdpClient.dial(await child.nextLine(), { mtu: UDP_MTU_JUMBO });
    for (const length of [1, 1_472, UDP_MTU_JUMBO]) {
      client.link.send(pattern(length));
      assertEquals(await client.next(), pattern(length));
    }
  });
}

function source(url: string): DatagramSource {
  return { key: url, address: url };
}

/** Open sockets of this process. */
function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Waits until no more descriptors are open than before; runtimes close in the next turn, and open some for a moment. */
async function settle(before: number): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    if (descriptors() <= before) return;
    await sleep(20);
  }
  fail(`${descriptors()} descriptors are open, ${before} were`);
}
