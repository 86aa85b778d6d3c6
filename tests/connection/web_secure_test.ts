// A page in a real Chromium dials wss:// on this runtime: where it knows the certificate, and where it does not.

import { test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { listen, type Server } from "../../mod.ts";
import { bundleForWeb } from "../../scripts/web_bundle.ts";
import { createCertificate } from "../../src/transports/tls/certificate.ts";
import { noteCell } from "../conformance/portability.ts";
import { Browser, findChromium } from "../runtimes/chromium.ts";
import { currentRuntime } from "../runtimes/runtimes.ts";
import { PageServer } from "./page.ts";

const REPORT_MS_MAX = 20_000;
const LENGTHS = [0, 1, 65_537, 1_048_576];

interface Failure {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

interface Report {
  readonly echoes: readonly { readonly length: number; readonly same: boolean }[];
  readonly encrypted: boolean;
  readonly closed: { readonly by: string; readonly code: number };
  /** Behind a certificate that the browser does not know. */
  readonly unknown: Failure;
  /** Shared memory, in a page that is not isolated. */
  readonly shm: Failure;
}

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
  const serve = (certificate: typeof known) =>
    listen("wss://127.0.0.1:0/hawser", {
      origins: [pages.origin],
      tls: { cert: certificate.certPem, key: certificate.keyPem },
    });
  await using server = await serve(known);
  await using stranger = await serve(unknown);
  echo(server);
  script = scriptFor(server.urls[0], stranger.urls[0]);

  // The certificate of development, known to this browser alone; the flag wants the pin without its algorithm.
  const flag = `--ignore-certificate-errors-spki-list=${known.pin.replace("sha256/", "")}`;
  await using browser = await Browser.open(chromium.executable, `${pages.origin}/`, [flag]);
  const report = await within(pages.report, () => browser.stderr);

  assertEquals(report.echoes, LENGTHS.map((length) => ({ length, same: true })));
  assertEquals(report.encrypted, true);
  assertEquals(report.closed, { by: "local", code: 0 });
  assertEquals([report.unknown.name, report.unknown.code], ["HawserError", "websocket"]);
  assertStringIncludes(report.unknown.message, "certificate");
  assertEquals(stranger.stats().accepted, 0);
  assertEquals([report.shm.name, report.shm.code], ["HawserError", "unsupported"]);
  noteCell({ scheme: "wss", listener: currentRuntime(), dialler: "chromium", outcome: "passed" });
});

function echo(server: Server): void {
  server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
}

function scriptFor(url: string, strangerUrl: string): string {
  return `
import { connect } from "/hawser.js";
const hex = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).join();
const failureOf = (dial) => dial.then(() => ({}), ({ name, code, message }) => ({ name, code, message }));
const echoes = [];
const connection = await connect(${JSON.stringify(url)});
const { encrypted } = connection.traits;
for (const length of ${JSON.stringify(LENGTHS)}) {
  const message = new Uint8Array(length);
  for (let at = 0; at < length; at += 65536) crypto.getRandomValues(message.subarray(at, at + 65536));
  if (!connection.send(message)) await connection.drained();
  const echo = await connection.receive({ timeoutMs: 10000 });
  echoes.push({ length: echo.length, same: await hex(message) === await hex(echo) });
}
const { by, code } = await connection.close();
const unknown = await failureOf(connect(${JSON.stringify(strangerUrl)}));
const shm = await failureOf(connect("shm://worker", { trust: () => true }));
const report = { echoes, encrypted, closed: { by, code }, unknown, shm };
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
`;
}

async function within<T>(report: Promise<T>, said: () => string): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`no report within ${REPORT_MS_MAX} ms; Chromium said:\n${said()}`)),
    REPORT_MS_MAX,
  );
  return await Promise.race([report, promise]).finally(() => clearTimeout(timer));
}
