// One page in a real Chromium talks to one Deno over every network in turn, and to its worker.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { bundleForWeb } from "../../scripts/web_bundle.ts";
import { Browser, findChromium } from "../runtimes/chromium.ts";
import { currentRuntime, spawnRuntime } from "../runtimes/runtimes.ts";
import { PageServer } from "./page.ts";
import { workerScript } from "./page_and_worker.ts";
import { within } from "./page_script.ts";

const SCHEMES = ["wss", "wt", "webrtc", "port", "shm"];

const chromium = findChromium();
const missing = "missing" in chromium
  ? chromium.missing
  : currentRuntime() === "deno"
  ? undefined
  : "browser and listener are processes of their own: once is enough, on Deno";
if (missing !== undefined) console.log(`skipped, because ${missing}`);

test("web: one page talks over wss, wt and webrtc to Deno, and over port and shm to its worker", {
  skip: missing,
}, async () => {
  if ("missing" in chromium) return;
  const { code } = await bundleForWeb(
    'export * from "./web_workers.ts"; export { webrtcInBrowsers } from "./src/transports/webrtc/web.ts";',
  );
  let script = "";
  await using pages = await PageServer.start<readonly unknown[]>(code, () => script, workerScript);
  await using server = spawnRuntime("deno", "tests/connection/fixtures/web_server.ts", [pages.origin]);
  const { urls, pin } = JSON.parse(await server.nextLine());
  script = scriptFor(urls);
  const flag = `--ignore-certificate-errors-spki-list=${pin.replace("sha256/", "")}`;
  await using browser = await Browser.open(chromium.executable, `${pages.origin}/`, [flag]);
  const report = await within(pages.report, () => `${browser.stderr}\n${server.stderr}`);
  assertEquals(report, SCHEMES.map((scheme) => [scheme, 300_000, true, 0]));
});

function scriptFor(urls: readonly string[]): string {
  return `
import { connect, registerPort, registerTransport, webrtcInBrowsers } from "/hawser.js";
registerTransport(webrtcInBrowsers);
const worker = new Worker("/worker.js", { type: "module" });
const id = await new Promise((resolve) => {
  worker.addEventListener("message", ({ data }) => data.id === undefined || resolve(data.id));
});
registerPort("worker", worker);
const report = [];
for (const url of [...${JSON.stringify(urls)}, "port://worker#" + id, "shm://worker#" + id]) {
  const scheme = url.split(":")[0];
  try {
    const connection = await connect(url);
    const message = Uint8Array.from({ length: 300000 }, (_, index) => index * index);
    connection.send(message);
    const echo = await connection.receive({ timeoutMs: 5000 });
    const isSame = echo.every((byte, index) => byte === message[index]);
    report.push([scheme, echo.length, isSame, (await connection.close()).code]);
  } catch (error) {
    report.push([scheme, error.message]);
  }
  document.body.append(report.at(-1).join(" "), document.createElement("br"));
}
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
`;
}
