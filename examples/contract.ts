/**
 * A contract between two programs: what one may ask and the other answers, typed and checked on both sides.
 *
 * ```sh
 * deno run -A --unstable-net examples/contract.ts listen tcp://127.0.0.1:7000
 * bun examples/contract.ts dial 'tcp://127.0.0.1:7000#<peer id>'
 * ```
 *
 * @module
 */

import process from "node:process";
import { z } from "zod";
import { connect, type HawserError, listen, ReplyError } from "../mod.ts";
import { client, contract, event, request, serve, stream } from "../src/connection/contract/mod.ts";

const Degrees = z.number().min(5).max(30);
const Thermostat = contract({
  read: request(Degrees),
  set: request(Degrees, z.string()),
  countdown: stream(z.int().positive(), z.int()),
  changed: event(z.object({ to: Degrees, by: z.string() })),
});

const [role, ...addresses] = process.argv.slice(2);
if (role === "listen") await keep();
else await turn();

async function keep(): Promise<void> {
  await using server = await listen(addresses);
  let degrees = 18;
  const { events } = serve(server, Thermostat, {
    read: () => degrees,
    async set(to, { headers: { name = "somebody", pin } }) {
      if (pin !== "1234") throw new ReplyError("locked", `${name} does not know the pin`);
      await events.changed.publish({ to, by: name });
      return `now it has ${degrees = to}`;
    },
    async *countdown(from) {
      while (from > 0) yield await Promise.resolve(from--);
    },
  });
  for (const url of server.urls) console.log(url);
  await server.closed;
}

async function turn(): Promise<void> {
  await using connection = await connect(addresses);
  const thermostat = client(connection, Thermostat);
  thermostat.changed.subscribe(({ to, by }) => console.log(`${by} changed it to ${to}`));
  console.log(`it has ${await thermostat.read()}`);
  const tell = (error: HawserError) => console.log(`${error.code}: ${error.message}`);
  await thermostat.set(300).catch(tell); // It never leaves: 300 is no Degrees.
  await thermostat.set(21).catch(tell);
  for await (const left of thermostat.countdown(3)) console.log(left);
  console.log(await thermostat.set(21, { headers: { name: "ann", pin: "1234" } }));
}
