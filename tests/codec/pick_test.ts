// The choice of the codec, and the public sub-path as others see it.

import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import * as door from "../../src/codec/mod.ts";
import { pickCodec } from "../../src/codec/pick.ts";
import { HawserError } from "../../src/errors.ts";
import { KEY } from "./codecs.ts";

const FUNCTIONS = [
  "chacha20poly1305",
  "createCodec",
  "lz4CompressBlock",
  "lz4CompressFrame",
  "lz4DecompressBlock",
  "lz4DecompressFrame",
  "xchacha20poly1305",
];

test("the sub-path exports exactly its seven functions", () => {
  assertEquals(Object.keys(door).sort(), FUNCTIONS);
});

test("one codec is picked for all: WebAssembly, with the build it says", () => {
  assertStrictEquals(pickCodec(), pickCodec());
  assertEquals(pickCodec().kind, "wasm");
  assertMatch(pickCodec().choice, /^wasm, (plain|relaxed) SIMD build/);
});

test("the free functions and both kinds of codec give the same results", () => {
  const nonce = new Uint8Array(24).fill(1);
  const text = new TextEncoder().encode("fend off, make fast, cast off; ".repeat(100));
  const engines = [door, door.createCodec({ kind: "wasm" }), door.createCodec({ kind: "reference" })];
  for (const from of engines) {
    for (const to of engines) {
      const sealed = from.chacha20poly1305(KEY, nonce.subarray(12), nonce).encrypt(text);
      assertEquals(to.chacha20poly1305(KEY, nonce.subarray(12), nonce).decrypt(sealed), text);
      const extended = from.xchacha20poly1305(KEY, nonce).encrypt(text);
      assertEquals(to.xchacha20poly1305(KEY, nonce).decrypt(extended), text);
      assertEquals(to.lz4DecompressBlock(from.lz4CompressBlock(text), text.length), text);
      assertEquals(to.lz4DecompressFrame(from.lz4CompressFrame(text), text.length), text);
    }
  }
});

test("a kind that does not exist is the caller's mistake", () => {
  assertThrows(() => door.createCodec({ kind: "fast" as "wasm" }), TypeError, "kind");
});

test("without WebAssembly the reference is picked, and says why", async () => {
  const original = WebAssembly.Instance;
  WebAssembly.Instance = class {
    constructor() {
      throw new WebAssembly.CompileError("forbidden here");
    }
  } as unknown as typeof WebAssembly.Instance;
  try {
    const error = assertThrows(() => door.createCodec({ kind: "wasm" }), HawserError);
    assertEquals(error.code, "unsupported");
    // The query makes a module of its own, which has not picked yet.
    const fresh: { pickCodec: typeof pickCodec } = await import(
      "../../src/codec/pick.ts?without-wasm" as string
    );
    const codec = fresh.pickCodec();
    assertEquals(codec.kind, "reference");
    assert(codec.choice.includes("WebAssembly cannot be used here: forbidden here"));
  } finally {
    WebAssembly.Instance = original;
  }
  assertEquals(door.createCodec({ kind: "wasm" }).kind, "wasm");
});
