// A page in a real Chromium talks to a listener on this runtime.

import { test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { createIdentity, listen } from "../../mod.ts";
import { bundleForWeb } from "../../scripts/web_bundle.ts";
import { Browser, findChromium } from "../runtimes/chromium.ts";
import { noteCell } from "../conformance/portability.ts";
import { currentRuntime } from "../runtimes/runtimes.ts";
import { PageServer } from "./page.ts";
import { digestOf, LENGTHS, type Report, scriptFor, within } from "./page_script.ts";

const chromium = findChromium();
const missing = "missing" in chromium ? chromium.missing : undefined;
if (missing !== undefined) console.log(`skipped, because ${missing}`);

test("web: a page in Chromium connects, echoes 0 B to 1 MiB, closes, and refuses a stranger", {
  skip: missing,
}, async () => {
  if ("missing" in chromium) return;
  const { code } = await bundleForWeb();
  let script = "";
  await using pages = await PageServer.start<Report>(code, () => script);
  await using server = await listen("ws://127.0.0.1:0/hawser", { origins: [pages.origin] });
  const [address, id] = server.urls[0].split("#");
  script = scriptFor(server.urls[0], {
    stranger: `${address}#${createIdentity().id}`,
    refused: `${address}/elsewhere#${id}`,
  });
  const digests: Promise<string>[] = [];
  server.onConnection((connection) =>
    connection.onMessage((message) => {
      digests.push(digestOf(message));
      connection.send(message);
    })
  );

  await using browser = await Browser.open(chromium.executable, `${pages.origin}/`);
  const report = await within(pages.report, () => browser.stderr);

  assertStringIncludes(report.userAgent, "Chrome");
  assertEquals(
    report.echoes.map(({ length, same }) => [length, same]),
    LENGTHS.map((length) => [length, true]),
  );
  assertEquals(report.echoes.map(({ digest }) => digest), await Promise.all(digests));
  assertEquals(report.closed, { by: "local", code: 0 });
  const { stranger, refused } = report.failures;
  assertEquals([stranger.name, stranger.code], ["HawserError", "not-authorised"]);
  assertEquals(refused.code, "websocket");
  assertEquals(server.connections.length, 0);
  noteCell({ scheme: "ws", listener: currentRuntime(), dialler: "chromium", outcome: "passed" });
});
