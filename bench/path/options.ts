/**
 * What the command line may say.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { type RuntimeName, runtimes } from "../../tests/runtimes/runtimes.ts";
import { type DataKind, kinds } from "../data.ts";
import { type Measure, measures } from "./measures.ts";
import type { RoundsOptions } from "./rounds.ts";

/** What is to be measured, and how it is told. */
export interface Options {
  readonly runtimes: readonly RuntimeName[];
  readonly measures: readonly Measure[];
  readonly rounds: Omit<RoundsOptions, "runtime">;
  readonly json: boolean;
  /** Whether charts, results and the README are written. */
  readonly report: boolean;
}

// As seen on two cores.
const START_SECONDS = 1;
const IDLE_SECONDS = 45;

const HELP = `Measures from message to message over loopback, encrypted, beside the bare runtime and peers.

deno task bench:path [options]

  --runtime NAME   deno, bun or node; may be given more than once. Default: all three
  --only IDS       measures, separated by commas. Default: all of
                   ${measures.map(({ id }) => id).join(", ")}
  --seconds N      length of one round of one contender. Default 0.5
  --rounds N       rounds that count, after one that warms up; their median is shown. Default 5
  --data KIND      what is sent: ${kinds.join(", ")}. Default bundle
  --compress       let Hawser compress what gains by it; it does so by default, but not here
  --json           print one object per line instead of a table
  --report         write bench/charts/, bench/results/path.json and the section of bench/README.md
  --help           print this
`;

/** The options of this process. Ends it where they cannot be, and for `--help`. */
export function readOptions(): Options {
  const { values } = parse();
  if (values.help) {
    console.log(HELP);
    process.exit(0);
  }
  const ids = values.only?.split(",") ?? measures.map(({ id }) => id);
  return {
    runtimes: values.runtime.map((name) => oneOf("--runtime", name, runtimes, (known) => known.name).name),
    measures: ids.map((id) => oneOf("--only", id, measures, (measure) => measure.id)),
    rounds: {
      seconds: positive("--seconds", values.seconds),
      rounds: Math.ceil(positive("--rounds", values.rounds)),
      data: oneOf<DataKind>("--data", values.data, kinds, (kind) => kind),
      compress: values.compress,
    },
    json: values.json,
    report: values.report,
  };
}

/** What this process was told, as the user writes it. */
export function commandLine(): string {
  return ["deno task bench:path", ...process.argv.slice(2)].join(" ");
}

/** About how long it takes. */
export function minutesOf({ runtimes, measures, rounds }: Options): number {
  const seconds = measures.map(({ work, peers }) => {
    if (work.kind === "idle") return IDLE_SECONDS;
    // Of handshakes only one side's time counts.
    const each = (rounds.rounds + 1) * rounds.seconds * (work.kind === "handshakes" ? 2 : 1) + START_SECONDS;
    return each * (peers.length + 1);
  });
  return Math.ceil(runtimes.length * seconds.reduce((sum, one) => sum + one, 0) / 60);
}

function parse() {
  try {
    return parseArgs({
      options: {
        runtime: { type: "string", multiple: true, default: runtimes.map(({ name }) => name) },
        only: { type: "string" },
        seconds: { type: "string", default: "0.5" },
        rounds: { type: "string", default: "5" },
        data: { type: "string", default: "bundle" },
        compress: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        report: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    return refuse(`${(error as Error).message}; --help lists what may be said`);
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  return refuse(`${name} takes a number above 0, not ${text}`);
}

function oneOf<T>(name: string, wanted: string, known: readonly T[], nameOf: (item: T) => string): T {
  const found = known.find((item) => nameOf(item) === wanted);
  return found ?? refuse(`${name} takes ${known.map(nameOf).join(", ")}, not ${wanted}`);
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
