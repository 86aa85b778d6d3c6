/**
 * The arguments of the demo.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { RuntimeName } from "../../tests/runtimes/executables.ts";

/** Two runtimes: who listens, and who dials. */
export interface Pair {
  readonly listener: RuntimeName;
  readonly dialer: RuntimeName;
}

/** What the demo is asked to do. */
export interface DemoArguments {
  readonly help: boolean;
  readonly json: boolean;
  /** `undefined`: the default folders. */
  readonly folder: string | undefined;
  readonly transports: readonly string[];
  readonly pairs: readonly Pair[];
  readonly messages: number;
  readonly roundTrips: number;
}

/** The transports that the demo knows. */
export const TRANSPORTS: readonly string[] = ["tcp", "udp", "ws", "mem"];

const RUNTIMES: readonly RuntimeName[] = ["deno", "bun", "node"];
const PAIRS = "deno:bun,bun:deno,deno:node,node:deno,bun:node,node:bun";
const MESSAGES = 20_000;
const ROUND_TRIPS = 2_000;
const COUNT_MAX = 100_000_000;

/** What `--help` prints. */
export const HELP =
  `Sends the files of a folder, and then small messages, over every transport between runtimes.

  deno task demo [options] [folder]

  folder              default: this project's own tree, and the data of its benchmarks
  --json              one JSON object per line on standard output, and nothing else there
  --transports LIST   of ${TRANSPORTS.join(", ")}; default: all
  --pairs LIST        of listener:dialler, each one of ${RUNTIMES.join(", ")};
                      default: ${PAIRS}
  --messages N        small messages there and back, many at once; default ${MESSAGES}
  --round-trips N     small messages one after another, for p50 and p99; default ${ROUND_TRIPS}
  --help              this text

Every file's SHA-256 is compared at both ends, and every small message (64 bytes) with its answer. Beside each
figure is the same one of the plain runtime ("raw"): no Hawser, no encryption, the same work and processes.
MB/s counts millions of bytes of files, from the disk to the far end's hash; messages/s counts messages that went
there and came back; p50 and p99 are round trips of single messages. Over udp, lost messages are sent again and
counted. mem stays within one process: there the runtime that dials is the one that listens.

Exit status: 0 when all went well; 1 when a file arrived changed, a reliable transport lost a message, or a
transport was missing; 2 for wrong arguments or a folder that cannot be read.`;

/** Arguments that cannot be: the message says which and why. */
export class ArgumentError extends Error {}

/**
 * Reads the arguments.
 * @throws {ArgumentError} for any that the demo does not know.
 */
export function readArguments(args: readonly string[]): DemoArguments {
  const { values, positionals } = parse(args);
  if (positionals.length > 1) {
    throw new ArgumentError(`one folder is sent, but these were given: ${positionals.join(", ")}`);
  }
  return {
    help: values.help === true,
    json: values.json === true,
    folder: positionals[0],
    transports: listOf("--transports", values.transports, TRANSPORTS),
    pairs: (values.pairs ?? PAIRS).split(",").map(pairOf),
    messages: countOf("--messages", values.messages, MESSAGES),
    roundTrips: countOf("--round-trips", values["round-trips"], ROUND_TRIPS),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h" },
        json: { type: "boolean" },
        transports: { type: "string" },
        pairs: { type: "string" },
        messages: { type: "string" },
        "round-trips": { type: "string" },
      },
    });
  } catch (error) {
    throw new ArgumentError((error as Error).message);
  }
}

function listOf(option: string, text: string | undefined, known: readonly string[]): readonly string[] {
  if (text === undefined) return known;
  const names = [...new Set(text.split(","))];
  for (const name of names) {
    if (!known.includes(name)) {
      throw new ArgumentError(`${option} knows ${known.join(", ")}, but not "${name}"`);
    }
  }
  return names;
}

function pairOf(text: string): Pair {
  const [listener, dialer, ...rest] = text.split(":").map((word) => RUNTIMES.find((name) => name === word));
  if (listener === undefined || dialer === undefined || rest.length > 0) {
    throw new ArgumentError(
      `--pairs takes two of ${RUNTIMES.join(", ")} with ":" between, but not "${text}"`,
    );
  }
  return { listener, dialer };
}

function countOf(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= COUNT_MAX) return count;
  throw new ArgumentError(`${option} takes a whole number from 1 to ${COUNT_MAX}, but not "${text}"`);
}
