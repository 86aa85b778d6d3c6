/**
 * The hash functions of Noise (§12.5-12.8) by their names.
 *
 * @module
 */

import { blake2b, blake2s } from "@noble/hashes/blake2.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { fromNoble, type NoiseHash, SHA256 } from "./hash.ts";

/** The hash functions by the name that they have in a protocol name. */
export const HASHES: Readonly<Record<string, NoiseHash | undefined>> = {
  SHA256,
  SHA512: fromNoble(sha512),
  BLAKE2s: fromNoble(blake2s),
  BLAKE2b: fromNoble(blake2b),
};
