// The same conversation between two hosts, as network namespaces: over a good cable, and over one that loses packets.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { twoHosts, whyNotTwoHosts } from "../runtimes/namespaces.ts";
import { currentRuntime, runtimes, spawnRuntime } from "../runtimes/runtimes.ts";
import { schemesOn } from "./schemes.ts";
import { tlsEnvironment } from "./tls.ts";

const LOOPBACK = "127.0.0.1";
const listener =
  runtimes[(runtimes.findIndex(({ name }) => name === currentRuntime()) + 1) % runtimes.length].name;
// The signalling of `webrtc://` is on this host, which neither of the two reaches.
const overNetwork = schemesOn(currentRuntime(), listener)
  .filter((scheme) => scheme.listenUrl().includes(LOOPBACK) && scheme.name !== "webrtc");
const names = overNetwork.map(({ name }) => name).join(", ");
const reason = whyNotTwoHosts();
if (reason !== undefined) console.log(`two hosts are not tested: ${reason}`);

for (const percent of [0, 5]) {
  const what = percent === 0 ? "a good cable" : `a cable that loses ${percent} % of the packets`;
  test(`two hosts talk through ${what} over ${names}`, { skip: reason }, async () => {
    using hosts = twoHosts();
    const urls = overNetwork.map((scheme) => scheme.listenUrl().replace(LOOPBACK, hosts.addresses[0]));
    await using server = spawnRuntime(listener, "tests/conformance/fixtures/echo_server.ts", urls, {
      on: hosts.on(0),
      env: tlsEnvironment,
    });
    const addresses: string[] = JSON.parse(await server.nextLine());
    if (percent > 0) hosts.lose(percent);

    // What is lost costs TCP its time-outs, so less is said.
    const options = percent > 0 ? { count: 200, largeBytes: 200_000, bulk: 1 } : { isAlone: true };
    const talks = addresses.map((address, index) => [address, overNetwork[index].reliable, options]);
    await using dialler = spawnRuntime(
      currentRuntime(),
      "tests/conformance/fixtures/dialler.ts",
      [JSON.stringify(talks)],
      { on: hosts.on(1), timeoutMs: 100_000, env: tlsEnvironment },
    );
    for (const _ of addresses) assertEquals(await dialler.nextLine(), "fine");
    assertEquals((await dialler.exited).code, 0);
    if (percent > 0) assert(hosts.dropped() > 0, "the cable lost nothing");
  });
}
