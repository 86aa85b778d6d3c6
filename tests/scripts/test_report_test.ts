// The totals that end every run are counted from these reports, so a wrong reading would hide failures.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  filesIn,
  filesPrintedByDeno,
  judge,
  parseJunit,
  parseLines,
  totalsLine,
} from "../../scripts/test_report.ts";

const JUNIT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="5" failures="2" errors="0" time="0.4">
    <testsuite name="./tests/a_test.ts" tests="4" disabled="1" errors="0" failures="1">
        <testcase name="fine &lt;really&gt;" classname="./tests/a_test.ts" time="0.001" line="2" col="1">
        </testcase>
        <testcase name="not now" classname="./tests/a_test.ts" line="3" col="1">
            <skipped/>
        </testcase>
        <testcase name="bad" classname="./tests/a_test.ts" time="0.002" line="4" col="1">
            <failure message="&lt;testcase name=&quot;x&quot;">Error: &lt;skipped&gt;</failure>
        </testcase>
        <testcase name="bad &gt; part of it" classname="./tests/a_test.ts" line="5" col="36">
            <failure message="no">no</failure>
        </testcase>
    </testsuite>
  <testsuite name="tests/b_test.ts" file="tests/b_test.ts" tests="2">
    <testcase name="short" classname="" file="tests/b_test.ts" line="2" assertions="0" />
    <testcase name="cancelled" file="tests/b_test.ts"><error message="Cancelled"/></testcase>
  </testsuite>
</testsuites>`;

test("JUnit as Deno and Bun write it", () => {
  assertEquals(parseJunit(JUNIT).map(({ file, name, outcome }) => `${file}: ${name}: ${outcome}`), [
    "tests/a_test.ts: fine <really>: passed",
    "tests/a_test.ts: not now: skipped",
    "tests/a_test.ts: bad: failed",
    "tests/b_test.ts: short: passed",
    "tests/b_test.ts: cancelled: failed",
  ]);
});

test("the lines of Node's reporter", () => {
  const result = { file: "tests/a_test.ts", name: "one", outcome: "passed" } as const;
  assertEquals(parseLines(`${JSON.stringify(result)}\n${JSON.stringify(result)}\n`), [result, result]);
  assertEquals(parseLines(""), []);
});

test("failures that no test reported count too", () => {
  const passed = { file: "a", name: "one", outcome: "passed" } as const;
  const failed = { file: "a", name: "two", outcome: "failed" } as const;

  const a = new Set(["a"]);
  assertEquals(judge(["a"], [passed], a, true), {
    totals: { passed: 1, failed: 0, skipped: 0 },
    complaints: [],
  });
  assertEquals(judge(["a"], [passed, failed], a, false).totals, { passed: 1, failed: 1, skipped: 0 });
  assertEquals(judge(["a", "b"], [passed], a, true).totals, { passed: 1, failed: 1, skipped: 0 });
  assertEquals(judge(["a"], [passed], a, false).totals, { passed: 1, failed: 1, skipped: 0 });
  assertEquals(judge(["a"], undefined, a, true).totals, { passed: 0, failed: 1, skipped: 0 });
  assertEquals(judge(["a"], [], new Set(), true).totals, { passed: 0, failed: 1, skipped: 0 });
});

test("the files that Deno says it ran", () => {
  const output = [
    "\x1b[38;5;245mrunning 2 tests from ./tests/a_test.ts\x1b[0m",
    "running 1 test from ./tests/b/c_test.ts",
    "running 0 tests from ./tests/empty_test.ts",
    "a test is running 2 tests from ./tests/no_test.ts",
  ];
  assertEquals([...filesPrintedByDeno(output.join("\n"))], ["tests/a_test.ts", "tests/b/c_test.ts"]);
  assertEquals([...filesIn([{ file: "d", name: "one", outcome: "passed" }])], ["d"]);
});

test("the last line", () =>
  assertEquals(totalsLine({ passed: 3, failed: 0, skipped: 2 }), "3 passed, 0 failed, 2 skipped"));
