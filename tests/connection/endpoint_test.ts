// One handler of Hono, on every runtime, dialled from this one. Workers have a test of their own.

import { test } from "node:test";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { connect, HawserError } from "../../mod.ts";
import { createHawserEndpoint } from "../../hono.ts";
import { currentRuntime, executableOf, ROOT } from "../runtimes/executables.ts";
import { RuntimeProcess } from "../runtimes/runtime_process.ts";
import { runtimes, spawnRuntime } from "../runtimes/runtimes.ts";
import { RawWebSocket } from "../transports/raw_web_socket.ts";

const SERVER = "tests/connection/fixtures/hono_server.ts";

for (const { name } of runtimes) {
  test(`endpoint: Hono on ${name} hands its WebSockets over`, async () => {
    await using server = spawnRuntime(name, SERVER);
    await assertServes(await server.nextLine());
  });
}

test("endpoint: Hono on Deno needs nothing unstable, as on Deno Deploy", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hawser-endpoint-"));
  await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
  const outfile = join(folder, "server.mjs");
  const external = ["node:*", "ws"];
  await build({
    entryPoints: [ROOT + SERVER],
    bundle: true,
    outfile,
    format: "esm",
    target: "es2024",
    external,
  });
  const child = spawn(executableOf("deno"), ["run", "-A", "--quiet", "--no-config", outfile], {
    cwd: folder,
  });
  await using server = new RuntimeProcess(child, "deno without unstable parts", 30_000);
  const url = await server.nextLine();
  assertEquals(await server.nextLine(), "stable");
  await assertServes(url);
});

test("endpoint: without a WebSocket there is an answer that says what this is", async () => {
  await using endpoint = createHawserEndpoint({ url: "wss://example.com/hawser" });
  assertEquals(endpoint.server.urls, [`wss://example.com/hawser#${endpoint.server.id}`]);
  const page = new Request("http://127.0.0.1/hawser");
  assertEquals((await endpoint.upgrade(page)).status, 426);
  await endpoint.close();
  assertEquals((await endpoint.upgrade(page)).status, 503);
});

test("endpoint: a runtime that is not given what it needs says what", async () => {
  await using endpoint = createHawserEndpoint();
  const headers = { upgrade: "websocket", "sec-websocket-protocol": "hawser-v1" };
  const request = new Request("http://127.0.0.1/hawser", { headers });
  const answer = await endpoint.upgrade(request, {}).catch((error: HawserError) => error);
  // Deno needs nothing but the request, and sees that nobody sent this one.
  if (answer instanceof Response) return assertEquals([currentRuntime(), answer.status], ["deno", 400]);
  assertEquals(answer.code, "unsupported");
  assertStringIncludes(answer.message, currentRuntime() === "bun" ? "Bun.serve" : "endpoint.attach");
});

async function assertServes(url: string): Promise<void> {
  await using connection = await connect(url);
  assertEquals(connection.peer.id, url.split("#")[1]);
  for (const length of [0, 1, 4_096, 65_537, 1_048_576]) {
    const message = new Uint8Array(length).map((_, index) => index * index);
    if (!connection.send(message)) await connection.drained();
    assertEquals(await connection.receive({ timeoutMs: 5_000 }), message);
  }
  assertEquals((await connection.close()).by, "local");

  const [address] = url.split("#");
  const offer = "Sec-WebSocket-Protocol: hawser-v1";
  using evil = await RawWebSocket.dial(address, [offer, "Origin: https://evil.example", "Connection: close"]);
  assertEquals(evil.status, 403);
  assertStringIncludes(await evil.rest(), "origins");
  using good = await RawWebSocket.dial(address, [offer, "Origin: https://good.example"]);
  assertEquals(good.status, 101);
  const error = await connect(`${url.replace("/hawser", "/elsewhere")}`).catch((error) => error);
  assertEquals(error instanceof HawserError && error.code, "websocket");
}
