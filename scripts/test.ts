/**
 * Runs every test on Deno, Bun and Node 24, at the same time, because tests of
 * networks wait more than they work, and ends with the totals of all:
 * `N passed, N failed, N skipped`.
 *
 * ```sh
 * deno task test                                # everything
 * deno task test --runtime bun wire/ noise      # one runtime, files whose path contains one of these
 * ```
 *
 * @module
 */

import { parseArgs } from "node:util";
import { executableOf, ROOT, type RuntimeName } from "../tests/runtimes/executables.ts";
import { runtimes } from "../tests/runtimes/runtimes.ts";
import { OutputTurn } from "./output_turn.ts";
import { parseCells, portabilityPage } from "./portability.ts";
import {
  filesIn,
  filesPrintedByDeno,
  judge,
  type Judgement,
  parseJunit,
  parseLines,
  type TestResult,
  totalsLine,
} from "./test_report.ts";

/** How long one runtime may take for everything: twice of what is usual where all three run on two cores. */
const RUNTIME_SECONDS_MAX = 1_200;

/** How long one test may take, where the runner can tell (Bun, Node). */
const TEST_MS_MAX = 120_000;

/** Ends a test process whose runner was killed. */
const GUARD = new URL("../tests/runtimes/guard.ts", import.meta.url).href;

/** Of this process alone, so that two runs do not meet. */
const REPORTS = `${ROOT}.cache/test_report_${Deno.pid}`;
/** What the tests note for PORTABILITY.md. */
const PORTABILITY = `${ROOT}.cache/portability_${Deno.pid}`;
const NODE_REPORTER = new URL("./node_reporter.ts", import.meta.url).href;

/** The runners that have not ended. */
const running: Set<Deno.ChildProcess> = new Set();

interface Run extends Judgement {
  readonly runtime: RuntimeName;
  readonly seconds: number;
}

if (import.meta.main) await main();

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: { runtime: { type: "string", multiple: true } },
  });
  const names = runtimes.map(({ name }) => name).filter((name) => values.runtime?.includes(name) ?? true);
  const files = testFiles(positionals);
  if (names.length === 0 || files.length === 0) {
    console.error(names.length === 0 ? "no such runtime: deno, bun or node" : "no test file matches");
    Deno.exit(2);
  }
  const runs = await runAll(names, files);
  printTable(runs, files.length);
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const { totals: { passed, failed, skipped } } of runs) {
    totals.passed += passed;
    totals.failed += failed;
    totals.skipped += skipped;
  }
  const isWhole = names.length === runtimes.length && positionals.length === 0;
  await writePortability(isWhole && totals.failed === 0);
  console.log(totalsLine(totals));
  Deno.exit(totals.failed === 0 ? 0 : 1);
}

/** Writes PORTABILITY.md if `isTrue`: of a run of everything that passed, and forgets the notes. */
async function writePortability(isTrue: boolean): Promise<void> {
  const notes = await Deno.readTextFile(PORTABILITY).catch(() => "");
  await Deno.remove(PORTABILITY).catch(() => {});
  if (isTrue) await Deno.writeTextFile(`${ROOT}PORTABILITY.md`, portabilityPage(parseCells(notes)));
}

/** All test files whose path contains one of `parts`, or all; relative to the root. */
function testFiles(parts: readonly string[], folder = "tests"): string[] {
  const files: string[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(ROOT + folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) files.push(...testFiles(parts, path));
    else if (name.endsWith("_test.ts") && (parts.length === 0 || parts.some((part) => path.includes(part)))) {
      files.push(path);
    }
  }
  return files.sort();
}

/** Runs all at once, and shows what each prints one after the other. */
async function runAll(names: readonly RuntimeName[], files: readonly string[]): Promise<Run[]> {
  const started = names.map((name) => {
    const turn = new OutputTurn(writeAll);
    return { name, turn, run: run(name, files, turn) };
  });
  const runs: Run[] = [];
  for (const { name, turn, run } of started) {
    console.log(`\n== ${name}: ${files.length} files`);
    turn.begin();
    runs.push(await run);
    await turn.shown;
  }
  return runs;
}

async function run(runtime: RuntimeName, files: readonly string[], turn: OutputTurn): Promise<Run> {
  const startedAt = performance.now();
  const process = new Deno.Command(executableOf(runtime), {
    args: [...runnerArgs(runtime), ...files.map((file) => `./${file}`)],
    cwd: ROOT,
    env: environment(),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true, // A process group, so that all of it can be ended.
  }).spawn();
  const printed = turn.take(process.stdout, process.stderr);
  const { success, expired } = await endOf(process);
  const output = await printed;
  const seconds = (performance.now() - startedAt) / 1000;
  const report = await takeReport(runtime);
  const results = report === undefined ? undefined : parse(runtime, report);
  const ran = runtime === "deno" ? filesPrintedByDeno(output) : filesIn(results ?? []);
  const { totals, complaints } = judge(files, results, ran, success);
  const hang = expired ? [`stopped after ${RUNTIME_SECONDS_MAX} s, something hangs`] : [];
  return { runtime, seconds, totals, complaints: [...hang, ...complaints] };
}

async function takeReport(runtime: RuntimeName): Promise<string | undefined> {
  const path = REPORTS + runtime;
  try {
    const text = await Deno.readTextFile(path);
    await Deno.remove(path);
    return text;
  } catch {
    return undefined;
  }
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
}

function runnerArgs(runtime: RuntimeName): string[] {
  const path = REPORTS + runtime;
  if (runtime === "deno") return ["test", "-A", "--no-check", `--preload=${GUARD}`, `--junit-path=${path}`];
  if (runtime === "bun") {
    const report = ["--reporter=junit", `--reporter-outfile=${path}`];
    return ["test", `--timeout=${TEST_MS_MAX}`, `--preload=${GUARD}`, ...report];
  }
  return [
    "--test",
    `--import=${GUARD}`,
    "--disable-warning=ExperimentalWarning",
    "--test-concurrency=1",
    `--test-timeout=${TEST_MS_MAX}`,
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    `--test-reporter=${NODE_REPORTER}`,
    `--test-reporter-destination=${path}`,
  ];
}

function environment(): Record<string, string> {
  const executables = runtimes.map(({ name, executable }) => [`HAWSER_${name.toUpperCase()}`, executable]);
  return {
    ...Object.fromEntries(executables),
    HAWSER_PARENT_PID: String(Deno.pid),
    HAWSER_PORTABILITY: PORTABILITY,
  };
}

/** Waits for a runner, and ends its whole group when it takes too long or this process is told to stop. */
async function endOf(process: Deno.ChildProcess): Promise<{ success: boolean; expired: boolean }> {
  let expired = false;
  running.add(process);
  const stop = () => {
    for (const each of running) killGroup(each);
    Deno.exit(130);
  };
  const timer = setTimeout(() => {
    expired = true;
    killGroup(process);
  }, RUNTIME_SECONDS_MAX * 1000);
  Deno.addSignalListener("SIGINT", stop);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", stop);
  const { success } = await process.status;
  running.delete(process);
  clearTimeout(timer);
  Deno.removeSignalListener("SIGINT", stop);
  if (Deno.build.os !== "windows") Deno.removeSignalListener("SIGTERM", stop);
  return { success, expired };
}

function killGroup(process: Deno.ChildProcess): void {
  try {
    Deno.kill(Deno.build.os === "windows" ? process.pid : -process.pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}

function parse(runtime: RuntimeName, report: string): TestResult[] {
  return runtime === "node" ? parseLines(report) : parseJunit(report);
}

function printTable(runs: readonly Run[], files: number): void {
  console.log(`\n${row("runtime", "passed", "failed", "skipped", "seconds")}   (${files} files each)`);
  for (const { runtime, totals: { passed, failed, skipped }, seconds } of runs) {
    console.log(row(runtime, String(passed), String(failed), String(skipped), seconds.toFixed(1)));
  }
  for (const { runtime, complaints } of runs) {
    for (const complaint of complaints) console.log(`${runtime}: ${complaint}`);
  }
}

function row(first: string, ...rest: string[]): string {
  return first.padEnd(8) + rest.map((cell) => cell.padStart(9)).join("");
}
