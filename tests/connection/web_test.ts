// A page in a real Chromium talks to a listener on this runtime.

import { test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { createIdentity, listen } from "../../mod.ts";
import { bundleForWeb } from "../../scripts/web_bundle.ts";
import { Browser, findChromium } from "../runtimes/chromium.ts";
import { PageServer } from "./page.ts";

const LENGTHS = [0, 1, 100, 4_096, 65_536, 65_537, 300_000, 1_048_576];
const REPORT_MS_MAX = 20_000;

interface Report {
  readonly userAgent: string;
  readonly echoes: readonly { readonly length: number; readonly same: boolean; readonly digest: string }[];
  readonly closed: { readonly by: string; readonly code: number };
  readonly stranger: { readonly name: string; readonly code: string; readonly message: string };
  readonly refused: { readonly code: string };
}

const chromium = findChromium();
const missing = "missing" in chromium ? chromium.missing : undefined;
if (missing !== undefined) console.log(`skipped, because ${missing}`);

test("web: a page in Chromium connects, echoes 0 B to 1 MiB, closes, and refuses a stranger", {
  skip: missing,
}, async () => {
  if ("missing" in chromium) return;
  const { code } = await bundleForWeb();
  let url = "";
  await using pages = await PageServer.start<Report>(code, () => scriptFor(url));
  await using server = await listen("ws://127.0.0.1:0/hawser", { origins: [pages.origin] });
  url = server.urls[0];
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
  assertEquals([report.stranger.name, report.stranger.code], ["HawserError", "not-authorised"]);
  assertEquals(report.refused.code, "websocket");
  assertEquals(server.connections.length, 0);
});

function scriptFor(url: string): string {
  const address = url.split("#")[0];
  return `
import { connect } from "/hawser.js";
const hex = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).join();
const failureOf = (dial) => dial.then(() => ({}), ({ name, code, message }) => ({ name, code, message }));
const echoes = [];
const connection = await connect(${JSON.stringify(url)});
for (const length of ${JSON.stringify(LENGTHS)}) {
  const message = new Uint8Array(length);
  for (let at = 0; at < length; at += 65536) crypto.getRandomValues(message.subarray(at, at + 65536));
  if (!connection.send(message)) await connection.drained();
  const digest = await hex(message);
  const echo = await connection.receive({ timeoutMs: 10000 });
  echoes.push({ length: echo.length, digest, same: digest === await hex(echo) });
}
const { by, code } = await connection.close();
const stranger = await failureOf(connect("${address}#${createIdentity().id}"));
const refused = await failureOf(connect("${address}/elsewhere#${url.split("#")[1]}"));
const report = { userAgent: navigator.userAgent, echoes, closed: { by, code }, stranger, refused };
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
`;
}

async function digestOf(message: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", message as Uint8Array<ArrayBuffer>)).join();
}

async function within<T>(report: Promise<T>, said: () => string): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      reject(new Error(`the page reported nothing within ${REPORT_MS_MAX} ms; Chromium said:\n${said()}`)),
    REPORT_MS_MAX,
  );
  return await Promise.race([report, promise]).finally(() => clearTimeout(timer));
}
