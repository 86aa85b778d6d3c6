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
import { type DataKind, slices } from "../data.ts";
import { codecDriver } from "./codec_driver.ts";
import { hawser } from "./hawser.ts";
import { Driver, type Figures, type Load, respond, type Responder } from "./loads.ts";
import type { Contender } from "./measures.ts";
import type { Network, Scheme } from "./pipe.ts";
import { rawNetworks } from "./raw/mod.ts";

/** What a process is to do. */
export interface Task {
  readonly contender: Contender;
  readonly scheme: Scheme;
  readonly load: Load;
  readonly data: DataKind;
  readonly compress: boolean;
  /** Where the other process serves; without it this one serves. `mem` does both in one process. */
  readonly address?: string;
}

const task: Task = JSON.parse(process.argv[2]);
const { contender, scheme, load, data, compress } = task;

const answer = task.address === undefined && scheme !== "mem" && contender !== "seal+open"
  ? await serve()
  : await drive();
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(Number(line))));
}
process.exit();

async function serve(): Promise<() => Figures> {
  let responder: Responder | undefined;
  const network = await networkOf();
  console.log(await network.serve((pipe) => void (responder = respond(pipe, load))));
  return () => responder!.report();
}

async function drive(): Promise<(ms: number) => Figures | Promise<Figures>> {
  const next = slices(data, load.bytes);
  if (contender === "seal+open") {
    console.log("ready");
    return codecDriver(next, compress);
  }
  const network = await networkOf();
  const address = task.address ?? await network.serve((pipe) => void respond(pipe, load));
  const driver = new Driver(await network.dial(address), load, next);
  console.log("ready");
  return (ms) => driver.run(ms);
}

async function networkOf(): Promise<Network> {
  return contender === "hawser" ? hawser(scheme, compress) : (await rawNetworks())[scheme];
}
