// A conversation with an echo: many small messages, a large one, streams, and an orderly close.

import { createHash } from "node:crypto";
import process from "node:process";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Connection, HawserError } from "../../mod.ts";
import { blockSigner, checkBlock, createBlock } from "../../src/connection/blocks/mod.ts";
import { digest, numbered, numberOf } from "./messages.ts";
import { connect } from "./tls.ts";

const SIZES = 1_500;
const MIB = 1024 * 1024;
// What the second half of 96 MiB there and back would take, if anybody kept it, is half as much again.
const GROWTH_BYTES_MAX = 64 * MIB;

/** How much is said. */
export interface ConverseOptions {
  /** Small messages, most a byte longer than the one before. Default 5,000. */
  readonly count?: number;
  /** Bytes of the large one, over reliable links. Default 3,000,000. */
  readonly largeBytes?: number;
  /** Messages of 1 MiB, over reliable links. Default 96. */
  readonly bulk?: number;
  /**
   * Whether this process does nothing else: then its memory must stay flat. One that runs other tests too, as Bun does,
   * collects their garbage when it likes. Default false.
   */
  readonly isAlone?: boolean;
}

/** Dials an echo server and talks to it; throws where anything is not as it should be. */
export async function converse(
  address: string,
  isReliable: boolean,
  { count = 5_000, largeBytes = 3_000_000, bulk = 96, isAlone = false }: ConverseOptions = {},
): Promise<void> {
  await using connection = await connect(address, { limits: { rekeyPacketsMax: 100 } });
  const seen = new Set<number>();
  const { promise: done, resolve } = Promise.withResolvers<void>();
  connection.onMessage((message) => {
    const number = numberOf(message);
    assert(!seen.has(number), `message ${number} came twice over ${address}`);
    if (isReliable) assertEquals(number, seen.size);
    seen.add(number);
    if (seen.size === count) resolve();
  });
  for (let index = 0; index < count; index++) {
    if (!connection.send(numbered(index, 20 + index % SIZES))) await connection.drained();
  }
  const timer = setTimeout(resolve, isReliable ? 20_000 : 1_500);
  await Promise.race([done, connection.closed]);
  clearTimeout(timer);
  if (isReliable) assertEquals(seen.size, count, address);
  else assert(seen.size >= count / 2, `${seen.size} of ${count} over ${address}`);

  connection.onMessage(undefined);
  const large = numbered(1, isReliable ? largeBytes : 50_000);
  connection.send(large);
  if (isReliable) {
    assertEquals(digest(await connection.receive({ timeoutMs: 20_000 })), digest(large));
    const growth = await carryBulk(connection, bulk);
    if (isAlone) assert(growth < GROWTH_BYTES_MAX, `memory grew by ${growth} bytes over ${address}`);
  }
  if (connection.traits.kind !== "datagram") await carryStreams(connection);
  if (isReliable) await carryBlocks(connection);
  const info = await connection.close({ code: 1_000, reason: "done" });
  assertEquals([info.by, info.error], ["local", undefined]);
}

/** Blocks there and back, in each layout; what comes back is signed as it was. */
async function carryBlocks(connection: Connection): Promise<void> {
  const signer = blockSigner(new Uint8Array(32).fill(4));
  const block = createBlock({ signer, payload: numbered(4, 20_000), nowMs: Date.now() });
  for (const layout of ["binary", "json", "messagepack"] as const) {
    await connection.sendBlock(block, { layout });
    const back = await connection.receiveBlock({ timeoutMs: 20_000 });
    assertEquals([back, checkBlock(back, { nowMs: Date.now() })], [block, undefined]);
  }
}

/** A file there and back on a stream, and a stream that is given up. */
async function carryStreams(connection: Connection): Promise<void> {
  const file = numbered(3, 500_000);
  const [stream, lost] = await Promise.all([connection.openStream("file"), connection.openStream("lost")]);
  const writer = stream.writable.getWriter();
  const writing = (async () => {
    for (let at = 0; at < file.length; at += 30_001) await writer.write(file.subarray(at, at + 30_001));
    await writer.close();
  })();
  await lost.writable.abort(300);
  const back = new Uint8Array(await new Response(stream.readable).arrayBuffer());
  await writing;
  assertEquals(digest(back), digest(file));
  const error = await assertRejects(() => lost.readable.getReader().read(), HawserError);
  assertEquals([error.code, error.streamCode], ["stream-reset", 300]);
  assertEquals([await stream.closed, (await lost.closed)?.streamCode], [undefined, 300]);
}

/** As much as would show if anybody kept it: what goes there comes back. Returns by how much memory grew late. */
async function carryBulk(connection: Connection, count: number): Promise<number> {
  const [there, back] = [createHash("sha256"), createHash("sha256")];
  const message = numbered(2, MIB);
  // The most that the process had in either half: in the first, heaps grow to the size that such a load needs.
  const most = [0, 0];
  const receiving = (async () => {
    for (let index = 0; index < count; index++) {
      back.update(await connection.receive({ timeoutMs: 20_000 }));
      const half = index < count / 2 ? 0 : 1;
      most[half] = Math.max(most[half], process.memoryUsage().rss);
    }
  })();
  for (let index = 0; index < count; index++) {
    message[0] = index;
    there.update(message);
    if (!connection.send(message)) await connection.drained({ timeoutMs: 20_000 });
  }
  await receiving;
  assertEquals(back.digest("hex"), there.digest("hex"));
  return most[1] - most[0];
}
