/**
 * The demo: Hawser's main job, between processes on different runtimes, with its figures beside those of the plain
 * runtime. `--help` says all.
 *
 * ```sh
 * npx -y deno@2.9.6 task demo
 * npx -y deno@2.9.6 task demo --json --transports tcp,ws some/folder
 * ```
 *
 * @module
 */

import { resolve } from "node:path";
import process from "node:process";
import { ROOT } from "../../tests/runtimes/executables.ts";
import { ArgumentError, type DemoArguments, HELP, readArguments } from "./args.ts";
import { reasonOf, type Row } from "./events.ts";
import { type Measure, measure, type Root } from "./files.ts";
import { defaultRoots } from "./folders.ts";
import { ProgressLine } from "./progress.ts";
import { type Listen, type Order, runAlone, runPair } from "./run_pair.ts";
import { tableOf, type TableRow } from "./table.ts";

/** The plain runtime sends this much of a large folder: enough for its figures. */
const CONTROL_BYTES_MAX = 64 * 1024 * 1024;

const STATUS_FAILED = 1;
const STATUS_USAGE = 2;

// Leaving runs the handler that kills every child.
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let asked: DemoArguments;
  try {
    asked = readArguments(args);
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    console.error(`demo: ${error.message}; --help lists what there is`);
    return STATUS_USAGE;
  }
  if (asked.help) {
    console.log(HELP);
    return 0;
  }
  return await run(asked);
}

async function run(asked: DemoArguments): Promise<number> {
  const progress = new ProgressLine();
  const roots = await rootsOf(asked.folder);
  let total: Measure;
  try {
    total = await measure(roots);
  } catch (error) {
    progress.say(`demo: cannot read ${asked.folder ?? "the project"}: ${reasonOf(error)}`);
    return STATUS_USAGE;
  }
  progress.say(describe(total, asked));

  const { rows, failures } = await runAll(asked, orderOf(asked, roots), total.bytes, progress);
  progress.clear();
  const table = tableOf(rows);
  if (asked.json) console.error(table);
  else console.log(table);
  if (total.bytes > CONTROL_BYTES_MAX) {
    console.error(`raw MB/s: measured on the first ${megabytes(CONTROL_BYTES_MAX)} MB`);
  }
  for (const failure of failures) console.error(`failed: ${failure}`);
  return failures.length === 0 ? 0 : STATUS_FAILED;
}

function describe({ files, bytes, passedOver }: Measure, { messages }: DemoArguments): string {
  const other = passedOver === 0 ? "" : ` (passed over: ${passedOver})`;
  return `${files} files${other}, ${megabytes(bytes)} MB, and ${messages} small messages each time`;
}

async function rootsOf(folder: string | undefined): Promise<readonly Root[]> {
  return folder === undefined ? await defaultRoots() : [{ path: resolve(startedIn(), folder), skip: [] }];
}

/** Where the user is: `deno task` changes to the folder of deno.json, and leaves the one before in INIT_CWD. */
function startedIn(): string {
  const folder = process.cwd();
  return resolve(folder) === resolve(ROOT) ? process.env.INIT_CWD ?? folder : folder;
}

function orderOf({ messages, roundTrips }: DemoArguments, roots: readonly Root[]): Order {
  const bytesMax = Number.MAX_SAFE_INTEGER;
  return { work: { roots, bytesMax, messages, roundTrips }, controlBytesMax: CONTROL_BYTES_MAX };
}

async function runAll(
  asked: DemoArguments,
  order: Order,
  bytesTotal: number,
  progress: ProgressLine,
): Promise<{ rows: TableRow[]; failures: string[] }> {
  const rows: TableRow[] = [];
  const failures: string[] = [];
  const hear = (listener: string, dialer: string): Listen => (event) => {
    const { transport } = event;
    const step = `${transport}: ${listener} listens, ${dialer} dials`;
    if (event.event === "failed") {
      failures.push(`${step}: ${event.reason}`);
      progress.say(`failed: ${step}`);
    } else if (event.event === "measured") {
      const { figures, control, resent, controlResent } = event;
      const row: Row = { transport, listener, dialer, ...figures, control };
      rows.push({ ...row, resent, controlResent });
      if (asked.json) console.log(JSON.stringify(row));
    } else {
      const { what, bytes, messages } = event;
      const files = `${megabytes(bytes)}/${megabytes(bytesTotal)} MB`;
      progress.show(`${step}, ${what}`, `${files}, ${messages} messages`);
    }
  };
  const crossing = asked.transports.filter((transport) => transport !== "mem");
  for (const pair of crossing.length === 0 ? [] : asked.pairs) {
    await runPair(pair, crossing, order, hear(pair.listener, pair.dialer));
  }
  const dialers = new Set(asked.pairs.map(({ dialer }) => dialer));
  for (const runtime of asked.transports.includes("mem") ? dialers : []) {
    await runAlone(runtime, ["mem"], order, hear(runtime, runtime));
  }
  return { rows, failures };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
