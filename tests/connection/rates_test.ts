// Rates over real sockets, between this runtime and a listener in a process of another.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect, listen, SESSION_LIMITS } from "../../mod.ts";
import { limitsUnder } from "../../src/connection/rates.ts";
import { randomBytes } from "../../src/random.ts";
import type { SessionConfig } from "../../src/session/mod.ts";
import { ourHello } from "../../src/session/negotiation.ts";
import { FAIR, World } from "../simulation/world.ts";
import { currentRuntime, runtimes, spawnRuntime } from "../runtimes/runtimes.ts";

const here = runtimes.findIndex(({ name }) => name === currentRuntime());
const other = runtimes[(here + 1) % runtimes.length].name;

test(`two connections to ${other} share the listener's rate, and all that they send arrives`, async () => {
  const rate = { receive: { bytesPerSecond: 2_000_000, burstBytes: 150_000 } };
  await using process = spawnRuntime(other, "tests/connection/fixtures/rated_server.ts", [
    JSON.stringify(rate),
  ]);
  const url = await process.nextLine();
  await using one = await connect(url);
  await using two = await connect(url);
  const startedAt = performance.now();
  const answers = await Promise.all([one, two].map(async (connection) => {
    for (let index = 0; index < 16; index++) {
      if (!connection.send(randomBytes(50_000))) await connection.drained();
    }
    connection.send(new Uint8Array(0));
    return JSON.parse(new TextDecoder().decode(await connection.receive({ timeoutMs: 20_000 })));
  }));
  const tookMs = performance.now() - startedAt;
  assertEquals(answers.map(({ bytes }) => bytes), [800_000, 800_000]);
  // What is beyond the rate: a burst, and of each what it was given room for.
  const leastMs = (1_600_000 - 3 * 150_000) / 2_000;
  assert(tookMs >= leastMs, `${tookMs} ms, of ${leastMs} at least`);
  for (const { heldMs } of answers) assert(heldMs > 100, `held for ${heldMs} ms`);
  process.closeInput();
});

test("a connection with a rate of its own sends no faster, and says how long it waited", async () => {
  await using server = await listen("tcp://127.0.0.1:0");
  const accepted = server.accept();
  const rates = { send: { messagesPerSecond: 200, burstMessages: 10 } };
  await using connection = await connect(server.urls, { rates });
  const far = await accepted;
  const startedAt = performance.now();
  for (let index = 0; index < 60; index++) connection.send(Uint8Array.of(index));
  for (let index = 0; index < 60; index++) {
    assertEquals(await far.receive({ timeoutMs: 10_000 }), Uint8Array.of(index));
  }
  const tookMs = performance.now() - startedAt;
  assert(tookMs >= 249, `${tookMs} ms`);
  assert(connection.stats().sent.heldMs > 150 && far.stats().received.heldMs === 0);
});

test("a handler and a loop get messages at the rate, whichever takes them", async () => {
  const rates = { receive: { messagesPerSecond: 500, burstMessages: 5 } };
  await using server = await listen("mem://rated", { rates });
  const accepted = server.accept();
  await using connection = await connect(server.urls);
  const far = await accepted;
  const startedAt = performance.now();
  for (let index = 0; index < 60; index++) connection.send(Uint8Array.of(index));
  let expected = 0;
  for await (const [byte] of far) {
    assertEquals(byte, expected++);
    if (expected === 30) break;
  }
  await new Promise<void>((resolve) =>
    far.onMessage(([byte]) => {
      assertEquals(byte, expected++);
      if (expected === 60) resolve();
    })
  );
  const tookMs = performance.now() - startedAt;
  // A loop that waits is woken by the rate, and not by the next sign of life (2.5 s).
  assert(tookMs >= 109 && tookMs < 2_400, `${tookMs} ms`);
});

for (const direction of ["send", "receive"] as const) {
  test(`${direction}: streams are kept to the rate, and all of it arrives`, async () => {
    const rates = { [direction]: { bytesPerSecond: 4_000_000, burstBytes: 200_000 } };
    await using server = await listen("tcp://127.0.0.1:0", direction === "receive" ? { rates } : {});
    const { promise: read, resolve } = Promise.withResolvers<number>();
    server.onConnection((connection) =>
      connection.onStream(async ({ readable }) => {
        let bytes = 0;
        for await (const chunk of readable) bytes += chunk.length;
        resolve(bytes);
      })
    );
    await using connection = await connect(server.urls, direction === "send" ? { rates } : {});
    const startedAt = performance.now();
    const stream = await connection.openStream("bulk", { compress: false });
    const writer = stream.writable.getWriter();
    for (let index = 0; index < 60; index++) await writer.write(randomBytes(50_000));
    await writer.close();
    assertEquals(await read, 3_000_000);
    // What may come at once is the burst, or what a peer may send on streams before it hears of a limit.
    const leastMs = (3_000_000 - (direction === "send" ? 300_000 : 1_048_576 + 400_000)) / 4_000;
    const tookMs = performance.now() - startedAt;
    assert(tookMs >= leastMs, `${tookMs} ms, of ${leastMs} at least`);
  });
}

test("what is kept to a rate never leaves the main lane", () => {
  const traits = { kind: "stream", mtu: undefined, nativeStreams: true } as const;
  const { initiator } = new World(1, { ...FAIR, kind: "stream", mtu: undefined });
  const rates = { own: { send: { bytesPerSecond: 1 } } };
  const named = (config: SessionConfig) => ourHello(config).capabilities.includes("native-streams");
  assertEquals(named({ ...initiator.config, traits }), true);
  assertEquals(named({ ...initiator.config, traits, rates }), false);
});

test("a rate must be a number above 0, and narrows the first window", async () => {
  for (const value of [0, -1, NaN, "1"]) {
    const rates = { send: { bytesPerSecond: value as number } };
    await assertRejects(() => listen("mem://no-rate", { rates }), RangeError, "rates.send.bytesPerSecond");
    await assertRejects(() => listen("mem://no-rate", { commonRates: rates }), RangeError, "commonRates");
  }
  const windowOf = (bytesPerSecond: number) =>
    limitsUnder(SESSION_LIMITS, { receive: { bytesPerSecond } }, undefined).windowBytes;
  assertEquals([windowOf(1), windowOf(500_000), windowOf(1e9)], [
    131_584,
    500_000,
    SESSION_LIMITS.windowBytes,
  ]);
});
