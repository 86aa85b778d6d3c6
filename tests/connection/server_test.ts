// The tables of a server are bounded: THREATS row 16.

import { connect as dial, type Socket } from "node:net";
import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { connect, createIdentity, HawserError, listen } from "../../mod.ts";
import { ACCEPT_QUEUE_MAX } from "../../src/limits.ts";

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test("TCP: the oldest of too many handshakes is turned away", async () => {
  await using server = await listen("tcp://127.0.0.1:0", { handshakesMax: 3 });
  const port = Number(new URL(server.urls[0].replace("tcp:", "http:")).port);
  const sockets: Socket[] = [];
  const gone: number[] = [];
  for (let index = 0; index < 5; index++) {
    const socket = dial(port, "127.0.0.1");
    socket.on("error", () => {}).on("close", () => gone.push(index)).resume();
    sockets.push(socket);
    await new Promise((resolve) => socket.once("connect", resolve));
    await sleep(20);
  }
  await sleep(100);
  assertEquals([server.stats().handshakes, server.stats().refused, gone], [3, 2, [0, 1]]);
  for (const socket of sockets) socket.destroy();
});

test("connections that nobody takes wait, up to a bound; what comes then is turned away", async () => {
  const identity = createIdentity();
  await using server = await listen("mem://accept-queue-test");
  for (let left = ACCEPT_QUEUE_MAX; left > 0;) {
    const batch = Math.min(32, left);
    await Promise.all(Array.from({ length: batch }, () => connect(server.urls, { identity })));
    left -= batch;
  }
  const error = await assertRejects(() => connect(server.urls, { identity }), HawserError);
  assertEquals([error.retryable, server.stats().refused], [true, 1]);
  await server.accept();
  await connect(server.urls, { identity });
});
