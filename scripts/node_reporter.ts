/**
 * A reporter for `node --test` that writes one JSON line with the outcome of each test.
 *
 * Node says where a test was written, which may be a suite that several files
 * share; the file that runs it is the one that was begun last, because files
 * run one after another. Node also reports a file as a test: that counts only
 * when the file failed by itself, because it crashed or hung. Subtests belong to their test.
 *
 * @module
 */

import { relative } from "node:path";
import process from "node:process";
import type { Outcome, TestResult } from "./test_report.ts";

/** The part of Node's events that is read (nodejs.org/api/test.html, class TestsStream). */
export interface TestEvent {
  readonly type: string;
  readonly data: {
    readonly name: string;
    readonly nesting: number;
    readonly file?: string;
    readonly skip?: string | boolean;
  };
}

/** Yields one line per test. */
export default async function* report(
  events: AsyncIterable<TestEvent>,
): AsyncGenerator<string, void, undefined> {
  let file = "";
  for await (const { type, data } of events) {
    if (data.nesting !== 0) continue;
    const isFile = data.file !== undefined && pathOf(data.name) === pathOf(data.file);
    if (isFile && type === "test:dequeue") file = pathOf(data.name);
    if (type !== "test:pass" && type !== "test:fail") continue;
    const outcome: Outcome = type === "test:fail" ? "failed" : isSkipped(data.skip) ? "skipped" : "passed";
    if (isFile && outcome === "passed") continue;
    yield JSON.stringify({ file, name: data.name, outcome } satisfies TestResult) + "\n";
  }
}

function pathOf(file: string): string {
  return relative(process.cwd(), file).replaceAll("\\", "/");
}

function isSkipped(skip: string | boolean | undefined): boolean {
  return skip !== undefined && skip !== false;
}
