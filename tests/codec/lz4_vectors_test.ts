// Frames made by the reference implementation in C, blocks found by fuzzing, and real data.

import { Buffer } from "node:buffer";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { assertCasesRan, vectorSet } from "../vectors/vectors.ts";
import { freshCodecs } from "./codecs.ts";
import { assertRefused, assertSameBytes } from "./lz4_texts.ts";

/** What the fuzzed blocks may expand to: the bound that liblz4 was given. */
const FUZZ_BYTES_MAX = 1024 * 1024;
const SIZE_MAX = 4 * 1024 * 1024;

const golden = vectorSet("lz4");
const fuzz = vectorSet("lz4-fuzz");
const corpora = vectorSet("corpora");
const urls = vectorSet("corpora-urls");
const codecs = freshCodecs();
const napi = await import("lz4-napi").catch(() => undefined);

for (const { name, codec } of codecs) {
  test(
    `${name}: frames of the reference implementation, and ours of the same texts`,
    { skip: golden.skip },
    () => {
      let ran = 0;
      for (const path of golden.files.filter((file) => file.endsWith(".lz4"))) {
        const frame = golden.read(path);
        ran++;
        if (path.includes("malformed")) {
          assertRefused(() => codec.lz4DecompressFrame(frame, SIZE_MAX), path);
          continue;
        }
        const text = golden.read(path.replace(/\.lz4$/, ""));
        assertSameBytes(codec.lz4DecompressFrame(frame, text.length), text, path);
        assertRefused(() => codec.lz4DecompressFrame(frame, text.length - 1), path);
        const ours = codec.lz4CompressFrame(text);
        assertSameBytes(codec.lz4DecompressFrame(ours, text.length), text, path);
        if (napi !== undefined) assertSameBytes(napi.decompressFrameSync(Buffer.from(ours)), text, path);
      }
      assertCasesRan(golden, ran);
    },
  );

  test(`${name}: fuzzed blocks mean what they mean to liblz4`, { skip: fuzz.skip }, () => {
    let ran = 0;
    for (const [file, length, hash] of expectations()) {
      const block = fuzz.read(`fuzz/${file}`);
      ran++;
      if (Number(length) < 0) {
        assertRefused(() => codec.lz4DecompressBlock(block, FUZZ_BYTES_MAX), file);
        continue;
      }
      const text = codec.lz4DecompressBlock(block, FUZZ_BYTES_MAX);
      assertEquals([text.length, Number(length) === 0 ? hash : fnv1a(text)], [Number(length), hash], file);
    }
    assertCasesRan(fuzz, ran, "fuzz-expected.tsv");
  });

  for (const set of [corpora, urls]) {
    test(`${name}: real data there and back, both ways: ${set.name}`, { skip: set.skip }, () => {
      let ran = 0;
      for (const path of set.files.filter((file) => file !== "COPYING")) {
        const text = set.read(path);
        for (const other of codecs) {
          const block = codec.lz4CompressBlock(text);
          assertSameBytes(other.codec.lz4DecompressBlock(block, text.length), text, path);
          const frame = codec.lz4CompressFrame(text);
          assertSameBytes(other.codec.lz4DecompressFrame(frame, text.length), text, path);
        }
        ran++;
      }
      assertCasesRan(set, ran);
    });
  }
}

/** The rows: file, bytes of the text or a negative number for a refusal, FNV-1a of the text. */
function expectations(): string[][] {
  const lines = fuzz.text("fuzz-expected.tsv").trim().split("\n");
  return lines.filter((line) => !line.startsWith("#")).map((line) => line.split("\t"));
}

/** FNV-1a of 32 bits (draft-eastlake-fnv), as eight hex digits. */
function fnv1a(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
