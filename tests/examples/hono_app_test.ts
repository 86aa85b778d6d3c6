// The Hono app as its users see it: programs, peers that look for each other, and a load balancer.

import process from "node:process";
import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { connect, HawserError } from "../../mod.ts";
import { webrtcSignalling } from "../../src/transports/webrtc/signalling/mod.ts";
import { spawnRuntime } from "../runtimes/runtimes.ts";

test("hono_app: it connects, signals, says how it is, and stops when it is told to", async () => {
  await using app = spawnRuntime("deno", "examples/hono_app.ts");
  const url = await app.nextLine();
  const http = url.replace("ws:", "http:").replace(/\/hawser.*/, "");
  const health = async () => await (await fetch(`${http}/health`)).json();
  const { status, connections } = await health();
  assertEquals({ status, connections }, { status: "ok", connections: 0 });

  const connection = await connect(url);
  assertEquals(await connection.request("sleep", 1), "slept for 1 ms");
  assertEquals((await health()).connections, 1);

  const signalling = webrtcSignalling(`${http.replace("http:", "ws:")}/signalling`);
  const heard = Promise.withResolvers<string>();
  const onClose = (error?: unknown) => heard.reject(error);
  const onSignal = (from: string, { type }: { type: string }) => heard.resolve(`${from}: ${type}`);
  const alice = await signalling.join("alice", { onSignal, onClose });
  const bob = await signalling.join("bob", { onSignal() {}, onClose() {} });
  bob.send("alice", { type: "offer", sdp: "v=0" });
  assertEquals(await heard.promise, "bob: offer");
  await assertRejects(() => signalling.join("No Name", { onSignal() {}, onClose() {} }), HawserError);
  await Promise.all([alice.close(), bob.close()]);

  const sleeping = connection.request("sleep", 1_000);
  await connection.echo("the app has been asked");
  process.kill(app.pid, "SIGTERM");
  while ((await health()).status !== "stopping");
  assertEquals(await sleeping, "slept for 1000 ms");
  assertEquals((await connection.closed).by, "peer");
  assertEquals((await app.exited).code, 0);
});
