// zstd and gzip of the runtime: there and back, what a hostile peer with the key may send, and the memory that it costs.

import { test } from "node:test";
import process from "node:process";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { nativeCompressor } from "../../src/codec/body_compressor.ts";
import type { Codec } from "../../src/codec/codec.ts";
import { ReferenceCodec } from "../../src/codec/reference.ts";
import { COMPRESSION_BYTES_MIN } from "../../src/compression_limits.ts";
import { HawserError } from "../../src/errors.ts";
import { BODY_BYTES_MAX } from "../../src/limits.ts";
import { Random } from "../simulation/random.ts";
import { textOf } from "./lz4_texts.ts";
import { COMPRESS, packedBody } from "./packed_bodies.ts";

const SEED = 8878;
const MANY_BYTES = 50_000_000;
const RSS_GROWTH_MAX = 24 * 1024 * 1024;

const codec: Codec = new ReferenceCodec("for tests");

for (const name of ["zstd", "gzip"] as const) {
  const { pack, unpack } = nativeCompressor(name)!;

  const unpacked = (bytes: Uint8Array) => {
    codec.opened.set(bytes);
    return codec.opened.slice(0, unpack(codec, bytes.length));
  };
  const refused = (what: string, bytes: Uint8Array) => {
    const error = assertThrows(() => unpacked(bytes), HawserError);
    assertEquals(error.code, "compression", what);
  };

  test(`${name}: texts come back as they were, and are shorter on the way`, () => {
    const random = new Random(SEED);
    for (const kind of ["one byte", "short cycle", "words", "few letters", "patchwork"] as const) {
      for (const length of [COMPRESSION_BYTES_MIN, 512, 1_000, 16_384, BODY_BYTES_MAX]) {
        const text = textOf(kind, length, random);
        codec.plaintext.set(text);
        const packed = pack!(codec, length);
        if (packed === 0) {
          assertEquals(codec.plaintext.subarray(0, length), text, "nothing is won, and nothing changes");
          assert(length < 512 || kind === "patchwork", `${kind}, ${length} bytes: not shorter`);
          continue;
        }
        assert(packed < length);
        assertEquals(unpacked(codec.plaintext.slice(0, packed)), text, `${kind}, ${length} bytes`);
      }
    }
  });

  test(`${name}: what cannot be shortened stays as it is`, () => {
    const random = new Random(SEED);
    for (const length of [COMPRESSION_BYTES_MIN, 255, 512, 20_000, BODY_BYTES_MAX]) {
      const noise = random.bytes(length);
      codec.plaintext.set(noise);
      assertEquals(pack!(codec, length), 0, `${length} bytes`);
      assertEquals(codec.plaintext.subarray(0, length), noise);
    }
  });

  test(`${name}: a body expands to the limit and not a byte beyond, whatever it says of itself`, () => {
    for (const length of [BODY_BYTES_MAX - 1, BODY_BYTES_MAX]) {
      const text = new Uint8Array(length).fill(length);
      assertEquals(unpacked(packedBody(length, COMPRESS[name](text))), text);
      refused("it says more than there is", packedBody(length, COMPRESS[name](text.subarray(1))));
      refused("it says less", packedBody(length - 1, COMPRESS[name](text)));
    }
    for (const length of [BODY_BYTES_MAX + 1, 2 * BODY_BYTES_MAX, 10_000_000]) {
      const frame = COMPRESS[name](new Uint8Array(length));
      refused("it is over the limit, and says so", packedBody(length, frame));
      refused("it is over the limit, and hides it", packedBody(BODY_BYTES_MAX, frame));
      refused("it hides most", packedBody(1, frame));
    }
  });

  test(`${name}: damage is refused`, () => {
    const text = new TextEncoder().encode("fend off, make fast, cast off; ".repeat(40));
    const frame = COMPRESS[name](text);
    for (let length = 0; length < 4; length++) refused("no length", packedBody(9, frame).subarray(0, length));
    refused("nothing behind the length", packedBody(text.length, new Uint8Array(0)));
    refused("an empty text", packedBody(0, COMPRESS[name](new Uint8Array(0))));
    refused("another format", packedBody(text.length, new Uint8Array(60).fill(7)));
    for (let cut = 1; cut < frame.length; cut++) {
      refused(`cut at ${cut}`, packedBody(text.length, frame.subarray(0, frame.length - cut)));
    }
    // What is changed may still be a text, but none that is longer.
    const random = new Random(SEED);
    for (let round = 0; round < 300; round++) {
      const damaged = packedBody(text.length, frame);
      damaged[random.between(4, damaged.length - 1)] ^= 1 << random.between(0, 7);
      try {
        assertEquals(unpacked(damaged).length, text.length);
      } catch (error) {
        assert(error instanceof HawserError && error.code === "compression", `round ${round}: ${error}`);
      }
    }
  });

  test(`${name}: bombs cost no memory`, () => {
    const bomb = COMPRESS[name](new Uint8Array(MANY_BYTES));
    assert(bomb.length < BODY_BYTES_MAX);
    const attack = () => {
      refused("a bomb", packedBody(BODY_BYTES_MAX, bomb));
      refused("a bomb that says so", packedBody(MANY_BYTES, bomb));
    };
    for (let round = 0; round < 30; round++) attack();
    const before = process.memoryUsage().rss;
    let highest = before;
    for (let round = 0; round < 120; round++) {
      attack();
      highest = Math.max(highest, process.memoryUsage().rss);
    }
    assert(highest - before < RSS_GROWTH_MAX, `${highest - before} bytes more than before`);
  });
}

test("zstd: who wants a larger window than any packet needs is refused before it is reserved", () => {
  const { unpack } = nativeCompressor("zstd")!;
  const frameOfWindow = (log: number) =>
    // Magic, no content size, the window, and one raw block of one byte, which is the last (RFC 8878 §3.1.1).
    Uint8Array.of(0, 0, 0, 1, 0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3, 9, 0, 0, 0x41);
  for (const log of [10, 16, 17]) {
    codec.opened.set(frameOfWindow(log));
    assertEquals(unpack(codec, 14), 1, `a window of 2^${log}`);
  }
  for (const log of [18, 20, 27, 31, 41]) {
    codec.opened.set(frameOfWindow(log));
    assertEquals(assertThrows(() => unpack(codec, 14), HawserError).code, "compression", `2^${log}`);
  }
});
