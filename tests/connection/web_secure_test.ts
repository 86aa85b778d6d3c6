// A page in a real Chromium dials wss:// on this runtime: where it knows the certificate, and where it does not.

import { test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { listen } from "../../mod.ts";
import { bundleForWeb } from "../../scripts/web_bundle.ts";
import { type Certificate, createCertificate } from "../../src/transports/tls/certificate.ts";
import { noteCell } from "../conformance/portability.ts";
import { Browser, findChromium } from "../runtimes/chromium.ts";
import { currentRuntime } from "../runtimes/runtimes.ts";
import { PageServer } from "./page.ts";
import { LENGTHS, type Report, scriptFor, within } from "./page_script.ts";

const chromium = findChromium();
const missing = "missing" in chromium ? chromium.missing : undefined;
if (missing !== undefined) console.log(`skipped, because ${missing}`);

test("web: a page dials wss, echoes 0 B to 1 MiB, and refuses a certificate that it does not know", {
  skip: missing,
}, async () => {
  if ("missing" in chromium) return;
  const [known, unknown] = [await createCertificate(), await createCertificate()];
  const { code } = await bundleForWeb('export * from "./web_workers.ts";');
  let script = "";
  await using pages = await PageServer.start<Report>(code, () => script);
  const serve = ({ certPem: cert, keyPem: key }: Certificate) =>
    listen("wss://127.0.0.1:0/hawser", { origins: [pages.origin], tls: { cert, key } });
  await using server = await serve(known);
  await using stranger = await serve(unknown);
  server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
  // Shared memory fails too: this page is not cross-origin isolated.
  script = scriptFor(server.urls[0], { stranger: stranger.urls[0], shm: `shm://worker#${server.id}` });

  // The certificate of development, known to this browser alone; the flag wants the pin without its algorithm.
  const flag = `--ignore-certificate-errors-spki-list=${known.pin.replace("sha256/", "")}`;
  await using browser = await Browser.open(chromium.executable, `${pages.origin}/`, [flag]);
  const report = await within(pages.report, () => browser.stderr);

  assertEquals(
    report.echoes.map(({ length, same }) => [length, same]),
    LENGTHS.map((length) => [length, true]),
  );
  assertEquals(report.closed, { by: "local", code: 0 });
  const { stranger: refused, shm } = report.failures;
  assertEquals([refused.name, refused.code], ["HawserError", "websocket"]);
  assertStringIncludes(refused.message, "certificate");
  assertEquals(stranger.stats().accepted, 0);
  assertEquals([shm.name, shm.code], ["HawserError", "unsupported"]);
  noteCell({ scheme: "wss", listener: currentRuntime(), dialler: "chromium", outcome: "passed" });
});
