/**
 * A conversation between two terminals, over any transport.
 *
 * ```sh
 * deno run -A --unstable-net examples/echo.ts listen tcp://127.0.0.1:7000 udp://127.0.0.1:7000
 * bun examples/echo.ts dial 'tcp://127.0.0.1:7000#<peer id>'
 * ```
 *
 * Lines typed into the second come back from the first. The peer id in the
 * address is all that the second needs to know whom it talks to.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { connect, listen } from "../mod.ts";

const [role, ...addresses] = process.argv.slice(2);
if (role === "listen" && addresses.length > 0) await echo(addresses);
else if (role === "dial" && addresses.length > 0) await talk(addresses);
else {
  console.error("usage: echo.ts listen|dial ADDRESS...");
  process.exit(2);
}

async function echo(addresses: string[]): Promise<void> {
  await using server = await listen(addresses);
  for (const url of server.urls) console.log(url);
  process.once("SIGINT", () => void server.close());
  for await (const connection of server) {
    connection.onMessage((message) => connection.send(message));
    connection.closed.then(({ reason, by }) => console.error(`closed by ${by} ${reason}`));
  }
}

async function talk(addresses: string[]): Promise<void> {
  await using connection = await connect(addresses);
  for await (const line of createInterface({ input: process.stdin })) {
    connection.send(new TextEncoder().encode(line));
    console.log(new TextDecoder().decode(await connection.receive({ timeoutMs: 5_000 })));
  }
}
