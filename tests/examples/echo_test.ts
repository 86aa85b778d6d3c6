// The echo example as two people would try it: two processes, two runtimes, two terminals.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { currentRuntime, spawnRuntime } from "../runtimes/runtimes.ts";

const FILE = "examples/echo.ts";

test("echo: lines come back, over TCP, UDP and a WebSocket, from another runtime", async () => {
  const other = currentRuntime() === "bun" ? "deno" : "bun";
  const addresses = ["tcp", "udp", "ws"].map((scheme) => `${scheme}://127.0.0.1:0`);
  await using listener = spawnRuntime(other, FILE, ["listen", ...addresses]);
  for (const _ of addresses) {
    const url = await listener.nextLine();
    await using dialer = spawnRuntime(currentRuntime(), FILE, ["dial", url]);
    for (const line of ["ahoy", "", "ünïcode ⚓"]) {
      dialer.write(`${line}\n`);
      assertEquals(await dialer.nextLine(), line, url);
    }
    dialer.closeInput();
    assertEquals((await dialer.exited).code, 0);
  }
});

test("echo: without words to go by, it says how it is used", async () => {
  await using lost = spawnRuntime(currentRuntime(), FILE, ["listen"]);
  assertEquals((await lost.exited).code, 2);
  assertEquals(lost.stderr.includes("usage"), true);
});
