// This runtime dials listeners in processes of every runtime, over every scheme that crosses processes.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { testAlone } from "../runtimes/alone.ts";
import { currentRuntime, runtimes, spawnRuntime } from "../runtimes/runtimes.ts";
import { converse } from "./converse.ts";
import { noteCell } from "./portability.ts";
import { schemesOn } from "./schemes.ts";
import { tlsEnvironment } from "./tls.ts";

for (const { name: listener } of runtimes) {
  const crossing = schemesOn(currentRuntime(), listener).filter((scheme) => scheme.crossesProcesses);
  test(`${currentRuntime()} dials ${listener} over ${crossing.map(({ name }) => name).join(", ")}`, async () => {
    const urls = crossing.map((scheme) => scheme.listenUrl());
    await using process = spawnRuntime(listener, "tests/conformance/fixtures/echo_server.ts", urls, {
      env: tlsEnvironment,
      timeoutMs: 115_000, // A little less than a test may take.
    });
    const addresses: string[] = JSON.parse(await process.nextLine());
    for (const [index, scheme] of crossing.entries()) {
      await converse(addresses[index], scheme.reliable, { bulk: 64 });
      noteCell({ scheme: scheme.name, listener, dialler: currentRuntime(), outcome: "passed" });
    }
    process.closeInput();
    assertEquals(await process.nextLine(), "closed");
  });
}

testAlone(import.meta.url);
