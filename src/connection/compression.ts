/**
 * What `compress` names, as a session needs it.
 *
 * @module
 */

import { nativeCompressor } from "../codec/body_compressor.ts";
import type { CompressionName, Compressor } from "../codec/codec.ts";

export type { CompressionName } from "../codec/codec.ts";

/** What the option `compress` takes: algorithms, the preferred one first. */
export type CompressionChoice = boolean | readonly CompressionName[];

/**
 * The algorithms of a choice that can be had here. `true` is LZ4, which all runtimes have and which is the fastest.
 *
 * @throws {TypeError} for one that nobody knows
 */
export function compressionsOf(choice: CompressionChoice): ("lz4" | Compressor)[] {
  if (typeof choice === "boolean") return choice ? ["lz4"] : [];
  return choice.flatMap((each) => {
    if (each === "lz4") return each;
    if (each !== "zstd" && each !== "gzip") {
      throw new TypeError(`compress must name "lz4", "zstd" or "gzip", not ${each}`);
    }
    return nativeCompressor(each) ?? [];
  });
}
