/**
 * One process of a measurement. Its only argument is a {@linkcode Task} in JSON.
 *
 * Whoever serves writes its address, and then, for each line it reads, a report. Whoever drives writes `ready`, and
 * then, for each line it reads, the figures of one round of so many milliseconds.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { slices } from "../data.ts";
import { codecDriver } from "./codec_driver.ts";
import { Driver, type Figures, respond, type Responder } from "./loads.ts";
import type { PathWork } from "./measures.ts";
import { networkOf } from "./networks.ts";
import { isAlone, type Task } from "./task.ts";

const task: Task = JSON.parse(process.argv[2]);

const answer = task.address === undefined && !isAlone(task) ? await serve(task.work) : await drive(task.work);
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(Number(line))));
}
process.exit();

async function serve({ load }: PathWork): Promise<() => Figures> {
  let responder: Responder | undefined;
  const network = await networkOf(task);
  console.log(await network.serve((pipe) => void (responder = respond(pipe, load))));
  return () => responder!.report();
}

async function drive({ load }: PathWork): Promise<(ms: number) => Figures | Promise<Figures>> {
  const next = slices(task.data, load.bytes);
  if (task.contender === "seal+open") {
    console.log("ready");
    return codecDriver(next, task.compress);
  }
  const network = await networkOf(task);
  const address = task.address ?? await network.serve((pipe) => void respond(pipe, load));
  const driver = new Driver(await network.dial(address), load, next);
  await driver.prove();
  console.log("ready");
  return (ms) => driver.run(ms);
}
