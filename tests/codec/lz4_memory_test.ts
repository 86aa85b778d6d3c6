// What LZ4 gives depends on its input alone, and it touches nothing but the ranges that it is given.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { LZ4_TOO_LARGE, lz4BlockBytesMax } from "../../src/codec/lz4_block.ts";
import { ReferenceCodec } from "../../src/codec/reference.ts";
import { type CoreBuild, coreModule } from "../../src/codec/core_modules.ts";
import { WasmCore } from "../../src/codec/wasm_core.ts";
import { WasmCodec } from "../../src/codec/wasm.ts";
import { Random } from "../simulation/random.ts";
import { freshWasmCodecs } from "./codecs.ts";
import { blockOf, randomSequences, textOfSequences } from "./lz4_sequences.ts";
import { assertSameBytes, CHARACTERS, textOf, unlessRefused } from "./lz4_texts.ts";

const SEED = 1_000;
const PREFILLS = [0x00, 0xff];
const MEMORY_BYTES = 2 * 1024 * 1024;
const GUARD_BYTES = 512;
const reference = new ReferenceCodec("for tests");

for (const { name, codec: { build } } of freshWasmCodecs()) {
  test(`${name}: whole or damaged blocks give the same over memory of 0x00 and of 0xff (seed ${SEED})`, () => {
    const codec = new WasmCodec(build);
    const random = new Random(SEED);
    for (let round = 0; round < 1_500; round++) {
      const block = blockOfRound(round, random);
      const results = PREFILLS.map((prefill) => {
        const { bytes, map } = codec.core;
        bytes.fill(prefill, map.work, map.incoming);
        return unlessRefused(() => codec.lz4DecompressBlock(block, 5_000), `round ${round}, seed ${SEED}`);
      });
      assertEquals(results[0], results[1], `round ${round} with seed ${SEED}`);
    }
  });

  test(`${name}: compressing gives the same over memory of 0x00 and of 0xff (seed ${SEED})`, () => {
    const codec = new WasmCodec(build);
    const random = new Random(SEED);
    for (const character of CHARACTERS) {
      for (let round = 0; round < 20; round++) {
        const text = textOf(character, random.between(0, 5_000), random);
        const [first, second] = PREFILLS.map((prefill) => {
          const { bytes, map } = codec.core;
          bytes.fill(prefill, map.work, map.incoming);
          return codec.lz4CompressBlock(text);
        });
        assertSameBytes(first, second, `${character}, round ${round} with seed ${SEED}`);
      }
    }
  });

  test(`${name}: decompressing stays inside block and target, at the end of memory too (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const core = coreWithRoom(build);
    for (let round = 0; round < 4_000; round++) {
      const [block, length] = round % 2 === 0 ? [blockOfRound(round, random), 400] : sequencesOfRound(random);
      const capacity = Math.max(0, length - (random.chance(0.5) ? random.between(0, length) : 0));
      const expected = unlessRefused(() => reference.lz4DecompressBlock(block, capacity), `round ${round}`);
      const what = `round ${round} with seed ${SEED}`;
      for (const sourceLast of [true, false]) {
        const place = placed(core, block, capacity, sourceLast);
        const length = core.exports.lz4DecompressAfter(
          place.source,
          block.length,
          place.target,
          place.target,
          capacity,
        );
        assertEquals(length >= 0, expected !== undefined, `${what}: ${length}`);
        if (expected !== undefined) {
          assertSameBytes(core.bytes.subarray(place.target, place.target + length), expected, what);
        }
        assertGuarded(core, place.target, capacity, what);
      }
    }
  });

  test(`${name}: wide copies end where the target ends, wherever that is`, () => {
    const core = coreWithRoom(build);
    for (const match of [18, 19, 33, ...Array.from({ length: 18 }, (_, i) => 63 + i)]) {
      for (const offset of [1, 5, 15, 16, 20]) {
        const first = { literals: new Uint8Array(20).fill(3), offset, match };
        const second = { literals: new Uint8Array(14).fill(2), offset, match: 18 };
        const sequences = [first, second, { literals: new Uint8Array(60).fill(1) }];
        const [block, text] = [blockOf(sequences), textOfSequences(sequences)];
        for (let capacity = 0; capacity <= text.length; capacity++) {
          const { source, target } = placed(core, block, capacity, true);
          const { lz4DecompressAfter } = core.exports;
          const length = lz4DecompressAfter(source, block.length, target, target, capacity);
          const what = `match ${match}, offset ${offset}, capacity ${capacity}`;
          assertEquals(length, capacity === text.length ? text.length : LZ4_TOO_LARGE, what);
          assertGuarded(core, target, capacity, what);
        }
      }
    }
  });

  test(`${name}: compressing stays inside source and target, at the end of memory too (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const core = coreWithRoom(build);
    for (let round = 0; round < 600; round++) {
      const text = textOf(CHARACTERS[round % CHARACTERS.length], random.between(0, 1_500), random);
      const capacity = random.chance(0.5) ? lz4BlockBytesMax(text.length) : random.between(0, text.length);
      const what = `round ${round} with seed ${SEED}`;
      for (const sourceLast of [true, false]) {
        const { source, target } = placed(core, text, capacity, sourceLast);
        const length = core.exports.lz4Compress(source, text.length, target, capacity);
        assertEquals(length >= 0 && length <= capacity, true, what);
        if (length > 0) {
          const block = core.bytes.slice(target, target + length);
          assertSameBytes(reference.lz4DecompressBlock(block, text.length), text, what);
        }
        assertGuarded(core, target, capacity, what);
      }
    }
  });
}

/** Whole blocks and, two times out of three, damaged ones. */
function blockOfRound(round: number, random: Random): Uint8Array {
  const character = CHARACTERS[round % CHARACTERS.length];
  const block = reference.lz4CompressBlock(textOf(character, random.between(0, 400), random));
  if (round % 3 > 0) block[random.between(0, block.length - 1)] = random.between(0, 255);
  return block;
}

/** A block of sequences, and how long its text is, or would be. */
function sequencesOfRound(random: Random): [block: Uint8Array, length: number] {
  const sequences = randomSequences(random);
  return [blockOf(sequences), textOfSequences(sequences).length];
}

function coreWithRoom(build: CoreBuild): WasmCore {
  const core = new WasmCore(coreModule(build));
  core.growTo(MEMORY_BYTES);
  return core;
}

/** Puts the source behind the target or before it: what lies last ends with memory, so that a read beyond it traps. */
function placed(
  core: WasmCore,
  input: Uint8Array,
  capacity: number,
  sourceLast: boolean,
): { source: number; target: number } {
  const end = core.bytes.length;
  const [lastBytes, otherBytes] = sourceLast ? [input.length, capacity] : [capacity, input.length];
  const last = end - lastBytes;
  const other = last - GUARD_BYTES - otherBytes;
  core.bytes.fill(0xa5, other - GUARD_BYTES, end);
  const [source, target] = sourceLast ? [last, other] : [other, last];
  core.bytes.set(input, source);
  return { source, target };
}

/** The bytes next to the target are as `placed` left them. */
function assertGuarded(core: WasmCore, target: number, capacity: number, what: string): void {
  const before = core.bytes.subarray(target - GUARD_BYTES, target);
  const behind = core.bytes.subarray(target + capacity).subarray(0, GUARD_BYTES);
  for (const [guard, side] of [[before, "before"], [behind, "behind"]] as const) {
    const at = guard.findIndex((byte) => byte !== 0xa5);
    assertEquals(at, -1, `${what}: byte ${at} ${side} the target was written`);
  }
}
