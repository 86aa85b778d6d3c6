// The bare Poly1305 against RFC 8439 §2.5 in big integers, where its limbs are fullest: alone and within the rounds.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { fromHex } from "../noise/hex.ts";
import { Random } from "../simulation/random.ts";
import { freshWasmCodecs, KEY } from "./codecs.ts";

const SEED = 1305;
const P = 2n ** 130n - 5n;
const CLAMP = 0x0ffffffc_0ffffffc_0ffffffc_0fffffffn;

/** The registers of wasm/assembly/memory.ts: accumulator, factors and pad of Poly1305. */
const POLY_STATE = { at: 0x1100, length: 120, pad: 104 };

/** All that r can be at most, an r without carries, and what random keys give. */
const KEYS = [
  new Uint8Array(32).fill(255),
  new Uint8Array(32).fill(255, 3, 5),
  ...[1, 2, 3, 4].map((index) => new Random(SEED + index).bytes(32)),
];

test("the reference gives the tag of RFC 8439 §2.5.2", () => {
  const key = fromHex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b");
  const text = new TextEncoder().encode("Cryptographic Forum Research Group");
  assertEquals(reference(key, text), fromHex("a8061dc1305136c6c22b8baf0c0127a9"));
});

for (const { name, codec } of freshWasmCodecs()) {
  const { core } = codec;
  const { work } = core.map;

  test(`${name}: Poly1305 of words at their limits (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const words = [0, 1, 5, 0x7fffffff, 0x80000000, 0xfffffffa, 0xfffffffb, 0xffffffff];
    for (const key of KEYS) {
      for (let blocks = 0; blocks < 60; blocks++) {
        const text = new Uint32Array(4 * blocks).map(() => words[random.between(0, words.length - 1)]);
        const bytes = new Uint8Array(blocks % 3 === 0 ? text.fill(0xffffffff).buffer : text.buffer);
        core.bytes.set(bytes, work);
        core.setKey(key);
        core.exports.polyOnce(blocks);
        assertEquals(core.bytes.slice(work, work + 16), reference(key, bytes), `${blocks} blocks`);
      }
    }
  });

  test(`${name}: Poly1305 within the rounds, with the largest r and ciphertext`, () => {
    for (const length of [64, 512, 576, 1_024, 2_500, 8_192]) {
      for (const byte of [0, 255]) {
        // ChaCha20 is started as for any text; but Poly1305 gets the largest key in place of its own.
        core.setKey(KEY);
        core.exports.streamStart(0);
        const ofKey = polyState(KEYS[0]);
        core.bytes.fill(byte, work, work + length);
        core.exports.streamSeal(1, length); // Now the text becomes this byte everywhere when it is sealed.
        core.bytes.set(ofKey, POLY_STATE.at);
        core.exports.streamSeal(1, length);
        const ciphertext = core.bytes.slice(work, work + length);
        assertEquals(ciphertext, new Uint8Array(length).fill(byte));
        core.exports.streamTag(0, length);
        const lengths = new Uint8Array(new BigUint64Array([0n, BigInt(length)]).buffer);
        const padded = new Uint8Array(Math.ceil(length / 16) * 16 + 16);
        padded.set(ciphertext);
        padded.set(lengths, padded.length - 16);
        assertEquals(
          core.bytes.slice(work, work + 16),
          reference(KEYS[0], padded),
          `${length} bytes of ${byte}`,
        );
      }
    }
  });
}

/** What Poly1305 is started with for a key. */
function polyState(key: Uint8Array): Uint8Array {
  const state = new Uint8Array(POLY_STATE.length);
  const words = new BigUint64Array(state.buffer, 0, 13);
  const limb = (index: number) =>
    (littleEndian(key.subarray(0, 16)) & CLAMP) >> BigInt(32 * index) & 0xffffffffn;
  const [r0, r1, r2, r3] = [0, 1, 2, 3].map(limb);
  const [s1, s2, s3] = [r1, r2, r3].map((r) => r + r / 4n);
  const [b, c] = [s2 - r0, r2 - r0];
  words.set([r0, s3 - r0, r1 - r0, b, s1 - s3 - b, s3 - r1 - b, c, r1 - s3 - c, r3 - r1 - c], 4);
  state.set(key.subarray(16), POLY_STATE.pad);
  return state;
}

/** RFC 8439 §2.5.1, word for word. */
function reference(key: Uint8Array, text: Uint8Array): Uint8Array {
  const r = littleEndian(key.subarray(0, 16)) & CLAMP;
  let accumulator = 0n;
  for (let at = 0; at < text.length; at += 16) {
    const block = text.subarray(at, at + 16);
    accumulator = (accumulator + littleEndian(block) + (1n << BigInt(8 * block.length))) * r % P;
  }
  const tag = accumulator + littleEndian(key.subarray(16));
  return Uint8Array.from({ length: 16 }, (_, index) => Number(tag >> BigInt(8 * index) & 255n));
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
}
