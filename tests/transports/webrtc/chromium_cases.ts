// A page in a real Chromium calls a listener on this runtime, and says the same over a stream and over datagrams.

import { test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { listen } from "../../../mod.ts";
import { bundleForWeb } from "../../../scripts/web_bundle.ts";
import { serveSignalling } from "../../../src/transports/webrtc/signalling/mod.ts";
import { noteCell } from "../../conformance/portability.ts";
import { PageServer } from "../../connection/page.ts";
import { Browser, findChromium } from "../../runtimes/chromium.ts";
import { currentRuntime } from "../../runtimes/runtimes.ts";

const LENGTHS = [0, 1, 16_384, 65_536, 300_000, 1_048_576];
const LENGTHS_OF_DATAGRAMS = [0, 1, 900, 20_000];
const REPORT_MS_MAX = 20_000;
const BUNDLE = 'export * from "./web.ts"; export * from "./src/transports/webrtc/web.ts";';

interface Report {
  readonly userAgent: string;
  readonly stream: readonly unknown[];
  readonly datagrams: readonly unknown[];
  readonly nobody: string;
}

const chromium = findChromium();
const missing = "missing" in chromium ? chromium.missing : undefined;
if (missing !== undefined) console.log(`skipped, because ${missing}`);

test("webrtc: a page in Chromium echoes over a stream and over datagrams", { skip: missing }, async () => {
  if ("missing" in chromium) return;
  const { code } = await bundleForWeb(BUNDLE);
  let url = "";
  await using pages = await PageServer.start<Report>(code, () => scriptFor(url));
  await using endpoint = await serveSignalling("ws://127.0.0.1:0", { origins: [pages.origin] });
  await using server = await listen(`webrtc://?signalling=${endpoint.url}`);
  url = server.urls[0];
  server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));

  await using browser = await Browser.open(chromium.executable, `${pages.origin}/`);
  const report = await within(pages.report, () => browser.stderr);

  assertStringIncludes(report.userAgent, "Chrome");
  assertEquals(report.stream, ["stream", ...LENGTHS.map((length) => [length, true]), 0]);
  assertEquals(report.datagrams, ["datagram", ...LENGTHS_OF_DATAGRAMS.map((length) => [length, true]), 0]);
  assertEquals(report.nobody, "connection-refused");
  noteCell({ scheme: "webrtc", listener: currentRuntime(), dialler: "chromium", outcome: "passed" });
});

function scriptFor(url: string): string {
  return `
import { connect, registerTransport, webrtcInBrowsers } from "/hawser.js";
registerTransport(webrtcInBrowsers);
async function converse(webrtc, lengths) {
  const connection = await connect(${JSON.stringify(url)}, { webrtc });
  const said = [connection.traits.kind];
  for (const length of lengths) {
    const message = new Uint8Array(length);
    for (let at = 0; at < length; at += 65536) crypto.getRandomValues(message.subarray(at, at + 65536));
    connection.send(message);
    const echo = await connection.receive({ timeoutMs: 10000 });
    said.push([echo.length, echo.every((byte, index) => byte === message[index])]);
  }
  said.push((await connection.close()).code);
  return said;
}
let report;
try {
  report = {
    userAgent: navigator.userAgent,
    stream: await converse({}, ${JSON.stringify(LENGTHS)}),
    datagrams: await converse({ ordered: false, maxRetransmits: 3 }, ${JSON.stringify(LENGTHS_OF_DATAGRAMS)}),
    nobody: await connect(${
    JSON.stringify(url.replace("webrtc://", "webrtc://nobody-"))
  }).catch(({ code }) => code),
  };
} catch (error) {
  report = { userAgent: "Chrome failed: " + error.stack };
}
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
`;
}

async function within<T>(report: Promise<T>, said: () => string): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = () => reject(new Error(`the page reported nothing; Chromium said:\n${said()}`));
  const timer = setTimeout(late, REPORT_MS_MAX);
  return await Promise.race([report, promise]).finally(() => clearTimeout(timer));
}
