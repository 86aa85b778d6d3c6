// This runtime dials listeners in processes of every runtime, over every scheme that crosses processes.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { connect } from "../../mod.ts";
import { currentRuntime, runtimes, spawnRuntime } from "../runtimes/runtimes.ts";
import { digest, numbered, numberOf } from "./messages.ts";
import { noteCell } from "./portability.ts";
import { schemes } from "./schemes.ts";

const crossing = schemes.filter((scheme) => scheme.crossesProcesses);
const COUNT = 2_000;

for (const { name: listener } of runtimes) {
  test(`${currentRuntime()} dials ${listener} over ${crossing.map(({ name }) => name).join(", ")}`, async () => {
    const urls = crossing.map((scheme) => scheme.listenUrl());
    await using process = spawnRuntime(listener, "tests/conformance/fixtures/echo_server.ts", urls);
    const addresses: string[] = JSON.parse(await process.nextLine());
    for (const [index, scheme] of crossing.entries()) {
      await converse(addresses[index], scheme.reliable);
      noteCell({ scheme: scheme.name, listener, dialler: currentRuntime(), outcome: "passed" });
    }
    process.closeInput();
    assertEquals(await process.nextLine(), "closed");
  });
}

async function converse(address: string, isReliable: boolean): Promise<void> {
  await using connection = await connect(address, { limits: { rekeyPacketsMax: 100 } });
  const seen = new Set<number>();
  const { promise: done, resolve } = Promise.withResolvers<void>();
  connection.onMessage((message) => {
    const number = numberOf(message);
    assert(!seen.has(number), `message ${number} came twice over ${address}`);
    if (isReliable) assertEquals(number, seen.size);
    seen.add(number);
    if (seen.size === COUNT) resolve();
  });
  for (let index = 0; index < COUNT; index++) {
    if (!connection.send(numbered(index, 20 + index))) await connection.drained();
  }
  const timer = setTimeout(resolve, isReliable ? 20_000 : 1_500);
  await Promise.race([done, connection.closed]);
  clearTimeout(timer);
  if (isReliable) assertEquals(seen.size, COUNT, address);
  else assert(seen.size >= COUNT / 2, `${seen.size} of ${COUNT} over ${address}`);

  connection.onMessage(undefined);
  const large = numbered(1, isReliable ? 3_000_000 : 50_000);
  connection.send(large);
  if (isReliable) assertEquals(digest(await connection.receive({ timeoutMs: 20_000 })), digest(large));
  const info = await connection.close({ code: 1_000, reason: "done" });
  assertEquals([info.by, info.error], ["local", undefined]);
}
