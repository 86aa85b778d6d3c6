import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { connect, HawserError, listen } from "../../mod.ts";
import { COMPRESSION_BYTES_MIN } from "../../src/compression_limits.ts";
import {
  DATAGRAM_WINDOW_BYTES_MIN,
  HELLO_METADATA_BYTES_MAX,
  REASSEMBLY_MESSAGES_MAX,
  REASSEMBLY_RUNS_MAX,
  SESSION_LIMITS,
  WINDOW_BYTES_MAX,
  WINDOW_BYTES_MIN,
} from "../../src/limits.ts";
import {
  STREAM_WINDOW_BYTES_INITIAL,
  STREAMS_MAX,
  STREAMS_WINDOW_BYTES_INITIAL,
} from "../../src/stream_limits.ts";
import { PARTED_MESSAGES_MAX } from "../../src/scheduler_limits.ts";

test("metadata of just the right size arrives, over datagrams too; a byte more is told at once", async () => {
  const fits = { k: "x".repeat(HELLO_METADATA_BYTES_MAX - 3) };
  for (const scheme of ["tcp", "udp"]) {
    await using server = await listen(`${scheme}://127.0.0.1:0`, { metadata: fits });
    await using connection = await connect(server.urls, { metadata: fits });
    assertEquals(connection.peer.metadata.k, fits.k);
  }
  await assertRejects(
    () => listen("mem://options", { metadata: { k: fits.k + "x" } }),
    RangeError,
    "769 bytes",
  );
  const wrong = { metadata: { k: 7 as unknown as string } };
  await assertRejects(() => listen("mem://options", wrong), TypeError, "metadata.k");
});

test("limits hold at the bound and not one past it", async () => {
  const accepted = async (limits: Partial<typeof SESSION_LIMITS>) => {
    await using server = await listen("mem://limits", { limits });
    assertEquals(server.urls.length, 1);
  };
  await accepted({ windowBytes: WINDOW_BYTES_MIN });
  await accepted({ datagramWindowBytes: DATAGRAM_WINDOW_BYTES_MIN });
  await accepted({ compressionBytesMin: COMPRESSION_BYTES_MIN });
  await accepted({ streamWindowBytes: STREAM_WINDOW_BYTES_INITIAL });
  await accepted({ streamsWindowBytes: STREAMS_WINDOW_BYTES_INITIAL });
  await accepted({ streamsMax: STREAMS_MAX });
  await accepted({ messageBytesMax: 2 ** 30 - 1 });
  await accepted({ reassemblyBytesMax: 2 * SESSION_LIMITS.messageBytesMax });
  await accepted({ reassemblyMessagesMax: PARTED_MESSAGES_MAX });
  const { messageBytesMax, sendQueueBytesHigh } = SESSION_LIMITS;
  const refused: Partial<typeof SESSION_LIMITS>[] = [
    { windowBytes: WINDOW_BYTES_MIN - 1 },
    { compressionBytesMin: COMPRESSION_BYTES_MIN - 1 },
    { datagramWindowBytes: DATAGRAM_WINDOW_BYTES_MIN - 1 },
    { streamWindowBytes: STREAM_WINDOW_BYTES_INITIAL - 1 },
    { streamsWindowBytes: STREAMS_WINDOW_BYTES_INITIAL - 1 },
    { streamWindowBytes: WINDOW_BYTES_MAX + 1 },
    { streamsWindowBytes: WINDOW_BYTES_MAX + 1 },
    { streamsMax: STREAMS_MAX + 1 },
    { messageBytesMax: 2 ** 30 },
    { reassemblyBytesMax: 2 * messageBytesMax - 1 },
    { reassemblyMessagesMax: PARTED_MESSAGES_MAX - 1 },
    { sendQueueBytesMax: sendQueueBytesHigh - 1 },
    { reassemblyRunsMax: REASSEMBLY_RUNS_MAX + 1 },
    { reassemblyMessagesMax: REASSEMBLY_MESSAGES_MAX + 1 },
    { windowBytes: WINDOW_BYTES_MAX + 1 },
    { messageBytesMax: 1.5 },
    { rekeyPacketsMax: Infinity },
    { keepaliveMs: "5" as unknown as number },
    { keepaliveMs: 0 },
    { handshakeMsMax: NaN },
  ];
  await assertRejects(() => accepted({ windowByte: 1 } as object), TypeError, "windowByte");
  for (const limits of refused) await assertRejects(() => accepted(limits), RangeError, "limits.");
});

test("an algorithm that nobody knows is the caller's mistake", async () => {
  const wrong = { compress: ["brotli"] as unknown as ["zstd"] };
  await assertRejects(() => listen("mem://options", wrong), TypeError, "brotli");
});

test("addresses of hosts by name and of IPv6 work alike", async () => {
  for (const host of ["localhost", "[::1]"]) {
    for (const scheme of ["tcp", "ws", "udp"]) {
      await using server = await listen(`${scheme}://${host}:0`);
      await using connection = await connect(server.urls);
      connection.send(new Uint8Array([1]));
      assertEquals((await (await server.accept()).receive({ timeoutMs: 3_000 })).length, 1, server.urls[0]);
    }
  }
});

test("no address, and addresses that are none", async () => {
  for (const addresses of [[], "", "tcp:", "nonsense://x", "tcp://127.0.0.1:99999", "tcp://h:1#short"]) {
    for (const call of [() => connect(addresses, { trust: () => true }), () => listen(addresses)]) {
      assertEquals((await assertRejects(call, HawserError)).code, "invalid-address", `${addresses}`);
    }
  }
});

test("the next address is tried when one does not answer", async () => {
  await using server = await listen("tcp://127.0.0.1:0");
  const connection = await connect(["tcp://127.0.0.1:1", "mem://nobody", ...server.urls], {
    expect: server.id,
  });
  assertEquals(connection.peer.id, server.id);
  await connection.close();
});

test("a connection handler that throws ends that connection, and the server goes on", async () => {
  await using server = await listen("mem://throws");
  let count = 0;
  server.onConnection(() => {
    if (count++ === 0) throw new Error("oops");
  });
  await using first = await connect(server.urls);
  assertEquals((await first.closed).error?.code, "closed");
  await using second = await connect(server.urls);
  assertEquals(second.peer.id, server.id);
});

test("a message handler that throws ends the connection with its error as the cause", async () => {
  await using server = await listen("mem://handler");
  const accepted = server.accept();
  await using near = await connect(server.urls);
  const far = await accepted;
  const oops = new Error("oops");
  far.onMessage(() => {
    throw oops;
  });
  near.send(new Uint8Array(1));
  assertEquals((await far.closed).error?.cause, oops);
  assertEquals((await near.closed).by, "peer");
});

test("a hundred and fifty dial at once over UDP from one address, and all get in", async () => {
  await using server = await listen("udp://127.0.0.1:0");
  const dialling = Array.from(
    { length: 150 },
    () => connect(server.urls, { limits: { handshakeMsMax: 20_000 } }),
  );
  const connections = await Promise.all(dialling);
  assertEquals(new Set(connections.map(({ localAddress }) => localAddress)).size, 150);
});
