/**
 * Test files that load node-datachannel: its native code works in one isolate of a process only, and ends the process
 * when a second one uses it. Deno runs every test file in an isolate of its own, but all of them in one process.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { basename } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { after, test } from "node:test";
import { assertEquals } from "@std/assert";
import { currentRuntime, executableOf, ROOT } from "./executables.ts";

const ALONE = "HAWSER_ALONE";
const MS_MAX = 90_000;
const SETTLE_MS = 200;
const END_MS = 2_000;
const GUARD = new URL("./guard.ts", import.meta.url).href;

/** Whether this process runs one test file, which nobody shares it with, because {@linkcode testAlone} started it. */
export const isSentAlone: boolean = process.env[ALONE] !== undefined;

/** Whether this test file may load node-datachannel. */
export const isAlone: boolean = isSentAlone || currentRuntime() !== "deno";

// Its threads must be gone before the isolate is: what is still under way would end the process with a segmentation fault.
if (isSentAlone) {
  after(async () => {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    (await import("node-datachannel")).cleanup();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  });
}

// On Node its threads may keep a process for minutes whose tests are done.
if (currentRuntime() === "node") after(() => void setTimeout(() => process.exit(), END_MS).unref());

/** Declares a test that runs the file at `url` in a process of its own; nothing where the file may run as it is. */
export function testAlone(url: string): void {
  if (isAlone) return;
  const path = fileURLToPath(url);
  test(`${basename(path)} over webrtc passes in a process of its own`, async () => {
    const args = [
      "test",
      "-A",
      "--no-check",
      "--quiet",
      `--preload=${GUARD}`,
      `--config=${ROOT}deno.json`,
      path,
    ];
    const child = spawn(executableOf("deno"), args, {
      cwd: ROOT,
      env: { ...process.env, [ALONE]: "1", NO_COLOR: "1", HAWSER_PARENT_PID: String(process.pid) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), MS_MAX);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => output += text);
    }
    const code = await new Promise((resolve) => child.once("close", resolve));
    clearTimeout(timer);
    assertEquals(code, 0, output.slice(-4_000));
  });
}
