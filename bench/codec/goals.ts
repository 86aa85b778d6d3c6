/**
 * What the codec is meant to reach: our figure divided by the peer's, in one run.
 *
 * @module
 */

import type { RuntimeName } from "../../tests/runtimes/executables.ts";

interface Goal {
  readonly operations: readonly string[];
  readonly sizes: readonly [min: number, max: number];
  readonly peer: string;
  /** None where the runtime lacks the peer. */
  readonly ratios: Readonly<Partial<Record<RuntimeName, number>>>;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const BOTH = ["seal text", "open text", "seal packet", "open packet"];
const SEAL = ["seal text", "seal packet"];

const GOALS: readonly Goal[] = [
  goal(BOTH, [16 * KIB, MIB], "@noble/ciphers", 6.5, 4.8, 6.5),
  goal(SEAL, [16 * KIB, 16 * KIB], "libsodium-wrappers", 2.8, 1.8, 2.5),
  goal(SEAL, [16 * KIB, MIB], "node:crypto", 1.0, undefined, 0.95),
  goal(["seal packet"], [KIB, KIB], "@noble/ciphers", 8, 5.3, 8),
  goal(["seal packet"], [KIB, KIB], "libsodium-wrappers", 2.6, 1.7, 2.6),
  goal(["seal packet"], [64, 64], "@noble/ciphers", 28, 13, 22),
  goal(["seal packet"], [64, 64], "libsodium-wrappers", 6, 3.5, 5.5),
  goal(["LZ4 compress"], [KIB, KIB], "lz4-napi", 1.5, 1.5, 1.5),
  goal(["LZ4 compress"], [16 * KIB, MIB], "lz4-napi", 1, 1, 1),
  goal(["LZ4 decompress"], [16 * KIB, MIB], "lz4-napi", 1.3, 1.3, 1.3),
  goal(["LZ4 + seal packet"], [KIB, KIB], "lz4js + @noble/ciphers", 8, 6, 8),
  goal(["LZ4 + seal packet"], [KIB, KIB], "lz4-napi + node:crypto", 3.3, undefined, 3.3),
];

/** The least ratio that is meant to be reached, if there is a goal. */
export function goalOf(
  runtime: RuntimeName,
  { operation, size, peer }: { readonly operation: string; readonly size: number; readonly peer: string },
): number | undefined {
  return GOALS.find(({ operations, sizes: [min, max], peer: name }) =>
    operations.includes(operation) && min <= size && size <= max && name === peer
  )?.ratios[runtime];
}

function goal(
  operations: readonly string[],
  sizes: readonly [number, number],
  peer: string,
  deno: number,
  bun: number | undefined,
  node: number,
): Goal {
  return { operations, sizes, peer, ratios: { deno, bun, node } };
}
