// What connections cost that do nothing: ten thousand of them must fit a small machine.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { connect, type Connection, createIdentity } from "../../mod.ts";
import { currentRuntime, type RuntimeProcess, spawnRuntime } from "../runtimes/runtimes.ts";

/** Measured: 9 to 10 kB on all three runtimes, the runtime's own socket and 2 kB of WebAssembly memory included. */
const IDLE_BYTES_MAX = 12_000;
const WARM_CONNECTIONS = 100;
const CONNECTIONS = 500;
const AT_ONCE = 20;

test(`an idle connection costs a server at most ${IDLE_BYTES_MAX} bytes of heap`, async () => {
  await using server = spawnRuntime(currentRuntime(), "tests/connection/fixtures/idle_server.ts");
  const url = await server.nextLine();
  const connections = await dial(url, WARM_CONNECTIONS);
  const before = await measure(server, WARM_CONNECTIONS);
  connections.push(...await dial(url, CONNECTIONS));
  const after = await measure(server, WARM_CONNECTIONS + CONNECTIONS);
  const each = (after - before) / CONNECTIONS;
  assert(each < IDLE_BYTES_MAX, `an idle connection costs ${Math.round(each)} bytes`);
  // A measure that counts nothing would pass, too.
  assert(each > 2_000, `an idle connection seems to cost only ${Math.round(each)} bytes`);
  await Promise.all(connections.map((connection) => connection.close()));
});

/** Opens connections that have each carried one message and its echo. */
async function dial(url: string, count: number): Promise<Connection[]> {
  const identity = createIdentity();
  const connections: Connection[] = [];
  while (connections.length < count) {
    connections.push(...await Promise.all(Array.from({ length: AT_ONCE }, () => dialOne(url, identity))));
  }
  return connections;
}

async function dialOne(url: string, identity: ReturnType<typeof createIdentity>): Promise<Connection> {
  const connection = await connect(url, { identity });
  connection.send(new Uint8Array(100));
  assertEquals((await connection.receive({ timeoutMs: 10_000 })).length, 100);
  return connection;
}

async function measure(server: RuntimeProcess, expected: number): Promise<number> {
  server.write("\n");
  const { connections, bytes } = JSON.parse(await server.nextLine());
  assertEquals(connections, expected);
  return bytes;
}
