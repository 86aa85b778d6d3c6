// Sources beyond the fixed arenas of the core: another instance is made for them, and goes with the call.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { ReferenceCodec } from "../../src/codec/reference.ts";
import { Random } from "../simulation/random.ts";
import { freshWasmCodecs } from "./codecs.ts";
import { assertSameBytes, CHARACTERS, textOf } from "./lz4_texts.ts";

const SEED = 30;
const MIB = 1024 * 1024;
const reference = new ReferenceCodec("for tests");

for (const { name, codec } of freshWasmCodecs()) {
  test(`${name}: 1 MiB of every character, both ways with the reference (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const before = codec.core.bytes.length;
    for (const character of CHARACTERS) {
      const text = textOf(character, MIB, random);
      const [ours, theirs] = [codec.lz4CompressBlock(text), reference.lz4CompressBlock(text)];
      assertSameBytes(codec.lz4DecompressBlock(theirs, MIB), text, `${character}: the reference's block`);
      assertSameBytes(reference.lz4DecompressBlock(ours, MIB), text, `${character}: the core's block`);
      assertSameBytes(codec.lz4DecompressBlock(ours, 2 * MIB), text, `${character}: the core's own`);
    }
    assertEquals(codec.core.bytes.length, before); // The shared instance stays as it is.
  });

  test(`${name}: a source of 30 MiB as block and as frame (seed ${SEED})`, () => {
    const text = mixture(30 * MIB);
    const block = codec.lz4CompressBlock(text);
    assert(block.length < 0.8 * text.length, `${block.length} bytes`);
    assertSameBytes(codec.lz4DecompressBlock(block, text.length), text, "the block");
    assertSameBytes(reference.lz4DecompressBlock(block, text.length), text, "the block for the reference");
    const frame = codec.lz4CompressFrame(text);
    assertSameBytes(codec.lz4DecompressFrame(frame, text.length), text, "the frame");
  });
}

test(`the reference's block of 30 MiB is read by the core (seed ${SEED})`, () => {
  const text = mixture(30 * MIB);
  const block = reference.lz4CompressBlock(text);
  for (const { name, codec } of freshWasmCodecs()) {
    assertSameBytes(codec.lz4DecompressBlock(block, text.length), text, name);
  }
});

/** Words and noise in turn; each piece differs from the one before by a rotation. */
function mixture(length: number): Uint8Array {
  const random = new Random(SEED);
  const text = new Uint8Array(length);
  const sources = [textOf("words", MIB, random), textOf("random", MIB, random)];
  const piece = MIB / 2;
  for (let at = 0; at < length; at += piece) {
    text.set(sources[(at / piece) % 2].subarray(random.between(0, piece)).subarray(0, length - at), at);
  }
  return text;
}
