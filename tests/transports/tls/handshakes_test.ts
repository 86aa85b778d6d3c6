// Real sockets under bounds that are small enough for a test.

import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { HawserError } from "../../../src/errors.ts";
import { Handshakes } from "../../../src/transports/tls/handshakes.ts";

interface Refused {
  readonly error: HawserError;
  readonly remote: string;
}

/** Handshakes that never go on, since nobody speaks TLS. */
async function silentHandshakes(max: number, msMax: number) {
  const refused: Refused[] = [];
  const onRefusal = (error: HawserError, remote: string) => void refused.push({ error, remote });
  const handshakes = new Handshakes({ onRefusal }, "tls", { max, msMax });
  const server = createServer((socket) => handshakes.begin(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    handshakes,
    refused,
    server,
    dial: (): Promise<Socket> =>
      new Promise((resolve) => {
        const socket = connect(port, "127.0.0.1", () => resolve(socket));
        socket.on("error", () => {});
        socket.resume();
      }),
  };
}

const closed = (socket: Socket) =>
  new Promise<void>((resolve) => socket.destroyed ? resolve() : socket.once("close", () => resolve()));

test("who falls silent amid the handshake is shown out", async () => {
  const { dial, refused, server } = await silentHandshakes(10, 100);
  const before = performance.now();
  await closed(await dial());
  assert(performance.now() - before >= 90);
  assertEquals(refused.map(({ error }) => [error.code, error.reason]), [["tls", "handshake"]]);
  assert(refused[0].remote.startsWith("tls://127.0.0.1:"), refused[0].remote);
  server.close();
});

test("so many may come at once, and one more is turned away until another is gone", async () => {
  const { dial, refused, handshakes, server } = await silentHandshakes(2, 60_000);
  const [first, second] = [await dial(), await dial()];
  await closed(await dial());
  assertEquals(refused.map(({ error }) => [error.code, error.retryable]), [["limit", true]]);
  first.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const fourth = await dial();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(refused.length, 1);
  handshakes.abort();
  await Promise.all([closed(second), closed(fourth)]);
  assertEquals(refused.length, 1, "an abort is no refusal");
  server.close();
});
