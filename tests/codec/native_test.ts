// Long texts go to the runtime's own cipher where there is one; nobody can tell from the bytes.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { WasmCodec } from "../../src/codec/wasm.ts";
import { NATIVE_BYTES_MIN } from "../../src/codec/wasm_long_aead.ts";
import { preferredBuild } from "../../src/codec/core_modules.ts";
import { HawserError } from "../../src/errors.ts";
import { type NativeAead, nativeAead } from "../../src/native.ts";
import { Random } from "../simulation/random.ts";

const SEED = 75_539;
const random = new Random(SEED);
const KEY = random.bytes(32);
const NONCE = random.bytes(24);
const POOL = random.bytes(2 ** 20 + 1);

/** The native cipher, with a count of the calls that reach it. */
function counted(native: NativeAead): NativeAead & { calls: number } {
  return {
    calls: 0,
    seal(...args) {
      this.calls++;
      native.seal(...args);
    },
    open(...args) {
      this.calls++;
      return native.open(...args);
    },
  };
}

test("Node and Deno have the cipher, Bun does not", () => {
  assertEquals(nativeAead !== undefined, !("Bun" in globalThis));
});

test("the choice says who seals long texts", () => {
  assert(!new WasmCodec("plain", null).choice.includes("runtime's own"));
  if (nativeAead !== undefined) assert(new WasmCodec("plain", nativeAead).choice.includes("from 48 KiB on"));
});

if (nativeAead !== undefined) {
  const available = nativeAead;

  test(`native and core agree, and each opens what the other sealed (seed ${SEED})`, {
    skip: nativeAead === undefined,
  }, () => {
    const native = counted(available);
    const core = new WasmCodec(preferredBuild(), null);
    const mixed = new WasmCodec(preferredBuild(), native);
    for (const length of [NATIVE_BYTES_MIN - 1, NATIVE_BYTES_MIN, 65_536, 65_537, 200_000, 2 ** 20 + 1]) {
      native.calls = 0;
      for (
        const [algorithm, nonce] of [["chacha20poly1305", NONCE.slice(12)], [
          "xchacha20poly1305",
          NONCE,
        ]] as const
      ) {
        for (const aad of [undefined, NONCE, POOL.subarray(0, 70_000)]) {
          const text = POOL.subarray(0, length);
          const sealed = mixed[algorithm](KEY, nonce, aad).encrypt(text);
          assert(
            same(sealed, core[algorithm](KEY, nonce, aad).encrypt(text)),
            `${algorithm}, ${length} bytes`,
          );
          assert(same(mixed[algorithm](KEY, nonce, aad).decrypt(sealed), text));
        }
      }
      // Associated data that does not fit a call makes a short text long.
      assertEquals(native.calls, length < NATIVE_BYTES_MIN ? 4 : 12);
    }
  });

  test("a native open that fails writes nothing, and says what the core says", {
    skip: nativeAead === undefined,
  }, () => {
    const aead = new WasmCodec(preferredBuild(), nativeAead).xchacha20poly1305(KEY, NONCE, KEY);
    const sealed = aead.encrypt(POOL);
    const output = new Uint8Array(POOL.length).fill(7);
    for (const at of [0, 100_000, sealed.length - 1]) {
      sealed[at] ^= 1;
      assertEquals(assertThrows(() => aead.decrypt(sealed, output), HawserError).code, "open-failed");
      sealed[at] ^= 1;
    }
    assert(output.every((byte) => byte === 7));
    assert(same(aead.decrypt(sealed, output), POOL));
  });
}

test("text that another thread could change is read once", () => {
  const shared = new Uint8Array(new SharedArrayBuffer(POOL.length));
  shared.set(POOL);
  for (const codec of [new WasmCodec("plain", null), new WasmCodec("plain")]) {
    const aead = codec.xchacha20poly1305(KEY, NONCE);
    const sealed = aead.encrypt(POOL);
    assert(same(aead.encrypt(shared), sealed));
    const sharedSealed = new Uint8Array(new SharedArrayBuffer(sealed.length));
    sharedSealed.set(sealed);
    assert(same(aead.decrypt(sharedSealed), POOL));
  }
});

/** Faster than a deep comparison of large arrays. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
