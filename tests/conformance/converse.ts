// A conversation with an echo: many small messages, a large one, and an orderly close.

import { assert, assertEquals } from "@std/assert";
import { connect } from "../../mod.ts";
import { digest, numbered, numberOf } from "./messages.ts";

/** How much is said. */
export interface ConverseOptions {
  /** Small messages, each a byte longer than the one before. Default 2,000. */
  readonly count?: number;
  /** Bytes of the large one, over reliable links. Default 3,000,000. */
  readonly largeBytes?: number;
}

/** Dials an echo server and talks to it; throws where anything is not as it should be. */
export async function converse(
  address: string,
  isReliable: boolean,
  { count = 2_000, largeBytes = 3_000_000 }: ConverseOptions = {},
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
    if (!connection.send(numbered(index, 20 + index))) await connection.drained();
  }
  const timer = setTimeout(resolve, isReliable ? 20_000 : 1_500);
  await Promise.race([done, connection.closed]);
  clearTimeout(timer);
  if (isReliable) assertEquals(seen.size, count, address);
  else assert(seen.size >= count / 2, `${seen.size} of ${count} over ${address}`);

  connection.onMessage(undefined);
  const large = numbered(1, isReliable ? largeBytes : 50_000);
  connection.send(large);
  if (isReliable) assertEquals(digest(await connection.receive({ timeoutMs: 20_000 })), digest(large));
  const info = await connection.close({ code: 1_000, reason: "done" });
  assertEquals([info.by, info.error], ["local", undefined]);
}
