// The contract example as two people would try it: two processes on two runtimes.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { currentRuntime, spawnRuntime } from "../runtimes/runtimes.ts";

const FILE = "examples/contract.ts";

test("contract: calls are answered, refused where they do not fit, and told to all", async () => {
  const other = currentRuntime() === "bun" ? "deno" : "bun";
  await using listener = spawnRuntime(other, FILE, ["listen", "tcp://127.0.0.1:0"]);
  await using dialer = spawnRuntime(currentRuntime(), FILE, ["dial", await listener.nextLine()]);
  const lines: string[] = [];
  for await (const line of dialer.lines) lines.push(line);
  assertEquals((await dialer.exited).code, 0, dialer.stderr);
  const [has, tooHot, locked, ...rest] = lines;
  assertEquals(has, "it has 18");
  assertEquals(/^serialization: the input of set does not fit its schema: /.test(tooHot), true, tooHot);
  assertEquals(/^remote: .*somebody does not know the pin$/.test(locked), true, locked);
  assertEquals(rest, ["3", "2", "1", "ann changed it to 21", "now it has 21"]);
});
