// What compresses between this runtime and each of the three, over real sockets.

import { test } from "node:test";
import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import { type CompressionChoice, connect, type Connection } from "../../mod.ts";
import { slices } from "../../bench/data.ts";
import { currentRuntime, runtimes, spawnRuntime } from "../runtimes/runtimes.ts";

const TEXT = slices("json", 200_000)();

/** The listener's choice, ours, and what comes of it on the way there and back. */
const CASES: readonly [
  CompressionChoice,
  CompressionChoice,
  there: string | undefined,
  back: string | undefined,
][] = [
  [true, true, "lz4", "lz4"],
  [["zstd"], ["zstd", "lz4"], "zstd", "zstd"],
  [["gzip"], ["gzip"], "gzip", "gzip"],
  [["lz4", "gzip", "zstd"], ["zstd", "gzip", "lz4"], "zstd", "lz4"],
  [true, ["zstd", "gzip", "lz4"], "lz4", "lz4"],
  [["gzip"], ["zstd"], undefined, undefined],
  [false, ["zstd", "lz4"], undefined, undefined],
];

for (const { name: listener } of runtimes) {
  test(`${currentRuntime()} and ${listener} compress with what both name, in the order of the sender`, async () => {
    const choices = CASES.map(([choice]) => JSON.stringify(choice));
    await using process = spawnRuntime(listener, "tests/connection/fixtures/compression_server.ts", choices);
    const urls: string[] = JSON.parse(await process.nextLine());
    for (const [index, [, compress, there, back]] of CASES.entries()) {
      await using connection = await connect(urls[index], { compress });
      const title = `${JSON.stringify(CASES[index])}`;
      const { echo, far, bytes } = await exchange(connection);
      assertEquals(Buffer.compare(echo, TEXT), 0, title);
      assertEquals([connection.stats().compression, far.compression], [there, back], title);
      for (const [name, count] of [[there, far.bytes], [back, bytes]] as const) {
        const isShorter = count < TEXT.length / 2;
        assert(isShorter === (name !== undefined), `${title}: ${count} bytes for ${TEXT.length}`);
      }
    }
    process.closeInput();
    assertEquals(await process.exited.then(({ code }) => code), 0);
  });
}

/** Sends the text; returns its echo, how many bytes came for it, and what the other side says. */
async function exchange(connection: Connection) {
  connection.send(TEXT);
  const echo = await connection.receive({ timeoutMs: 10_000 });
  const bytes = connection.stats().received.bytes;
  const words = await connection.receive({ timeoutMs: 10_000 });
  const far: { readonly bytes: number; readonly compression?: string } = JSON.parse(
    new TextDecoder().decode(words),
  );
  return { echo, bytes, far };
}
