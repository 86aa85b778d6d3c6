/**
 * The program that listens on every transport it is asked for, until its standard input ends. Runs under Deno, Bun
 * and Node.
 *
 * ```sh
 * deno run -A --unstable-net examples/demo/listener.ts tcp udp ws
 * ```
 *
 * @module
 */

import process from "node:process";
import { createIdentity } from "../../mod.ts";
import { openEndpoint } from "./endpoints.ts";
import { type Endpoint, reasonOf, tell } from "./events.ts";

await using open = new AsyncDisposableStack();
const identity = createIdentity();
const endpoints: Endpoint[] = [];
for (const transport of process.argv.slice(2)) {
  try {
    endpoints.push(open.use(await openEndpoint(transport, identity)));
  } catch (error) {
    tell({ event: "failed", transport, reason: `cannot listen: ${reasonOf(error)}` });
  }
}
tell({ event: "ready", endpoints });
for await (const _ of process.stdin);
