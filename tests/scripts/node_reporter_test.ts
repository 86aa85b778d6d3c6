// Events in the order in which Node sends them, for two files that share a suite, one that crashes and one that is empty.

import { resolve } from "node:path";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import report, { type TestEvent } from "../../scripts/node_reporter.ts";
import { parseLines } from "../../scripts/test_report.ts";

test("tests belong to the file that runs them, not to the one that defines them", async () => {
  const file = (type: string, name: string) => event(type, name, resolve(name));
  const shared = (type: string, name: string, skip?: string) =>
    event(type, name, resolve("tests/suite.ts"), 0, skip);
  const results = await outcomes([
    file("test:dequeue", "tests/a_test.ts"),
    shared("test:dequeue", "one"),
    shared("test:pass", "one"),
    event("test:fail", "a subtest", resolve("tests/suite.ts"), 1),
    file("test:dequeue", "tests/b_test.ts"),
    shared("test:pass", "one"),
    shared("test:fail", "two"),
    shared("test:pass", "three", "no such thing here"),
    file("test:dequeue", "tests/crash_test.ts"),
    file("test:fail", "tests/crash_test.ts"),
    file("test:dequeue", "tests/empty_test.ts"),
    file("test:pass", "tests/empty_test.ts"),
  ]);
  assertEquals(results, [
    "tests/a_test.ts: one: passed",
    "tests/b_test.ts: one: passed",
    "tests/b_test.ts: two: failed",
    "tests/b_test.ts: three: skipped",
    "tests/crash_test.ts: tests/crash_test.ts: failed",
  ]);
});

function event(type: string, name: string, file: string, nesting = 0, skip?: string): TestEvent {
  return { type, data: { name, file, nesting, ...(skip === undefined ? {} : { skip }) } };
}

async function outcomes(events: readonly TestEvent[]): Promise<string[]> {
  let text = "";
  for await (const line of report(stream(events))) text += line;
  return parseLines(text).map(({ file, name, outcome }) => `${file}: ${name}: ${outcome}`);
}

async function* stream(events: readonly TestEvent[]): AsyncGenerator<TestEvent, void, undefined> {
  for (const one of events) {
    await Promise.resolve();
    yield one;
  }
}
