// The demo as users start it: what it prints, and how it ends.

import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type RuntimeProcess, spawnRuntime } from "../runtimes/runtimes.ts";
import { type DemoFolder, makeDemoFolder } from "./demo_folder.ts";

const FIGURES = ["bytes", "mbPerSecond", "messagesPerSecond", "p50Ms", "p99Ms"];
const KEYS = ["transport", "listener", "dialer", ...FIGURES, "control"];
const QUICK = ["--messages", "200", "--round-trips", "20"];

function startDemo(args: string[], env: Record<string, string> = {}): RuntimeProcess {
  return spawnRuntime("deno", "examples/demo/main.ts", args, { timeoutMs: 60_000, env });
}

async function linesOf(demo: RuntimeProcess): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of demo.lines) lines.push(line);
  return lines;
}

function checkFigures(figures: Record<string, number>, { bytes }: DemoFolder): void {
  assertEquals(figures.bytes, bytes);
  for (const key of FIGURES) assert(figures[key] > 0, `${key} is ${figures[key]}`);
  assert(figures.p99Ms >= figures.p50Ms);
}

test("the demo sends a folder over every transport and prints one object per line", async () => {
  await using folder = await makeDemoFolder();
  await using demo = startDemo(["--json", "--pairs", "deno:bun", ...QUICK, folder.path]);
  const rows = (await linesOf(demo)).map((line) => JSON.parse(line));
  assertEquals(await demo.exited, { code: 0, signal: null }, demo.stderr);
  assertEquals(
    rows.map(({ transport, listener, dialer }) => [transport, listener, dialer]),
    [["tcp", "deno", "bun"], ["udp", "deno", "bun"], ["ws", "deno", "bun"], ["mem", "bun", "bun"]],
  );
  for (const row of rows) {
    assertEquals(Object.keys(row), KEYS);
    assertEquals(Object.keys(row.control), FIGURES);
    checkFigures(row, folder);
    checkFigures(row.control, folder);
  }
  assertStringIncludes(demo.stderr, "tcp: deno listens, bun dials");
});

test("the demo prints a table for people, and its help", async () => {
  await using folder = await makeDemoFolder();
  await using demo = startDemo(["--transports", "tcp", "--pairs", "bun:node", ...QUICK, folder.path]);
  const [head, row, ...rest] = await linesOf(demo);
  assertEquals(await demo.exited, { code: 0, signal: null }, demo.stderr);
  assertStringIncludes(head, "MB/s");
  assertEquals([row.split(/ +/).slice(0, 3), rest], [["tcp", "bun", "node"], []]);

  await using help = startDemo(["--help"]);
  assertStringIncludes((await linesOf(help)).join("\n"), "--json");
  assertEquals((await help.exited).code, 0);
});

test("wrong arguments and unreadable folders end the demo with status 2 and one sentence", async () => {
  for (const [argument, word] of [["--nope", "--nope"], ["/no/such/folder", "/no/such/folder"]]) {
    await using demo = startDemo([argument]);
    assertEquals(await linesOf(demo), []);
    assertEquals((await demo.exited).code, 2);
    assertStringIncludes(demo.stderr, word);
    assertEquals(demo.stderr.trim().split("\n").length, 1, demo.stderr);
  }
});

test("what could not be measured ends the demo with status 1, and the rest is printed", async () => {
  await using folder = await makeDemoFolder(1_000);
  const pairs = "node:deno,deno:deno";
  const args = ["--json", "--transports", "tcp", "--pairs", pairs, ...QUICK, folder.path];
  await using demo = startDemo(args, { HAWSER_NODE: "/no/such/node" });
  const rows = (await linesOf(demo)).map((line) => JSON.parse(line));
  assertEquals((await demo.exited).code, 1);
  assertEquals(rows.map(({ listener }) => listener), ["deno"]);
  assertStringIncludes(
    demo.stderr,
    "failed: tcp: node listens, deno dials: node was not found at /no/such/node",
  );
});
