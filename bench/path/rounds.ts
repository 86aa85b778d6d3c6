/**
 * Runs the rounds of a measure: all contenders in processes of their own, taking turns.
 *
 * @module
 */

import { type RuntimeName, type RuntimeProcess, spawnRuntime } from "../../tests/runtimes/runtimes.ts";
import type { DataKind } from "../data.ts";
import type { Figures } from "./loads.ts";
import type { Contender, Measure } from "./measures.ts";
import type { Task } from "./peer.ts";

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
  readonly server: RuntimeProcess | undefined;
  readonly driver: RuntimeProcess;
}

const PEER = "bench/path/peer.ts";

/** Longer than any round takes: a process that hangs is killed, and the run fails. */
const SPARE_MS = 60_000;

/** The figures of every round, by contender. Each round begins with another contender. */
export async function runRounds(
  measure: Measure,
  options: RoundsOptions,
): Promise<Map<Contender, Figures[]>> {
  const contenders: Contender[] = ["hawser", ...measure.peers];
  const outcome = new Map<Contender, Figures[]>(contenders.map((contender) => [contender, []]));
  await using stack = new AsyncDisposableStack();
  const teams: Team[] = [];
  for (const contender of contenders) teams.push(await assemble(contender, measure, options, stack));
  for (const team of teams) await runRound(team, measure, options.seconds * 1000); // Warms up; counts for nothing.
  for (let round = 0; round < options.rounds; round++) {
    for (const team of teams) {
      outcome.get(team.contender)!.push(await runRound(team, measure, options.seconds * 1000));
    }
    teams.push(teams.shift()!);
  }
  return outcome;
}

/** The median of one figure over all rounds. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function assemble(
  contender: Contender,
  { scheme, load }: Measure,
  { runtime, rounds, seconds, data, compress }: RoundsOptions,
  stack: AsyncDisposableStack,
): Promise<Team> {
  const timeoutMs = (rounds + 1) * seconds * 1000 * 3 + SPARE_MS;
  const start = (task: Task) => stack.use(spawnRuntime(runtime, PEER, [JSON.stringify(task)], { timeoutMs }));
  const task: Task = { contender, scheme, load, data, compress };
  if (scheme === "mem" || contender === "seal+open") {
    const driver = start(task);
    await driver.nextLine();
    return { contender, server: undefined, driver };
  }
  const server = start(task);
  const driver = start({ ...task, address: await server.nextLine() });
  await driver.nextLine();
  return { contender, server, driver };
}

async function runRound({ server, driver }: Team, { load }: Measure, ms: number): Promise<Figures> {
  driver.write(`${ms}\n`);
  const figures = JSON.parse(await driver.nextLine());
  if (load.kind !== "flood" || server === undefined) return figures;
  server.write("0\n");
  return JSON.parse(await server.nextLine());
}
