// A page in a real Chromium and its dedicated worker talk to each other over ports and over shared memory.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { bundleForWeb } from "../../scripts/web_bundle.ts";
import { noteCell } from "../conformance/portability.ts";
import { Browser, findChromium } from "../runtimes/chromium.ts";
import { PageServer } from "./page.ts";
import { LENGTHS, pageScript, workerScript, type WorkersReport } from "./page_and_worker.ts";
import { within } from "./page_script.ts";

const chromium = findChromium();
const missing = "missing" in chromium ? chromium.missing : undefined;
if (missing !== undefined) console.log(`skipped, because ${missing}`);
const report = "missing" in chromium ? undefined : await reportOf(chromium.executable);

test("web: the page is cross-origin isolated, as shared memory needs", { skip: missing }, () => {
  assertEquals(report?.isolated, true);
});

for (const scheme of ["port", "shm"] as const) {
  const seen = report?.[scheme];

  test(`web: ${scheme}: a page dials its worker, and 0 B to 1 MiB come back`, { skip: missing }, () => {
    assertEquals(seen?.traits, { kind: "message", inMemory: true });
    assertEquals(seen?.echoes, LENGTHS.map((length) => ({ length, same: true })));
    noteCell({ scheme, listener: "chromium", dialler: "chromium", outcome: "passed" });
  });

  test(`web: ${scheme}: a close is told to the other side, whoever dialled`, { skip: missing }, () => {
    assertEquals(seen?.closed, { page: ["local", 0], worker: ["peer", 0] });
    assertEquals(seen?.dialledByWorker, "ahoy");
  });

  test(`web: ${scheme}: who does not take stops who sends, and loses nothing`, { skip: missing }, () => {
    const { accepted, drainedBefore, taken } = seen!.backpressure;
    assertEquals(drainedBefore, false);
    assert(accepted < 1_000, `${accepted} messages were accepted, which nobody took`);
    assertEquals(taken, { messages: accepted, inOrder: true });
  });

  test(`web: ${scheme}: the end of the worker ends its connections`, { skip: missing }, () => {
    assertEquals(seen?.terminated.code, "io");
    // Sooner than any keepalive.
    assert(seen!.terminated.ms < 2_000, `it was noticed after ${seen?.terminated.ms} ms`);
    assertEquals(seen?.dialledTooLate, "connection-refused");
  });
}

async function reportOf(executable: string): Promise<WorkersReport> {
  const { code } = await bundleForWeb('export * from "./web_workers.ts";');
  await using pages = await PageServer.start<WorkersReport>(code, () => pageScript, workerScript);
  await using browser = await Browser.open(executable, `${pages.origin}/`);
  const report = await within(pages.report, () => browser.stderr);
  if (report.failure !== undefined) throw new Error(`the page failed: ${report.failure}`);
  return report;
}
