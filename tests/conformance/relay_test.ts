// Datagram networks that delay, reorder, double and lose: what arrives is whole and comes once all the same.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { currentRuntime, runtimes, spawnRuntime } from "../runtimes/runtimes.ts";
import { relayTo } from "../runtimes/udp_relay.ts";
import { converse } from "./converse.ts";
import { schemes } from "./schemes.ts";
import { tlsEnvironment } from "./tls.ts";

const OVER_UDP = ["udp", "quic"];

for (const scheme of schemes.filter(({ name }) => OVER_UDP.includes(name))) {
  const listener = runtimes[
    (runtimes.findIndex(({ name }) => name === currentRuntime()) + 1) % runtimes.length
  ].name;
  test(`${scheme.name}: ${currentRuntime()} and ${listener} talk through delay, reordering, duplication and loss`, async () => {
    await using server = spawnRuntime(listener, "tests/conformance/fixtures/echo_server.ts", [
      scheme.listenUrl(),
    ], { env: tlsEnvironment });
    const [address]: string[] = JSON.parse(await server.nextLine());
    const { port } = new URL(address);
    await using relay = await relayTo(Number(port), {
      seed: 7,
      delayMs: [5, 30],
      loss: 0.05,
      duplication: 0.2,
    });
    await converse(address.replace(`:${port}`, `:${relay.port}`), scheme.reliable, {
      count: 200,
      largeBytes: 50_000,
      bulk: 0, // Over such a network it would take QUIC minutes.
    });
    const { lost, doubled, overtaken } = relay.counts;
    assert(lost > 0 && doubled > 0 && overtaken > 0, JSON.stringify(relay.counts));
    server.closeInput();
    assertEquals(await server.nextLine(), "closed");
  });
}
