// The options of UDP sockets, over real ones: each does what it says, or is refused by name.

import { test } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UDP_MTU_DEFAULT, UDP_MTU_JUMBO, UDP_MTU_MAX, UDP_MTU_MIN } from "../../src/limits.ts";
import type { TransportOptions } from "../../src/link.ts";
import { currentRuntime } from "../runtimes/runtimes.ts";
import { dialUdp, NEVER_MS, pattern, refused, sleep, UdpClient } from "./udp_client.ts";
import { UdpHost } from "./udp_host.ts";

const RUNTIME = currentRuntime();

for (const mtu of [UDP_MTU_MIN, UDP_MTU_DEFAULT, UDP_MTU_JUMBO, UDP_MTU_MAX]) {
  test(`udp: an MTU of ${mtu} is met, and not passed`, async () => {
    await using host = await UdpHost.echo({ mtu });
    await using client = await UdpClient.dial(host.url, { mtu });
    assertEquals(client.link.traits.mtu, mtu);
    client.link.send(new Uint8Array(mtu + 1));
    client.link.send(pattern(mtu));
    assertEquals(await client.next(), pattern(mtu)); // The longer one was dropped.
    assertEquals(host.listening.sendTo!(new Uint8Array(mtu + 1), host.last!), false);
    assertEquals(client.count, 0);
  });
}

test("udp: numbers out of range are the caller's mistake", async () => {
  const wrong: TransportOptions[] = [
    { mtu: UDP_MTU_MIN - 1 },
    { mtu: UDP_MTU_MAX + 1 },
    { mtu: 1_000.5 },
    { ttl: 0 },
    { ttl: 256 },
    { receiveBufferBytes: 0 },
    { sendBufferBytes: -1 },
    { multicast: { groups: ["192.0.2.1"] } },
    { multicast: { groups: [], ttl: 256 } },
  ];
  for (const options of wrong) {
    await assertRejects(() => dialUdp("udp://127.0.0.1:9", options), RangeError);
    await assertRejects(() => UdpHost.echo(options), RangeError);
  }
  await refused("invalid-address", () => dialUdp("udp://127.0.0.1:0"));
});

test("udp: a taken port is said so", async () => {
  await using host = await UdpHost.echo();
  const error = await refused(
    "address-in-use",
    () => UdpHost.echo({}, "127.0.0.1", Number(new URL(host.url).port)),
  );
  assertStringIncludes(error.message, host.url);
});

test("udp: a port is shared where that was asked for, or refused by name", async () => {
  const options = { reusePort: true };
  if (RUNTIME === "deno") {
    const error = await refused("unsupported", () => UdpHost.echo(options));
    assertStringIncludes(error.message, "Deno");
    return;
  }
  await using one = await UdpHost.echo(options);
  await using two = await UdpHost.echo(options, "127.0.0.1", Number(new URL(one.url).port));
  assertEquals(two.url, one.url);
});

test("udp: reuseAddress lets a port be bound twice", async () => {
  const options = { reuseAddress: true };
  await using one = await UdpHost.echo(options);
  await using two = await UdpHost.echo(options, "127.0.0.1", Number(new URL(one.url).port));
  assertEquals(two.url, one.url);
});

test("udp: buffers of the kernel", async () => {
  const options = { receiveBufferBytes: 100_000, sendBufferBytes: 100_000 };
  if (RUNTIME === "deno") {
    const error = await refused("unsupported", () => UdpHost.echo(options));
    assertStringIncludes(error.message, "Deno");
    return;
  }
  await using host = await UdpHost.echo(options);
  await using client = await UdpClient.dial(host.url, options);
  client.link.send(pattern(7));
  assertEquals(await client.next(), pattern(7));
});

test("udp: a time to live", async () => {
  await using host = await UdpHost.echo({ ttl: 3 });
  await using client = await UdpClient.dial(host.url, { ttl: 5 });
  client.link.send(pattern(7));
  assertEquals(await client.next(), pattern(7));
});

test("udp: a broadcast is heard, and answered from elsewhere", async () => {
  await using host = await UdpHost.echo({}, "0.0.0.0");
  const { port } = new URL(host.url);
  await using client = await UdpClient.dial(`udp://127.255.255.255:${port}`, { broadcast: true });
  client.link.send(pattern(11));
  assertEquals(await client.next(), pattern(11));
});

test("udp: a multicast group is heard by its members only", async () => {
  const group = "239.255.71.83";
  const multicast = { groups: [group], interface: "127.0.0.1" };
  await using member = await UdpHost.echo({ multicast }, "0.0.0.0");
  const sending = { groups: [], interface: "127.0.0.1", ttl: 1, loopback: true };
  await using client = await UdpClient.dial(`udp://${group}:${new URL(member.url).port}`, {
    multicast: sending,
  });
  client.link.send(pattern(12));
  assertEquals(await client.next(), pattern(12));

  await using outsider = await UdpHost.echo({}, "127.0.0.1");
  await using other = await UdpClient.dial(`udp://${group}:${new URL(outsider.url).port}`, {
    multicast: sending,
  });
  other.link.send(pattern(13));
  await sleep(NEVER_MS);
  assertEquals(outsider.sources, []);
});
