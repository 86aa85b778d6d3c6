// lz4-napi (Rust's lz4_flex) as an oracle: blocks and frames, each way.

import { Buffer } from "node:buffer";
import { test } from "node:test";
import { assert, assertThrows } from "@std/assert";
import { Random } from "../simulation/random.ts";
import { freshCodecs } from "./codecs.ts";
import { frameOf } from "./lz4_frames.ts";
import { assertSameBytes, CHARACTERS, joined, textOf } from "./lz4_texts.ts";

const SEED = 2_210;
const LENGTHS = [0, 1, 4, 5, 12, 13, 14, 60, 255, 256, 1_000, 1_024, 16_384, 65_535, 65_536, 65_537, 200_000];

const loaded = await import("lz4-napi").catch((error) => `lz4-napi does not load here: ${error}`);
const skip = typeof loaded === "string" && loaded;
if (skip) console.log(skip);
// Not called where it did not load.
const napi = loaded as typeof import("lz4-napi");

for (const { name, codec } of freshCodecs()) {
  test(`${name}: blocks of lz4-napi, and for it (seed ${SEED})`, { skip }, () => {
    for (const text of texts()) {
      const what = `${text.length} bytes with seed ${SEED}`;
      // Its blocks come behind the length of the text in four bytes.
      const theirs = napi.compressSync(buffer(text)).subarray(4);
      assertSameBytes(codec.lz4DecompressBlock(theirs, text.length), text, `from lz4-napi, ${what}`);
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, text.length, true);
      const ours = joined(length, codec.lz4CompressBlock(text));
      assertSameBytes(napi.uncompressSync(buffer(ours)), text, `for lz4-napi, ${what}`);
    }
  });

  test(`${name}: frames of lz4-napi, and for it (seed ${SEED})`, { skip }, () => {
    const options = [false, true].flatMap((contentChecksum) =>
      [false, true].map((blockChecksums) => ({ contentChecksum, blockChecksums }))
    );
    for (const text of texts()) {
      for (const option of options) {
        const theirs = napi.compressFrameSync(buffer(text), option);
        const what = `${text.length} bytes, ${JSON.stringify(option)} with seed ${SEED}`;
        assertSameBytes(codec.lz4DecompressFrame(theirs, text.length), text, what);
      }
      const ours = codec.lz4CompressFrame(text);
      assertSameBytes(napi.decompressFrameSync(buffer(ours)), text, `${text.length} bytes with seed ${SEED}`);
    }
  });

  test(`${name}: lz4-napi sees damage in our frames`, { skip }, () => {
    const frame = codec.lz4CompressFrame(textOf("words", 1_000, new Random(SEED)));
    for (const at of [0, 5, 10, 14, 40, frame.length - 1]) {
      const damaged = frame.slice();
      damaged[at] ^= 1;
      assertThrows(() => napi.decompressFrameSync(buffer(damaged)));
    }
  });
}

test("the frames that tests write by hand are frames to lz4-napi too", { skip }, () => {
  const text = textOf("random", 300, new Random(SEED));
  const blocks = [{ data: text, stored: true }];
  const frame = frameOf({ blocks, checksumOf: text, contentBytes: 300, blockChecksums: true, blockCode: 5 });
  assertSameBytes(napi.decompressFrameSync(buffer(frame)), text, "by hand");
  assert(frame.length > 300);
});

function texts(): Uint8Array[] {
  const random = new Random(SEED);
  return LENGTHS.flatMap((length) => CHARACTERS.map((character) => textOf(character, length, random)));
}

function buffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, length);
}
