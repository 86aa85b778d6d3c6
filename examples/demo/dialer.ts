/**
 * The program that dials a listener on one transport after another, and itself where a transport never leaves its
 * process. Runs under Deno, Bun and Node.
 *
 * @module
 */

import process from "node:process";
import { createIdentity } from "../../mod.ts";
import { dialAndWork } from "./dial_and_work.ts";
import { openEndpoint } from "./endpoints.ts";
import { reasonOf, tell } from "./events.ts";
import { parseOrder } from "./order.ts";

const order = parseOrder(process.argv[2]);
for (const endpoint of order.endpoints) {
  await attempt(endpoint.transport, () => dialAndWork(endpoint, order));
}
for (const transport of order.selfTransports) {
  await attempt(transport, async () => {
    await using endpoint = await openEndpoint(transport, createIdentity());
    await dialAndWork(endpoint, order);
  });
}

async function attempt(transport: string, job: () => Promise<void>): Promise<void> {
  try {
    await job();
  } catch (error) {
    tell({ event: "failed", transport, reason: reasonOf(error) });
  }
}
