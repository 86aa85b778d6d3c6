// The block decoder against what a hostile peer may send: every refusal is `compression`, on every codec alike.

import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ReferenceCodec } from "../../src/codec/reference.ts";
import { Random } from "../simulation/random.ts";
import { freshCodecs, freshWasmCodecs } from "./codecs.ts";
import { blockOf, randomSequences, type Sequence, textOfSequences } from "./lz4_sequences.ts";
import { assertRefused, assertSameBytes, CHARACTERS, joined, textOf, unlessRefused } from "./lz4_texts.ts";

const SEED = 22;
const SIZE_MAX = 1_000_000;
const reference = new ReferenceCodec("for tests");
const LAST: Sequence = { literals: new Uint8Array(5).fill(0x2e) };
/** Enough behind a match for the quick loop of the core; `LAST` leaves it to the careful one. */
const LONG_LAST: Sequence = { literals: new Uint8Array(100).fill(0x2e) };

for (const { name, codec } of freshCodecs()) {
  test(`${name}: a block expands to sizeMax, and not a byte beyond`, () => {
    const random = new Random(SEED);
    for (const length of [1, 5, 100, 65_535, 65_536, 65_537, 73_728, 73_729, 300_000, 1_048_576]) {
      for (const character of ["one byte", "random", "words"] as const) {
        const text = textOf(character, length, random);
        const block = codec.lz4CompressBlock(text);
        const what = `${length} bytes, ${character}`;
        assertSameBytes(codec.lz4DecompressBlock(block, length), text, what);
        assertSameBytes(codec.lz4DecompressBlock(block, length + 1), text, what);
        const message = assertRefused(() => codec.lz4DecompressBlock(block, length - 1), what);
        assertStringIncludes(message, `more than ${length - 1} bytes; raise the limit`);
        assertRefused(() => codec.lz4DecompressBlock(block, 0), what);
      }
    }
    assertEquals(codec.lz4DecompressBlock(Uint8Array.of(0), 0).length, 0);
  });

  test(`${name}: no block at all, and no last literals, are damage`, () => {
    const matchAtEnd = blockOf([{ literals: new Uint8Array(10), offset: 1, match: 20 }]);
    const fourLast = blockOf([
      { literals: new Uint8Array(10), offset: 1, match: 20 },
      { literals: new Uint8Array(4) },
    ]);
    for (const block of [new Uint8Array(0), matchAtEnd, fourLast]) {
      assertStringIncludes(
        assertRefused(() => codec.lz4DecompressBlock(block, SIZE_MAX), "block"),
        "damaged",
      );
    }
    for (let length = 0; length < 20; length++) { // A single sequence may be as short as it likes.
      const literals = new Uint8Array(length).fill(7);
      assertEquals(codec.lz4DecompressBlock(blockOf([{ literals }]), length), literals);
    }
  });

  test(`${name}: offsets reach to the first byte, and not before it`, () => {
    for (const written of [1, 4, 15, 16, 17, 64, 300]) {
      const literals = new Uint8Array(written).map((_, i) => i);
      for (const last of [LAST, LONG_LAST]) {
        const reach = [{ literals, offset: written, match: 30 }, last];
        assertEquals(codec.lz4DecompressBlock(blockOf(reach), SIZE_MAX), textOfSequences(reach));
        for (const offset of [0, written + 1, written + 16, 0x7fff, 0xffff]) {
          const block = blockOf([{ literals, offset, match: 30 }, last]);
          const message = assertRefused(
            () => codec.lz4DecompressBlock(block, SIZE_MAX),
            `${offset} of ${written}`,
          );
          assertStringIncludes(message, "damaged");
        }
      }
    }
  });

  test(`${name}: every short offset with every short match (seed ${SEED})`, () => {
    const literals = new Random(SEED).bytes(80);
    for (let offset = 1; offset <= 70; offset++) {
      for (let match = 4; match <= 140; match += offset < 20 ? 1 : 7) {
        for (const last of [LAST, LONG_LAST]) {
          const sequences = [{ literals, offset, match }, { literals, offset: match, match: 5 }, last];
          const expected = textOfSequences(sequences);
          const actual = codec.lz4DecompressBlock(blockOf(sequences), expected.length);
          assertSameBytes(actual, expected, `offset ${offset}, match ${match}`);
        }
      }
    }
  });

  test(`${name}: lengths without end, and lengths over 2^32, are refused`, () => {
    for (const count of [0, 1, 2, 16, 100, 5_000, Math.ceil(2 ** 32 / 255)]) {
      const endless = new Uint8Array(count).fill(255);
      const literals = Uint8Array.of(0xf0);
      const match = Uint8Array.of(0x1f, 0x41, 0x01, 0x00);
      const damaged = [
        joined(literals, endless),
        joined(literals, endless, Uint8Array.of(0), LAST.literals),
        joined(match, endless),
      ];
      const tooLarge = joined(match, endless, Uint8Array.of(0), blockOf([LAST]));
      const bodies = 255 * count > SIZE_MAX ? [...damaged, tooLarge] : damaged;
      bodies.forEach((block, i) => {
        assertRefused(() => codec.lz4DecompressBlock(block, SIZE_MAX), `body ${i}, ${count} bytes of length`);
      });
    }
  });

  test(`${name}: a block cut anywhere is refused, or is a shorter text (seed ${SEED})`, () => {
    const random = new Random(SEED);
    for (const character of CHARACTERS) {
      const text = textOf(character, 600, random);
      const block = codec.lz4CompressBlock(text);
      for (let length = 0; length < block.length; length++) {
        const what = `${character}, ${length} of ${block.length} bytes`;
        const short = unlessRefused(() => codec.lz4DecompressBlock(block.subarray(0, length), 600), what);
        if (short === undefined) continue;
        assert(short.length < text.length, what);
        assertSameBytes(short, text.subarray(0, short.length), what);
      }
    }
  });
}

for (const { name, codec } of freshWasmCodecs()) {
  test(`${name}: damaged blocks mean what they mean to the reference (seed ${SEED})`, () => {
    const random = new Random(SEED);
    let read = 0;
    const rounds = 6_000;
    for (let round = 0; round < rounds; round++) {
      const block = round % 3 === 0 ? blockOf(randomSequences(random)) : damaged(validBlock(random), random);
      const sizeMax = random.chance(0.2) ? random.between(0, 300) : 100_000;
      const what = `round ${round} with seed ${SEED}`;
      const expected = unlessRefused(() => reference.lz4DecompressBlock(block, sizeMax), what);
      const actual = unlessRefused(() => codec.lz4DecompressBlock(block, sizeMax), what);
      assertEquals(actual === undefined, expected === undefined, `${what}: only one refuses`);
      if (actual === undefined || expected === undefined) continue;
      assertSameBytes(actual, expected, what);
      read++;
    }
    assert(read > rounds / 20 && read < rounds * 0.95, `${read} of ${rounds} were not refused`);
  });
}

function validBlock(random: Random): Uint8Array {
  const character = CHARACTERS[random.between(0, CHARACTERS.length - 1)];
  return reference.lz4CompressBlock(textOf(character, random.between(0, 700), random));
}

/** One to three bytes changed, cut out, doubled or put in. */
function damaged(block: Uint8Array, random: Random): Uint8Array {
  const bytes = [...block];
  for (let count = random.between(1, 3); count > 0; count--) {
    const at = random.between(0, bytes.length);
    const value = random.chance(0.3) ? [0, 0x0f, 0xf0, 0xff][random.between(0, 3)] : random.between(0, 255);
    const put = [[], [value], [value, bytes[at] ?? 0]][random.between(0, 2)];
    bytes.splice(at, 1, ...put);
  }
  return Uint8Array.from(bytes);
}
