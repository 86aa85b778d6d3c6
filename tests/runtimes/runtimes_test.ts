// Every runtime starts every runtime, and none leaves anything behind.

import { test } from "node:test";
import process from "node:process";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { currentRuntime, runtimes, spawnRuntime } from "./runtimes.ts";

const ECHO = "tests/runtimes/fixtures/echo.ts";
const PARENT = "tests/runtimes/fixtures/parent.ts";

for (const { name } of runtimes) {
  test(`${name} runs a TypeScript file, line by line`, async () => {
    await using echo = spawnRuntime(name, ECHO, ["first", "second line"]);
    assertEquals(await echo.nextLine(), "first");
    assertEquals(await echo.nextLine(), "second line");
    echo.write("third\nfou");
    assertEquals(await echo.nextLine(), "third");
    echo.write("rth");
    echo.closeInput();
    const rest: string[] = [];
    for await (const line of echo.lines) rest.push(line);
    assertEquals(rest, ["fourth"]);
    assertEquals(await echo.exited, { code: 0, signal: null });
  });

  test(`${name} is killed, and a line that never came says what was written`, async () => {
    await using echo = spawnRuntime(name, ECHO, ["up"], { env: { HAWSER_ECHO_ERROR: "some trouble" } });
    assertEquals(await echo.nextLine(), "up");
    while (!echo.stderr.includes("some trouble")) await new Promise((resolve) => setTimeout(resolve, 10));
    await echo.kill();
    const error = await assertRejects(() => echo.nextLine(), Error, "some trouble");
    assertStringIncludes(error.message, `${name} ${ECHO} ended (SIGKILL)`);
    assertEquals(isRunning(echo.pid), false);
  });
}

test("a process that runs too long is killed", async () => {
  await using echo = spawnRuntime(currentRuntime(), ECHO, [], { timeoutMs: 200 });
  await assertRejects(() => echo.nextLine(), Error, "still running after 200 ms");
});

test("a child dies with a parent that had no time to clean up", async () => {
  await using parent = spawnRuntime(currentRuntime(), PARENT);
  const child = Number(await parent.nextLine());
  assertEquals(isRunning(child), true);
  await parent.kill();
  for (let tries = 0; isRunning(child) && tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assertEquals(isRunning(child), false);
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
