// Frames of a hostile peer: damaged, cut short, lying. Every refusal is `compression`.

import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Lz4Engine } from "../../src/codec/lz4_block.ts";
import { lz4DecompressFrame } from "../../src/codec/lz4_frame.ts";
import { LZ4_REFERENCE } from "../../src/codec/lz4_reference.ts";
import { ReferenceCodec } from "../../src/codec/reference.ts";
import { Random } from "../simulation/random.ts";
import { freshCodecs, freshWasmCodecs } from "./codecs.ts";
import { frameOf, type FrameParts, skippableFrame, word32 } from "./lz4_frames.ts";
import { assertRefused, assertSameBytes, joined, textOf, unlessRefused } from "./lz4_texts.ts";

const SEED = 2204;
const SIZE_MAX = 100_000;
const reference = new ReferenceCodec("for tests");
const TEXT = textOf("words", 200, new Random(SEED));
const NOISE = textOf("random", 30, new Random(SEED));
const BOTH = joined(TEXT, NOISE);
const BLOCKS = [{ data: reference.lz4CompressBlock(TEXT) }, { data: NOISE, stored: true }];
/** Frames with more and less to be checked by. */
const FRAMES: Readonly<Record<string, FrameParts>> = {
  bare: { blocks: BLOCKS },
  linked: { blocks: BLOCKS, linked: true },
  "block checksums": { blocks: BLOCKS, blockChecksums: true },
  "content checksum": { blocks: BLOCKS, checksumOf: BOTH },
  everything: { blocks: BLOCKS, blockChecksums: true, checksumOf: BOTH, contentBytes: BOTH.length },
};

for (const { name, codec } of freshCodecs()) {
  test(`${name}: no value of any byte of a frame that it wrote gives another text`, () => {
    const text = TEXT.subarray(0, 60);
    const frame = codec.lz4CompressFrame(text);
    let refused = 0;
    for (let at = 0; at < frame.length; at++) {
      const right = frame[at];
      for (let value = 0; value < 256; value++) {
        frame[at] = value;
        const what = `byte ${at} is ${value}`;
        const result = unlessRefused(() => codec.lz4DecompressFrame(frame, SIZE_MAX), what);
        // The last token says nothing with its low half, and an offset to an equal place is as good.
        if (result !== undefined) assertSameBytes(result, text, what);
        else refused++;
      }
      frame[at] = right;
    }
    assert(refused >= 255 * frame.length - 40, `${refused} refused`);
  });

  test(`${name}: a flipped bit of any frame is seen wherever the format has a check for it`, () => {
    for (const [kind, parts] of Object.entries(FRAMES)) {
      const frame = frameOf(parts);
      const descriptorEnd = 7 + (parts.contentBytes === undefined ? 0 : 8);
      for (let bit = 0; bit < 8 * frame.length; bit++) {
        const what = `${kind}: bit ${bit & 7} of byte ${bit >> 3}`;
        frame[bit >> 3] ^= 1 << (bit & 7);
        const text = unlessRefused(() => codec.lz4DecompressFrame(frame, SIZE_MAX), what);
        frame[bit >> 3] ^= 1 << (bit & 7);
        if (text === undefined) continue;
        assert(bit >> 3 >= descriptorEnd, what);
        if (parts.checksumOf !== undefined) assertSameBytes(text, BOTH, what);
        // Block checksums do not cover the bit that says whether a block is stored.
        if (parts.blockChecksums) assertEquals([bit >> 3, bit & 7], [descriptorEnd + 3, 7], what);
      }
    }
  });

  test(`${name}: a frame cut anywhere is refused`, () => {
    for (const [kind, parts] of Object.entries(FRAMES)) {
      const frame = frameOf(parts);
      for (let length = 0; length < frame.length; length++) {
        assertRefused(
          () => codec.lz4DecompressFrame(frame.subarray(0, length), SIZE_MAX),
          `${kind}, ${length} of ${frame.length} bytes`,
        );
      }
      assertSameBytes(codec.lz4DecompressFrame(frame, SIZE_MAX), BOTH, kind);
      const skippable = skippableFrame(5, NOISE);
      for (let length = 1; length < skippable.length; length++) {
        const cut = joined(frame, skippable.subarray(0, length));
        assertRefused(() => codec.lz4DecompressFrame(cut, SIZE_MAX), `skippable, ${length} bytes`);
      }
    }
    const liar = joined(word32(0x184d2a50), word32(0xffffffff), NOISE);
    assertStringIncludes(assertRefused(() => codec.lz4DecompressFrame(liar, SIZE_MAX), "liar"), "cut short");
  });

  test(`${name}: what follows a frame must be a frame`, () => {
    const frame = codec.lz4CompressFrame(TEXT);
    const zeros = [1, 2, 3, 4].map((length) => new Uint8Array(length));
    for (const rest of [...zeros, frame.subarray(1), NOISE, BLOCKS[0].data]) {
      const more = joined(frame, rest);
      assertRefused(() => codec.lz4DecompressFrame(more, SIZE_MAX), `${rest.length} bytes behind the frame`);
      assertRefused(
        () => codec.lz4DecompressFrame(rest, SIZE_MAX),
        `${rest.length} bytes alone`,
      );
    }
  });

  test(`${name}: what Hawser does not read is refused by its name`, () => {
    const refusals: [string, Uint8Array, string][] = [
      [
        "legacy",
        joined(word32(0x184c2102), word32(BLOCKS[0].data.length), BLOCKS[0].data),
        "legacy LZ4 frame",
      ],
      ["dictionary", frameOf({ blocks: BLOCKS, dictionaryId: 7 }), "needs a dictionary"],
      ["version 0", frameOf({ blocks: BLOCKS, flipped: [0x40, 0] }), "unknown version"],
      ["version 2", frameOf({ blocks: BLOCKS, flipped: [0xc0, 0] }), "unknown version"],
      ["version 3", frameOf({ blocks: BLOCKS, flipped: [0x80, 0] }), "unknown version"],
      ["reserved flag", frameOf({ blocks: BLOCKS, flipped: [2, 0] }), "reserved bit"],
      ...[0, 1, 2, 3, 7].map((bit): [string, Uint8Array, string] => [
        `reserved bit ${bit}`,
        frameOf({ blocks: BLOCKS, flipped: [0, 1 << bit] }),
        "reserved bit",
      ]),
      ...[0, 1, 2, 3].map((blockCode): [string, Uint8Array, string] => [
        `block size ${blockCode}`,
        frameOf({ blocks: BLOCKS, blockCode }),
        "unknown block size",
      ]),
      ["a bare block", BLOCKS[0].data, "no frame starts"],
    ];
    for (const [what, frame, sentence] of refusals) {
      assertStringIncludes(
        assertRefused(() => codec.lz4DecompressFrame(frame, SIZE_MAX), what),
        sentence,
        what,
      );
    }
  });

  test(`${name}: wrong checksums are told apart`, () => {
    const cases: [FrameParts, number, string][] = [
      [{ blocks: BLOCKS, checksumOf: TEXT }, 0, "content checksum"],
      [{ blocks: BLOCKS, blockChecksums: true }, 5, "block checksum"],
      [{ blocks: BLOCKS }, 0, ""],
    ];
    for (const [parts, fromEnd, sentence] of cases) {
      const frame = frameOf(parts);
      if (fromEnd > 0) frame[frame.length - fromEnd] ^= 1;
      if (sentence === "") assertSameBytes(codec.lz4DecompressFrame(frame, SIZE_MAX), BOTH, "no checksum");
      else {assertStringIncludes(
          assertRefused(() => codec.lz4DecompressFrame(frame, SIZE_MAX), sentence),
          sentence,
        );}
    }
  });

  test(`${name}: a content size that lies is refused, and costs no memory`, () => {
    for (
      const contentBytes of [
        0,
        1,
        BOTH.length - 1,
        BOTH.length + 1,
        65_536,
        2 ** 32,
        2n ** 63n,
        2n ** 64n - 1n,
      ]
    ) {
      const frame = frameOf({ blocks: BLOCKS, contentBytes });
      // More than any engine could allocate: the size alone must not decide.
      const message = assertRefused(() => codec.lz4DecompressFrame(frame, 2 ** 52), `${contentBytes}`);
      assertStringIncludes(message, contentBytes > 2 ** 52 ? `more than ${2 ** 52} bytes` : "is damaged");
      assertRefused(() => codec.lz4DecompressFrame(frame, BOTH.length), `${contentBytes}`);
    }
    const early = frameOf({ blocks: BLOCKS, contentBytes: SIZE_MAX + 1 });
    const message = assertRefused(() => codec.lz4DecompressFrame(early, SIZE_MAX), "over the limit");
    assertStringIncludes(message, `more than ${SIZE_MAX} bytes; raise the limit`);
  });

  test(`${name}: a frame expands to sizeMax, and not a byte beyond`, () => {
    const random = new Random(SEED);
    for (const length of [1, 100, 65_535, 65_536, 65_537, 200_000]) {
      for (const character of ["one byte", "random", "words"] as const) {
        const text = textOf(character, length, random);
        const blocks = [{ data: reference.lz4CompressBlock(text) }];
        const what = `${length} bytes, ${character}`;
        for (const frame of [codec.lz4CompressFrame(text), frameOf({ blocks, blockCode: 7 })]) {
          assertSameBytes(codec.lz4DecompressFrame(frame, length), text, what);
          assertSameBytes(codec.lz4DecompressFrame(frame, length + 1), text, what);
          for (const sizeMax of [0, length - 1]) {
            const message = assertRefused(() => codec.lz4DecompressFrame(frame, sizeMax), what);
            assertStringIncludes(message, `more than ${sizeMax} bytes`, what);
          }
        }
      }
    }
  });
}

test("a frame reserves no more memory than its bytes could decompress to", () => {
  const reserved: number[] = [];
  const spy: Lz4Engine = {
    ...LZ4_REFERENCE,
    decompressBlock(block, output, ...rest) {
      reserved.push(output.length);
      return LZ4_REFERENCE.decompressBlock(block, output, ...rest);
    },
  };
  for (const blockCode of [4, 7]) {
    for (const contentBytes of [undefined, 2 ** 31]) {
      const frame = frameOf({ blocks: [...BLOCKS, ...BLOCKS], blockCode, contentBytes });
      unlessRefused(() => lz4DecompressFrame(spy, frame, 2 ** 40), "the liar");
      assert(Math.max(...reserved) <= 2 * 255 * frame.length, `${reserved} bytes for ${frame.length}`);
    }
  }
  assertEquals(reserved.length, 8);
});

for (const { name, codec } of freshWasmCodecs()) {
  test(`${name}: damaged frames mean what they mean to the reference (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const frames = [
      frameOf(FRAMES.bare),
      frameOf(FRAMES.linked),
      joined(frameOf(FRAMES.bare), frameOf(FRAMES.linked)),
    ];
    let read = 0;
    for (let round = 0; round < 3_000; round++) {
      const frame = frames[round % 3].slice();
      for (let count = random.between(1, 3); count > 0; count--) {
        frame[random.between(7, frame.length - 1)] = random.between(0, 255);
      }
      const sizeMax = random.chance(0.8) ? SIZE_MAX : random.between(0, 300);
      const what = `round ${round} with seed ${SEED}`;
      const expected = unlessRefused(() => reference.lz4DecompressFrame(frame, sizeMax), what);
      const actual = unlessRefused(() => codec.lz4DecompressFrame(frame, sizeMax), what);
      assertEquals(actual === undefined, expected === undefined, `${what}: only one refuses`);
      if (actual === undefined || expected === undefined) continue;
      assertSameBytes(actual, expected, what);
      read++;
    }
    assert(read > 300 && read < 2_900, `${read} were not refused`);
  });
}
