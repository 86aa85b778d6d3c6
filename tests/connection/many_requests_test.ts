// Requests in great number between two processes, of this runtime and of each: whatever becomes of one, it settles once.
// HAWSER_SCALE multiplies their number: with 70 there are over 100,000 to each runtime.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import { connect, type Connection, type HawserError } from "../../mod.ts";
import { runtimes, spawnRuntime } from "../runtimes/runtimes.ts";
import { Random } from "../simulation/random.ts";

const REQUESTS = 1_500 * Number(process.env.HAWSER_SCALE ?? 1);
const AT_ONCE = 256;
const RARE = 0.01;

type Outcome = "same" | "later" | "fail" | "abort" | "deadline";

for (const { name } of runtimes) {
  test(`${REQUESTS} requests to ${name}, some of which fail, are aborted, too late, or have several replies`, async () => {
    await using server = spawnRuntime(name, "tests/connection/fixtures/request_server.ts", [], {
      timeoutMs: 30_000 + 20 * REQUESTS,
    });
    await using connection = await connect(await server.nextLine());
    await askForSeveral(connection);
    await askAll(connection);
    assertEquals(connection.messages.requests.size, 0);
  });
}

async function askAll(connection: Connection): Promise<void> {
  const random = new Random(REQUESTS);
  const settled: Record<Outcome, number> = { same: 0, later: 0, fail: 0, abort: 0, deadline: 0 };
  const asked = { ...settled };
  let next = 0;
  const ask = async () => {
    for (let number = next++; number < REQUESTS; number = next++) {
      const outcome = outcomeFor(random);
      asked[outcome]++;
      await askOne(connection, outcome, number);
      settled[outcome]++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  assertEquals(settled, asked);
  assert(settled.fail > 0 && settled.abort > 0 && settled.deadline > 0);
  const counts = await connection.request("counts") as { open: number; aborted: number };
  assertEquals(counts.open, 0);
  assertEquals(counts.aborted, settled.abort + settled.deadline);
}

async function askForSeveral(connection: Connection): Promise<void> {
  const counts = Array.from({ length: 50 }, async (_, index) => {
    const replies = await Array.fromAsync(connection.requestMany("count", index));
    assertEquals(replies, Array.from({ length: index }, (_, number) => number));
  });
  const left = Array.from({ length: 20 }, async () => {
    for await (const reply of connection.requestMany("count", 1e9)) if (reply === 50) break;
  });
  await Promise.all([...counts, ...left]);
  assertEquals((await connection.request("counts") as { open: number }).open, 0);
}

function outcomeFor(random: Random): Outcome {
  const chance = random.next();
  if (chance < RARE) return "fail";
  if (chance < 2 * RARE) return "abort";
  if (chance < 3 * RARE) return "deadline";
  return chance < 0.1 ? "later" : "same";
}

async function askOne(connection: Connection, outcome: Outcome, number: number): Promise<void> {
  if (outcome === "same" || outcome === "later") {
    return assertEquals(await connection.request(outcome, number), number);
  }
  if (outcome === "fail") {
    const error = await connection.request("fail", number).catch((error) => error) as HawserError;
    return assertEquals([error.remote?.code, error.remote?.data], ["odd", number]);
  }
  if (outcome === "deadline") {
    const error = await connection.request("never", number, { deadlineMs: 30 }).catch((error) => error);
    return assertEquals((error as HawserError).code, "timeout");
  }
  const controller = new AbortController();
  const request = connection.request("never", number, { signal: controller.signal });
  // Once the handler has it: what answers comes after what was asked.
  void connection.request("same", 0).then(() => controller.abort(number));
  assertEquals(await request.catch((error) => error), number);
}
