// XXH32 against the values that its project publishes; the core against the reference.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { xxh32 } from "../../src/codec/xxhash32_reference.ts";
import { Random } from "../simulation/random.ts";
import { freshWasmCodecs } from "./codecs.ts";

const SEED = 32;
const PRIME_32 = 0x9e3779b1;
const PRIME_64 = 0x9e3779b185ebca8dn;

/** Length in the sanity buffer, seed, value: tests/sanity_test_vectors.h of xxHash 0.8.2. */
const SANITY: readonly (readonly [length: number, seed: number, value: number])[] = [
  [0, 0, 0x02cc5d05],
  [0, PRIME_32, 0x36b78ae7],
  [1, 0, 0xcf65b03e],
  [1, PRIME_32, 0xb4545aa4],
  [14, 0, 0x1208e7e2],
  [14, PRIME_32, 0x6af1d1fe],
  [222, 0, 0x5bd11dbd],
  [222, PRIME_32, 0x58803c5f],
];

/** Known values of texts, with seed 0; the last one is in the documentation of python-xxhash. */
const TEXTS: readonly (readonly [text: string, value: number])[] = [
  ["a", 0x550d7456],
  ["abc", 0x32d153ff],
  ["Nobody inspects the spammish repetition", 0xe2293b2f],
];

const engines = [
  { name: "reference", hash: xxh32 },
  ...freshWasmCodecs().map(({ name, codec: { core } }) => ({
    name,
    hash(bytes: Uint8Array, seed = 0): number {
      core.bytes.set(bytes, core.map.work);
      return core.exports.xxh32(core.map.work, bytes.length, seed) >>> 0;
    },
  })),
];

for (const { name, hash } of engines) {
  test(`${name}: the published values of XXH32`, () => {
    const buffer = sanityBuffer(222);
    for (const [length, seed, value] of SANITY) {
      assertEquals(hash(buffer.subarray(0, length), seed), value, `${length} bytes, seed ${seed}`);
    }
    for (const [text, value] of TEXTS) assertEquals(hash(new TextEncoder().encode(text)), value, text);
  });

  test(`${name}: XXH32 equals the reference at every length to 300 and at random ones (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const pool = random.bytes(66_000);
    const lengths = Array.from({ length: 20 }, () => random.between(301, 65_536));
    for (let length = 0; length <= 300; length++) lengths.push(length);
    for (const length of lengths) {
      const bytes = pool.subarray(length % 7, (length % 7) + length);
      const seed = length % 2 === 0 ? 0 : random.between(0, 0xffffffff);
      assertEquals(hash(bytes, seed), xxh32(bytes, seed), `${length} bytes, hash seed ${seed}`);
    }
  });
}

/** The bytes that the sanity check of xxHash hashes. */
function sanityBuffer(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = BigInt(PRIME_32);
  for (let i = 0; i < length; i++) {
    bytes[i] = Number(state >> 56n);
    state = BigInt.asUintN(64, state * PRIME_64);
  }
  return bytes;
}
