/**
 * Runs the contests under this runtime, and prints one comparison per line as JSON.
 * Arguments: rounds, milliseconds of a round, and words one of which the operation and size must contain.
 *
 * @module
 */

import process from "node:process";
import { runContest } from "./contest.ts";
import { contests } from "./contests.ts";

const [rounds, ms, ...wanted] = process.argv.slice(2);
for (const contest of contests()) {
  const title = `${contest.operation} ${contest.size}`;
  if (wanted.length > 0 && !wanted.some((words) => title.includes(words))) continue;
  for (const comparison of runContest(contest, { rounds: Number(rounds), ms: Number(ms) })) {
    console.log(JSON.stringify(comparison));
  }
}
