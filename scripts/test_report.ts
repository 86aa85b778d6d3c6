/**
 * Reads what the test runners report, so that totals are counted and not guessed.
 *
 * Deno and Bun write JUnit XML, Node writes the lines of node_reporter.ts.
 * Only tests count, not their subtests: Bun does not report those.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";

/** How a test ended. */
export type Outcome = "passed" | "failed" | "skipped";

/** One test of one file. */
export interface TestResult {
  /** Relative to the root of the repository, with forward slashes. Deno: where the test was written. */
  readonly file: string;
  readonly name: string;
  readonly outcome: Outcome;
}

/** How many tests ended how. */
export type Totals = Record<Outcome, number>;

/** What a run came to: its totals, and a sentence for each failure that no test reported. */
export interface Judgement {
  readonly totals: Totals;
  readonly complaints: readonly string[];
}

/** Reads the lines of node_reporter.ts. */
export function parseLines(text: string): TestResult[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as TestResult);
}

/** Reads JUnit XML as Deno and Bun write it: one `testsuite` per file, text and attributes escaped. */
export function parseJunit(xml: string): TestResult[] {
  const results: TestResult[] = [];
  for (const suite of xml.split("<testsuite ").slice(1)) {
    const file = attribute(suite, "name").replace(/^\.\//, "");
    for (const part of suite.split("<testcase ").slice(1)) {
      const name = attribute(part, "name");
      if (name.includes(" > ")) continue; // Deno's subtests.
      const content = part.split("</testcase>")[0]!;
      const failed = content.includes("<failure") || content.includes("<error");
      const outcome = failed ? "failed" : content.includes("<skipped") ? "skipped" : "passed";
      results.push({ file, name, outcome });
    }
  }
  return results;
}

/** The files that ran a test, by their results. */
export function filesIn(results: readonly TestResult[]): Set<string> {
  return new Set(results.map(({ file }) => file));
}

/**
 * The files that ran a test, by what `deno test` prints: its JUnit names the
 * file in which a test was written, which may be a suite that several files share.
 */
export function filesPrintedByDeno(output: string): Set<string> {
  const plain = stripVTControlCharacters(output);
  const headings = plain.matchAll(/^running [1-9]\d* tests? from (?:\.\/)?(\S+_test\.ts)/gm);
  return new Set([...headings].map(([, file]) => file!));
}

/**
 * Adds up a run. Beside tests that failed, these are failures: no report at
 * all, a file that is not in `ran`, a runner that is unhappy without saying which test it was.
 */
export function judge(
  files: readonly string[],
  results: readonly TestResult[] | undefined,
  ran: ReadonlySet<string>,
  success: boolean,
): Judgement {
  const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
  const complaints: string[] = [];
  if (results === undefined) {
    return { totals: { ...totals, failed: 1 }, complaints: ["the run ended without a report"] };
  }
  for (const { outcome } of results) totals[outcome]++;
  for (const file of files) {
    if (!ran.has(file)) complaints.push(`${file} ran no test: it crashed, ended the process, or is empty`);
  }
  if (!success && totals.failed + complaints.length === 0) {
    complaints.push("the runner failed outside of any test");
  }
  totals.failed += complaints.length;
  return { totals, complaints };
}

/** The last line of every run. */
export function totalsLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
  return value.replaceAll("&gt;", ">").replaceAll("&lt;", "<").replaceAll("&quot;", '"').replaceAll(
    "&amp;",
    "&",
  );
}
