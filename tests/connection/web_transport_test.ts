// A page in a real Chromium talks over WebTransport to a listener in a process of Deno.

import { test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { createIdentity } from "../../mod.ts";
import { bundleForWeb } from "../../scripts/web_bundle.ts";
import { noteCell } from "../conformance/portability.ts";
import { Browser, findChromium } from "../runtimes/chromium.ts";
import { currentRuntime, spawnRuntime } from "../runtimes/runtimes.ts";
import { PageServer } from "./page.ts";
import { LENGTHS, type Report, scriptFor, within } from "./page_script.ts";

const chromium = findChromium();
const missing = "missing" in chromium
  ? chromium.missing
  : currentRuntime() === "deno"
  ? undefined
  : "browser and listener are processes of their own: once is enough, on Deno";
if (missing !== undefined) console.log(`skipped, because ${missing}`);

test("wt: a page in Chromium connects, echoes 0 B to 1 MiB, closes, and refuses strangers", {
  skip: missing,
}, async () => {
  if ("missing" in chromium) return;
  const { code } = await bundleForWeb();
  let script = "";
  await using pages = await PageServer.start<Report>(code, () => script);
  await using server = spawnRuntime("deno", "tests/connection/fixtures/wt_server.ts", [pages.origin]);
  const url = await server.nextLine();
  const [address, id] = url.split("#");
  script = scriptFor(url, {
    stranger: `${address}#${createIdentity().id}`,
    certificate: url.replaceAll(/hash=[^&#]*/g, `hash=${"A".repeat(43)}`),
    unpinned: `${address.split("?")[0]}#${id}`,
    path: url.replace("/hawser", "/elsewhere"),
    nobody: url.replace(/:\d+\//, ":1/"),
  });

  await using browser = await Browser.open(chromium.executable, `${pages.origin}/`);
  const report = await within(pages.report, () => browser.stderr);

  assertStringIncludes(report.userAgent, "Chrome");
  assertEquals(
    report.echoes.map(({ length, same }) => [length, same]),
    LENGTHS.map((length) => [length, true]),
  );
  for (const { digest } of report.echoes) assertEquals(await server.nextLine(), digest);
  assertEquals(report.closed, { by: "local", code: 0 });
  assertEquals(JSON.parse(await server.nextLine()), { by: "peer", code: 0 });
  const failed = (code: string) => ["HawserError", code];
  assertEquals(
    Object.fromEntries(Object.entries(report.failures).map(([what, { name, code }]) => [what, [name, code]])),
    {
      stranger: failed("not-authorised"),
      certificate: failed("quic"),
      unpinned: failed("quic"),
      path: failed("quic"),
      nobody: failed("quic"),
    },
  );
  server.closeInput();
  assertEquals(await server.nextLine(), "closed");
  noteCell({ scheme: "wt", listener: "deno", dialler: "chromium", outcome: "passed" });
});
