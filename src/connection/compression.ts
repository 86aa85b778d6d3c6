/**
 * What `compress` names, as a session needs it.
 *
 * @module
 */

import { nativeCompressor } from "../codec/body_compressor.ts";
import type { CompressionName, Compressor } from "../codec/codec.ts";

export type { CompressionName, Compressor } from "../codec/codec.ts";

/** What the option `compress` takes: algorithms, the preferred one first. */
export type CompressionChoice = boolean | readonly (CompressionName | Compressor)[];

/**
 * The algorithms of a choice that can be had here. `true` is LZ4, which all runtimes have and which is the fastest.
 *
 * @throws {TypeError} for one that nobody knows
 * @throws {RangeError} for one that is named twice
 */
export function compressionsOf(choice: CompressionChoice): ("lz4" | Compressor)[] {
  if (typeof choice === "boolean") return choice ? ["lz4"] : [];
  const names = choice.map(nameOf);
  if (new Set(names).size < names.length) {
    throw new RangeError(`compress names an algorithm twice: ${names.join(", ")}`);
  }
  return choice.flatMap((each) => available(each) ?? []);
}

/** @throws {TypeError} for one that nobody knows. */
function nameOf(each: CompressionName | Compressor): CompressionName {
  const name = typeof each === "object" ? each.name : each;
  if (name !== "lz4" && name !== "zstd" && name !== "gzip") {
    throw new TypeError(`compress must name "lz4", "zstd" or "gzip", not ${name}`);
  }
  return name;
}

function available(each: CompressionName | Compressor): "lz4" | Compressor | undefined {
  return typeof each === "object" || each === "lz4" ? each : nativeCompressor(each);
}
