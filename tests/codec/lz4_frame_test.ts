// Frames as they should be: what is written, and everything of the format that is read.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { ReferenceCodec } from "../../src/codec/reference.ts";
import { xxh32 } from "../../src/codec/xxhash32_reference.ts";
import { Random } from "../simulation/random.ts";
import { freshCodecs } from "./codecs.ts";
import { type FrameBlock, frameOf, type FrameParts, skippableFrame } from "./lz4_frames.ts";
import { blockOf, type Sequence, textOfSequences } from "./lz4_sequences.ts";
import { assertRefused, assertSameBytes, CHARACTERS, joined, textOf } from "./lz4_texts.ts";

const SEED = 64;
const MIB = 1024 * 1024;
const BLOCK_BYTES = 65_536;
const reference = new ReferenceCodec("for tests");
const LAST: Sequence = { literals: new TextEncoder().encode("the end") };

for (const { name, codec } of freshCodecs()) {
  test(`${name}: frames there and back, both ways with the reference (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const around = [1, 2, 4].flatMap((n) => [-1, 0, 1].map((more) => n * BLOCK_BYTES + more));
    for (const length of [0, 1, 2, 3, 4, 5, 12, 13, 100, 1_000, ...around, 500_000]) {
      for (const character of CHARACTERS) {
        const text = textOf(character, length, random);
        const what = `${length} bytes, ${character}`;
        const frame = codec.lz4CompressFrame(text);
        assertSameBytes(codec.lz4DecompressFrame(frame, length), text, what);
        assertSameBytes(reference.lz4DecompressFrame(frame, length), text, what);
        assertSameBytes(codec.lz4DecompressFrame(reference.lz4CompressFrame(text), length), text, what);
      }
    }
  });

  test(`${name}: a frame is written with content size, content checksum and independent blocks of 64 KiB`, () => {
    const random = new Random(SEED);
    const text = joined(textOf("words", 100_000, random), textOf("random", 100_000, random));
    const frame = codec.lz4CompressFrame(text);
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    assertEquals(view.getUint32(0, true), 0x184d2204);
    assertEquals([frame[4], frame[5]], [0b0110_1100, 0x40]);
    assertEquals(view.getBigUint64(6, true), 200_000n);
    assertEquals(frame[14], (xxh32(frame.slice(4, 14)) >>> 8) & 0xff);
    const texts: Uint8Array[] = [];
    let [at, stored] = [15, 0];
    for (let size = view.getUint32(at, true); size !== 0; size = view.getUint32(at, true)) {
      const length = size & 0x7fffffff;
      const data = frame.slice(at + 4, at + 4 + length);
      texts.push(size >= 0x80000000 ? data : reference.lz4DecompressBlock(data, BLOCK_BYTES));
      stored += size >>> 31;
      at += 4 + length;
    }
    assertEquals(texts.map(({ length }) => length), [
      BLOCK_BYTES,
      BLOCK_BYTES,
      BLOCK_BYTES,
      200_000 % BLOCK_BYTES,
    ]);
    assertEquals(stored, 2);
    assertSameBytes(joined(...texts), text, "the blocks");
    assertEquals(view.getUint32(at + 4, true), xxh32(text));
    assertEquals(frame.length, at + 8);
    assert(frame.length <= text.length + 15 + 16 + 8);
  });

  test(`${name}: every set of flags, block sizes and kinds of block is read`, () => {
    const random = new Random(SEED);
    const texts = [
      textOf("words", 500, random),
      textOf("random", 300, random),
      textOf("one byte", 40, random),
    ];
    const text = joined(...texts);
    for (let flags = 0; flags < 16; flags++) {
      for (const blockCode of [4, 5, 6, 7]) {
        const frame = frameOf({
          blocks: texts.map((data, i) => i === 1 ? { data, stored: true } : compressed(data)),
          blockCode,
          linked: (flags & 1) !== 0,
          blockChecksums: (flags & 2) !== 0,
          contentBytes: (flags & 4) === 0 ? undefined : text.length,
          checksumOf: (flags & 8) === 0 ? undefined : text,
        });
        assertEquals(codec.lz4DecompressFrame(frame, text.length), text, `flags ${flags}, code ${blockCode}`);
      }
    }
  });

  test(`${name}: a frame without blocks, and blocks without bytes, are empty`, () => {
    const nothing = new Uint8Array(0);
    for (const blocks of [[], [{ data: nothing, stored: true }], [compressed(nothing)]]) {
      for (const contentBytes of [undefined, 0]) {
        const frame = frameOf({ blocks, contentBytes, checksumOf: nothing, blockChecksums: true });
        assertEquals(codec.lz4DecompressFrame(frame, 0), nothing);
        assertEquals(codec.lz4DecompressFrame(frame, 100), nothing);
      }
    }
  });

  test(`${name}: blocks of the largest size, and none larger`, () => {
    for (const [blockCode, size] of [[4, 65_536], [5, 262_144], [6, MIB], [7, 4 * MIB]] as const) {
      for (const length of [size - 1, size, size + 1]) {
        const text = new Uint8Array(length).fill(blockCode);
        for (const block of [compressed(text), { data: text, stored: true }]) {
          const frame = frameOf({ blocks: [block], blockCode });
          const decompress = () => codec.lz4DecompressFrame(frame, 5 * MIB);
          if (length <= size) assertSameBytes(decompress(), text, `${length} bytes, code ${blockCode}`);
          else assertRefused(decompress, `${length} bytes, code ${blockCode}`);
        }
      }
    }
  });

  test(`${name}: linked blocks reach into the blocks before them, independent ones do not (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const first = random.bytes(1_000);
    for (const offset of [1, 7, 16, 100, 1_000]) {
      const second: Sequence[] = [{ literals: new Uint8Array(0), offset, match: 1_200 }, LAST];
      const third: Sequence[] = [{ literals: Uint8Array.of(1, 2), offset: 2_000, match: 50 }, LAST];
      const textOfTwo = joined(first, textOfSequences(second, first));
      const text = joined(textOfTwo, textOfSequences(third, textOfTwo));
      const blocks = [compressed(first), { data: blockOf(second) }, { data: blockOf(third) }];
      const linked = frameOf({ blocks, linked: true, checksumOf: text });
      assertSameBytes(codec.lz4DecompressFrame(linked, text.length), text, `offset ${offset}`);
      assertRefused(
        () => codec.lz4DecompressFrame(frameOf({ blocks }), 10_000),
        `independent, offset ${offset}`,
      );
    }
  });

  test(`${name}: linked blocks reach 65,535 bytes back, over several blocks, and never before their frame`, () => {
    const random = new Random(SEED);
    const blocks: FrameBlock[] = [];
    let text: Uint8Array = new Uint8Array(0);
    for (let i = 0; i < 70; i++) {
      const data = random.bytes(1_000);
      blocks.push(i % 2 === 0 ? { data, stored: true } : compressed(data));
      text = joined(text, data);
    }
    const far: Sequence[] = [{ literals: new Uint8Array(0), offset: 65_535, match: 65_000 }, LAST];
    const whole = joined(text, textOfSequences(far, text));
    const frame = frameOf({ blocks: [...blocks, { data: blockOf(far) }], linked: true, checksumOf: whole });
    assertSameBytes(codec.lz4DecompressFrame(frame, 200_000), whole, "far");

    for (const [before, own] of [[frame, 0], [frame, 100], [new Uint8Array(0), 100]] as const) {
      const sequences = [{ literals: new Uint8Array(own), offset: own + 1, match: 30 }, LAST];
      const beyond = joined(before, frameOf({ blocks: [{ data: blockOf(sequences) }], linked: true }));
      assertRefused(() => codec.lz4DecompressFrame(beyond, 1_000_000), "an offset before the frame");
    }
  });

  test(`${name}: frames follow one another; skippable ones are passed over, wherever they are`, () => {
    const random = new Random(SEED);
    const frames: Uint8Array[] = [];
    const texts: Uint8Array[] = [];
    for (let owner = 0; owner < 16; owner++) {
      texts.push(textOf(CHARACTERS[owner % CHARACTERS.length], random.between(0, 400), random));
      const skipped = textOf("random", random.between(0, 50), random);
      frames.push(skippableFrame(owner, skipped), codec.lz4CompressFrame(texts[owner]));
    }
    const text = joined(...texts);
    assertSameBytes(codec.lz4DecompressFrame(joined(...frames), text.length), text, "all");
    assertRefused(
      () => codec.lz4DecompressFrame(joined(...frames), text.length - 1),
      "all together are bounded",
    );
    const alone = skippableFrame(3, codec.lz4CompressFrame(text));
    assertEquals(codec.lz4DecompressFrame(alone, 0).length, 0);
    assertSameBytes(codec.lz4DecompressFrame(joined(...frames, alone), text.length), text, "at the end");
  });
}

/** Compressed by the reference, whose blocks are checked elsewhere. */
function compressed(text: Uint8Array): FrameParts["blocks"][number] {
  return { data: reference.lz4CompressBlock(text) };
}
