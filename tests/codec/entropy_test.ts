// The entropy probe: what it lets through, what it turns away, and that the core judges as the reference does.
// The core shows its judgement in the flags of a packet.

import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { assert, assertEquals } from "@std/assert";
import { data, slices } from "../../bench/data.ts";
import type { Codec } from "../../src/codec/codec.ts";
import { looksCompressible } from "../../src/codec/entropy_reference.ts";
import { COMPRESSION_BYTES_MIN } from "../../src/compression_limits.ts";
import { Random } from "../simulation/random.ts";
import { freshCodecs, KEY, sealPacket } from "./codecs.ts";
import { textOf } from "./lz4_texts.ts";

const SEED = 256;
const LENGTHS = [512, 513, 1_000, 1_024, 4_096, 16_384, 65_535, 65_536];
const FLAG_LZ4 = 1;

for (const { name, codec } of freshCodecs()) {
  test(`${name}: JSON, source text and machine code are compressed`, () => {
    for (const kind of ["json", "declarations", "bundle"] as const) {
      for (const length of LENGTHS) {
        const next = slices(kind, length);
        for (let i = 0; i < 10; i++) {
          assert(isCompressed(codec, next()), `${kind}, ${length} bytes, slice ${i}`);
        }
      }
    }
    const next = slices("wasm", 16_384);
    for (let i = 0; i < 7; i++) assert(isCompressed(codec, next()), `WebAssembly, slice ${i}`);
    // Behind the code lie tables of curve points: nothing would be won.
    const tables = data.wasm.subarray(131_560, 131_560 + 16_384);
    assert(!isCompressed(codec, tables) && codec.lz4CompressBlock(tables).length > 0.98 * tables.length);
  });

  test(`${name}: encrypted, random and compressed bytes go as they are (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const encrypted = codec.chacha20poly1305(KEY, KEY.subarray(0, 12)).encrypt(
      data.bundle.subarray(0, 200_000),
    );
    const deflated = new Uint8Array(deflateRawSync(data.bundle.subarray(0, 1_000_000)));
    assert(deflated.length > 100_000);
    for (const length of LENGTHS) {
      for (let round = 0; round < 20; round++) {
        assert(!isCompressed(codec, random.bytes(length)), `random, ${length} bytes`);
        const at = 1_000 + round * 1_000;
        assert(
          !isCompressed(codec, deflated.subarray(at, at + length)),
          `deflated, ${length} bytes from ${at}`,
        );
        assert(
          !isCompressed(codec, encrypted.subarray(at, at + length)),
          `encrypted, ${length} bytes from ${at}`,
        );
      }
    }
  });

  test(`${name}: below ${COMPRESSION_BYTES_MIN} bytes nothing is compressed`, () => {
    assert(!isCompressed(codec, new Uint8Array(COMPRESSION_BYTES_MIN - 1)));
    assert(isCompressed(codec, new Uint8Array(COMPRESSION_BYTES_MIN)));
  });

  test(`${name}: the judgement is the reference's, near the threshold too (seed ${SEED})`, () => {
    const random = new Random(SEED);
    let passed = 0;
    const rounds = 600;
    for (let round = 0; round < rounds; round++) {
      const text = nearThreshold(random);
      const expected = looksCompressible(text);
      assertEquals(isCompressed(codec, text), expected, `round ${round} with seed ${SEED}`);
      if (expected) passed++;
    }
    assert(passed > rounds / 5 && passed < rounds * 4 / 5, `${passed} of ${rounds} passed`);
  });
}

test("the probe turns away nearly all random samples, and short ones never", () => {
  const random = new Random(SEED);
  let passed = 0;
  for (let round = 0; round < 2_000; round++) if (looksCompressible(random.bytes(256))) passed++;
  assert(passed <= 2, `${passed} of 2,000`);
  for (const length of [0, 1, 255]) assert(looksCompressible(textOf("random", length, random)));
});

test("the probe looks at the whole of a source", () => {
  for (const length of [256, 1_000, 65_536]) {
    const half = length >> 1;
    const text = new Random(SEED).bytes(length);
    text.fill(0x20, half);
    assert(looksCompressible(text), `${length} bytes, even at the end`);
    assert(looksCompressible(text.reverse()), `${length} bytes, even at the start`);
  }
});

/** Whether a packet with this body is sealed compressed. */
function isCompressed(codec: Codec, text: Uint8Array): boolean {
  const sealer = codec.createSealer({ key: KEY, lane: 0, datagram: false });
  const packet = sealPacket(codec, sealer, text, true);
  sealer.dispose();
  return (packet[5] & 3) === FLAG_LZ4;
}

/** Always shorter when compressed, because its first half comes twice, but with bytes that are nearly random. */
function nearThreshold(random: Random): Uint8Array {
  const half = random.between(300, random.chance(0.3) ? 32_768 : 2_000);
  // Equal pairs grow with the square of the share of one byte: 5 % to 8 % is about the threshold.
  const share = 0.04 + 0.05 * random.next();
  const bytes = new Uint8Array(half).map(() => random.chance(share) ? 0x41 : random.between(0, 255));
  const text = new Uint8Array(2 * half);
  text.set(bytes);
  text.set(bytes, half);
  return text;
}
