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
import { handshakeDriver } from "./handshakes/mod.ts";
import { fanoutDriver, roomsOf } from "./fanout.ts";
import { idleDriver, idleServer } from "./idle.ts";
import { Driver, type Figures, figures, respond, type Responder } from "./loads.ts";
import type { FanoutWork, IdleWork, PathWork, RequestsWork } from "./measures.ts";
import { networkOf } from "./networks.ts";
import { questionsOf, requestsDriver } from "./requests.ts";
import { isAlone, type Task } from "./task.ts";

const task: Task = JSON.parse(process.argv[2]);

type Networked = PathWork | IdleWork | FanoutWork | RequestsWork;
type Answer = (ms: number) => Figures | Promise<Figures>;

const answer = await prepare(task);
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(Number(line))));
}
process.exit();

async function prepare({ contender, work, address }: Task): Promise<Answer> {
  if (address === undefined && !isAlone(task)) return await serve(work as Networked);
  const answer = work.kind === "handshakes" ? await handshakeDriver(contender) : await drive(work);
  console.log("ready");
  return answer;
}

async function serve(work: Networked): Promise<Answer> {
  if (work.kind === "fanout") {
    console.log(await (await roomsOf(task.contender, work)).serve());
    return () => figures(0, 0);
  }
  if (work.kind === "requests") {
    console.log(await (await questionsOf(task.contender, work)).serve());
    return () => figures(0, 0);
  }
  const network = await networkOf(task, work);
  if (work.kind === "idle") {
    const [address, report] = await idleServer(network);
    console.log(address);
    return report;
  }
  let responder: Responder | undefined;
  console.log(await network.serve((pipe) => void (responder = respond(pipe, work.load))));
  return () => responder!.report();
}

async function drive(work: Networked): Promise<Answer> {
  if (work.kind === "fanout") {
    const rooms = await roomsOf(task.contender, work);
    return await fanoutDriver(rooms, task.address!, work, slices(task.data, work.bytes));
  }
  if (work.kind === "requests") {
    const ask = await (await questionsOf(task.contender, work)).dial(task.address!);
    return await requestsDriver(ask, work, slices(task.data, work.bytes));
  }
  if (work.kind === "idle") {
    return await idleDriver(await networkOf(task, work), task.address!, work.connections);
  }
  const { load } = work;
  const next = slices(task.data, load.bytes);
  if (task.contender === "seal+open") return codecDriver(next, task.compress);
  const network = await networkOf(task, work);
  const address = task.address ?? await network.serve((pipe) => void respond(pipe, load));
  const driver = new Driver(await network.dial(address), load, next);
  await driver.prove();
  return (ms) => driver.run(ms);
}
