// A transport of one's own, as its example shows it: through the standard input and output of another runtime.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { currentRuntime, runtimes, spawnRuntime } from "../runtimes/runtimes.ts";

const FILE = "examples/over_stdio.ts";

test("over_stdio: a conversation through a command of every runtime, and both ends exit", async () => {
  for (const { executable, args } of runtimes) {
    await using dialler = spawnRuntime(currentRuntime(), FILE, ["dial", executable, ...args(FILE), "serve"]);
    assertEquals(await dialler.nextLine(), "AHOY");
    assertEquals((await dialler.exited).code, 0);
  }
});

test("over_stdio: a command that does not start is an error that names it", async () => {
  await using dialler = spawnRuntime(currentRuntime(), FILE, ["dial", "no-such-command"]);
  assert((await dialler.exited).code !== 0);
  assert(dialler.stderr.includes("no-such-command does not start"), dialler.stderr);
});
