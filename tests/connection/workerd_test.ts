// Cloudflare's own runtime listens and dials: workerd, which miniflare brings and starts.

import { test } from "node:test";
import { Miniflare } from "miniflare";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connect, type Connection, createIdentity, exportIdentity, listen } from "../../mod.ts";
import { noteCell } from "../conformance/portability.ts";
import { currentRuntime } from "../runtimes/runtimes.ts";
import { bundleWorker } from "./worker_bundle.ts";

// Both sides of a change of workerd: Blobs are the default from the second date on.
const DATES = ["2025-06-01", "2026-03-17"];

const identity = createIdentity();
const bundle = await bundleWorker("worker.ts");

test("workerd: the bundle has nothing of Node in it", () => {
  assertEquals(bundle.imports, ["ws"]); // Which only Node asks for.
});

for (const compatibilityDate of DATES) {
  test(`workerd ${compatibilityDate}: a worker echoes, a Durable Object is a meeting place, TCP and WebSockets are dialled`, async () => {
    const worker = new Miniflare({
      compatibilityDate,
      modules: [{ type: "ESModule", path: "worker.mjs", contents: bundle.code }],
      bindings: { IDENTITY: exportIdentity(identity) },
      durableObjects: { ROOM: "Room" },
    });
    await using _stop = { [Symbol.asyncDispose]: () => worker.dispose() };
    const http = (await worker.ready).origin;
    const ws = http.replace("http", "ws");

    assertEquals((await fetch(`${http}/hawser`)).status, 426);
    await using connection = await connect(`${ws}/hawser#${identity.id}`);
    for (const length of [0, 1, 4_096, 65_537, 1_048_576]) await assertEcho(connection, length);
    assertEquals((await connection.close()).by, "local");
    noteCell({ scheme: "ws", listener: "workerd", dialler: currentRuntime(), outcome: "passed" });

    await using one = await connect(`${ws}/room/one#${identity.id}`);
    await using two = await connect(`${ws}/room/one#${identity.id}`);
    one.send(Uint8Array.of(1, 2, 3));
    assertEquals(await two.receive({ timeoutMs: 5_000 }), Uint8Array.of(1, 2, 3));
    assertEquals(await one.receive({ timeoutMs: 5_000 }), Uint8Array.of(1, 2, 3));

    // Objects share an isolate, but a timer that one armed may touch nothing of another.
    await using other = await connect(`${ws}/room/other#${identity.id}`);
    const idle = [one, other].map((connection) => ({
      connection,
      packets: connection.stats().received.packets,
    }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const { connection, packets } of idle) {
      const pings = connection.stats().received.packets - packets;
      assert(!connection.isClosed && pings >= 2, `${pings} pings of an idle object`);
    }

    await using server = await listen(["tcp://127.0.0.1:0", "ws://127.0.0.1:0"]);
    server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
    for (const url of server.urls) {
      const report = await (await fetch(`${http}/dial?url=${encodeURIComponent(url)}`)).json();
      assertEquals(report.bytes, 300_000, JSON.stringify(report));
      assertStringIncludes(report.codec, "wasm");
      const scheme = url.slice(0, url.indexOf(":"));
      noteCell({ scheme, listener: currentRuntime(), dialler: "workerd", outcome: "passed" });
    }
    const nobody = `tcp://127.0.0.1:1#${identity.id}`;
    const refused = await (await fetch(`${http}/dial?url=${encodeURIComponent(nobody)}`)).json();
    assertEquals(refused.code, "io"); // A worker is not told why.
  });
}

async function assertEcho(connection: Connection, length: number): Promise<void> {
  const message = new Uint8Array(length).map((_, index) => index * index);
  if (!connection.send(message)) await connection.drained();
  assertEquals(await connection.receive({ timeoutMs: 5_000 }), message);
}
