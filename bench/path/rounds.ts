/**
 * Runs the rounds of a measure: all contenders in processes of their own, taking turns.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";
import { type RuntimeName, type RuntimeProcess, spawnRuntime } from "../../tests/runtimes/runtimes.ts";
import type { DataKind } from "../data.ts";
import { COLLECTING_ENV } from "./idle.ts";
import type { Figures } from "./loads.ts";
import type { Contender, Measure, Work } from "./measures.ts";
import { isAlone, type Task } from "./task.ts";

/** How a measure is run. */
export interface RoundsOptions {
  readonly runtime: RuntimeName;
  readonly rounds: number;
  /** Of one round of one contender. */
  readonly seconds: number;
  readonly data: DataKind;
  readonly compress: boolean;
}

/** One contender's processes. */
interface Team {
  readonly contender: Contender;
  /** None where one process does it all. */
  readonly server: RuntimeProcess | undefined;
  readonly driver: RuntimeProcess;
}

/** The figures of every round by contender, and why peers are missing. */
export interface Outcome {
  readonly figures: ReadonlyMap<Contender, Figures[]>;
  readonly missing: ReadonlyMap<Contender, string>;
}

const PEER = "bench/path/peer.ts";

/** Longer than any round takes, even on a busy machine: a process that hangs is killed, and the measure fails. */
const SPARE_MS: Readonly<Record<Work["kind"], number>> = {
  path: 120_000,
  handshakes: 120_000,
  idle: 600_000,
  fanout: 120_000,
  requests: 120_000,
};

/** Runs all rounds of a measure. Each begins with another contender. Peers that do not run here are left out. */
export async function runRounds(measure: Measure, options: RoundsOptions): Promise<Outcome> {
  const figures = new Map<Contender, Figures[]>();
  const missing = new Map<Contender, string>();
  await using stack = new AsyncDisposableStack();
  const teams: Team[] = [];
  for (const contender of ["hawser", ...measure.peers] as const) {
    try {
      teams.push(await assemble(contender, measure, options, stack));
      figures.set(contender, []);
    } catch (error) {
      if (contender === "hawser" || contender === "raw") throw error;
      missing.set(contender, reasonOf(error));
    }
  }
  const ms = options.seconds * 1000;
  const isOnce = measure.work.kind === "idle";
  // Warms up; counts for nothing.
  for (const team of isOnce ? [] : teams) await runRound(team, measure, ms);
  for (let round = 0; round < (isOnce ? 1 : options.rounds); round++) {
    for (const team of teams) figures.get(team.contender)!.push(await runRound(team, measure, ms));
    teams.push(teams.shift()!);
  }
  return { figures, missing };
}

/** The median of one figure over all rounds. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function assemble(
  contender: Contender,
  { work, peers }: Measure,
  { runtime, rounds, seconds, data, compress }: RoundsOptions,
  stack: AsyncDisposableStack,
): Promise<Team> {
  const timeoutMs = (rounds + 1) * seconds * 1000 * 3 * (peers.length + 1) + SPARE_MS[work.kind];
  const env = work.kind === "idle" ? COLLECTING_ENV : {};
  const start = (task: Task) =>
    stack.use(spawnRuntime(runtime, PEER, [JSON.stringify(task)], { timeoutMs, env }));
  const task: Task = { contender, work, data, compress };
  if (isAlone(task)) {
    const driver = start(task);
    await driver.nextLine();
    return { contender, server: undefined, driver };
  }
  const server = start(task);
  const driver = start({ ...task, address: await server.nextLine() });
  await driver.nextLine();
  return { contender, server, driver };
}

async function runRound({ server, driver }: Team, { work }: Measure, ms: number): Promise<Figures> {
  const isCountedByServer = server !== undefined &&
    (work.kind === "idle" || work.kind === "path" && work.load.kind === "flood");
  if (isCountedByServer) await ask(server, 0);
  const figures = await ask(driver, ms);
  return isCountedByServer ? await ask(server, 0) : figures;
}

async function ask(process: RuntimeProcess, ms: number): Promise<Figures> {
  process.write(`${ms}\n`);
  return JSON.parse(await process.nextLine());
}

/** What is wrong, in one line: the first one of what a process wrote that names an error. */
export function reasonOf(error: unknown): string {
  const [first, ...written] = stripVTControlCharacters(String(error)).split("\n");
  return written.find((line) =>
    /^\(killed|^\s*error: |^\s*(Uncaught )?(\(in promise\) )?\w*Error\b/.test(line)
  )
    ?.trim() ?? first;
}
