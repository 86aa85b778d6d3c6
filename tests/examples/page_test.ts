// The example page as somebody would open it.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Browser, findChromium } from "../runtimes/chromium.ts";
import { currentRuntime, spawnRuntime } from "../runtimes/runtimes.ts";

const chromium = findChromium();
const missing = "missing" in chromium ? chromium.missing : undefined;
if (missing !== undefined) console.log(`skipped, because ${missing}`);

test("page: it opens, connects, and says ahoy", { skip: missing }, async () => {
  if ("missing" in chromium) return;
  await using server = spawnRuntime(currentRuntime(), "examples/page/serve.ts");
  const origin = await server.nextLine();
  await using _browser = await Browser.open(chromium.executable, `${origin}/`);
  assertEquals(await server.nextLine(), "the page said: ahoy");
});
