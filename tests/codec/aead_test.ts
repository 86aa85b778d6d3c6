// The primitives against three other implementations, at every length that could go wrong.

import { createCipheriv, getCiphers } from "node:crypto";
import { test } from "node:test";
import { chacha20poly1305, xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import sodium from "libsodium-wrappers";
import { HawserError } from "../../src/errors.ts";
import { Random } from "../simulation/random.ts";
import { freshCodecs, freshWasmCodecs } from "./codecs.ts";

await sodium.ready;

const SEED = 8439;
const random = new Random(SEED);
const KEY = random.bytes(32);
const NONCE = random.bytes(24);
const NONCE_12 = NONCE.slice(0, 12);
const POOL = random.bytes(2 ** 20 + 64);

/** Lengths around every border: SIMD groups, the 64 KiB of a piece, several pieces. */
const LENGTHS_LARGE = [
  ...[4095, 16_384, 65_535, 65_536, 65_537, 131_071, 131_072, 196_609, 2 ** 20],
  ...Array.from({ length: 20 }, () => random.between(2_601, 65_536)),
];

for (const { name, codec } of freshWasmCodecs()) {
  test(`${name}: both AEADs equal @noble/ciphers from 0 to 2,600 bytes, aligned or not`, () => {
    for (let length = 0; length <= 2_600; length++) {
      const text = POOL.subarray(length % 17, (length % 17) + length);
      const aad = POOL.subarray(0, length % 49);
      const sealed = codec.chacha20poly1305(KEY, NONCE_12, aad).encrypt(text);
      assertEquals(sealed, chacha20poly1305(KEY, NONCE_12, aad).encrypt(text), `length ${length}`);
      assertEquals(
        codec.chacha20poly1305(KEY, NONCE_12, aad).decrypt(sealed),
        text.slice(),
        `length ${length}`,
      );
      const extended = codec.xchacha20poly1305(KEY, NONCE, aad).encrypt(text);
      assertEquals(extended, xchacha20poly1305(KEY, NONCE, aad).encrypt(text), `length ${length}`);
    }
  });

  test(`${name}: both AEADs equal @noble/ciphers up to 1 MiB (seed ${SEED})`, () => {
    for (const length of LENGTHS_LARGE) {
      const text = POOL.subarray(length % 5, (length % 5) + length);
      const aead = codec.xchacha20poly1305(KEY, NONCE, text.subarray(0, 100));
      const sealed = aead.encrypt(text);
      assert(
        same(sealed, xchacha20poly1305(KEY, NONCE, text.subarray(0, 100)).encrypt(text)),
        `length ${length}`,
      );
      assert(same(aead.decrypt(sealed), text), `length ${length}`);
    }
  });

  test(`${name}: associated data of any length`, () => {
    for (const length of [16_327, 16_328, 16_329, 65_535, 65_536, 65_537, 200_001]) {
      const aad = POOL.subarray(0, length);
      assertEquals(
        codec.chacha20poly1305(KEY, NONCE_12, aad).encrypt(KEY),
        chacha20poly1305(KEY, NONCE_12, aad).encrypt(KEY),
      );
    }
  });
}

for (const { name, codec } of freshCodecs()) {
  test(`${name}: libsodium and node:crypto agree (seed ${SEED})`, () => {
    for (const length of [0, 1, 15, 16, 63, 64, 65, 255, 448, 449, 512, 960, 1_024, 5_000, 65_536, 70_000]) {
      const text = POOL.slice(3, 3 + length);
      const aad = POOL.slice(0, length % 40);
      const sealed = codec.chacha20poly1305(KEY, NONCE_12, aad).encrypt(text);
      const sodiumSealed = sodium.crypto_aead_chacha20poly1305_ietf_encrypt(text, aad, null, NONCE_12, KEY);
      assert(same(sealed, sodiumSealed), `libsodium, ${length} bytes`);
      const extended = codec.xchacha20poly1305(KEY, NONCE, aad).encrypt(text);
      const sodiumExtended = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(text, aad, null, NONCE, KEY);
      assert(same(extended, sodiumExtended), `libsodium, ${length} bytes`);
      const nodeSealed = nodeCrypto(text, aad);
      if (nodeSealed !== undefined) assert(same(sealed, nodeSealed), `node:crypto, ${length} bytes`);
    }
  });

  test(`${name}: a wrong tag, text, nonce, key or associated data does not decrypt, and writes nothing`, () => {
    for (const length of [0, 1, 100, 65_536, 140_000]) {
      const text = POOL.subarray(0, length);
      const sealed = codec.chacha20poly1305(KEY, NONCE_12, NONCE).encrypt(text);
      const output = new Uint8Array(length).fill(0xaa);
      const untouched = output.slice();
      const refuse = (call: () => unknown) => {
        assertEquals(assertThrows(call, HawserError).code, "open-failed");
        assert(same(output, untouched));
      };
      for (const at of [0, length >> 1, length, length + 15]) {
        const changed = sealed.slice();
        changed[at] ^= 1;
        refuse(() => codec.chacha20poly1305(KEY, NONCE_12, NONCE).decrypt(changed, output));
      }
      const otherKey = KEY.map((byte, i) => i === 31 ? byte ^ 128 : byte);
      refuse(() => codec.chacha20poly1305(otherKey, NONCE_12, NONCE).decrypt(sealed, output));
      refuse(() => codec.chacha20poly1305(KEY, NONCE.slice(12), NONCE).decrypt(sealed, output));
      refuse(() => codec.chacha20poly1305(KEY, NONCE_12).decrypt(sealed, output));
      refuse(() => codec.chacha20poly1305(KEY, NONCE_12, NONCE).decrypt(sealed.subarray(1), output));
    }
    assertThrows(() => codec.chacha20poly1305(KEY, NONCE_12).decrypt(new Uint8Array(15)), HawserError);
  });

  test(`${name}: output is used, may be larger, and must not be smaller`, () => {
    const aead = codec.xchacha20poly1305(KEY, NONCE);
    const output = new Uint8Array(150);
    const sealed = aead.encrypt(POOL.subarray(0, 100), output);
    assertStrictEquals(sealed.buffer, output.buffer);
    assertEquals(sealed.length, 116);
    assertEquals(output.subarray(116), new Uint8Array(34));
    assertEquals(aead.decrypt(sealed, output.subarray(10)), POOL.slice(0, 100));
    assertThrows(
      () => aead.encrypt(POOL.subarray(0, 100), new Uint8Array(115)),
      RangeError,
      "116 are needed",
    );
    assertThrows(() => aead.decrypt(new Uint8Array(116), new Uint8Array(99)), RangeError, "100 are needed");
  });

  test(`${name}: input and output may overlap in any way`, () => {
    const aead = codec.chacha20poly1305(KEY, NONCE_12);
    for (const length of [200, 65_536, 150_000]) {
      const text = POOL.slice(0, length);
      const sealed = aead.encrypt(text);
      for (const [from, to] of [[0, 0], [0, 40], [40, 0], [0, 70_000], [70_000, 0]]) {
        const memory = new Uint8Array(length + 80_000);
        memory.set(text, from);
        assert(same(aead.encrypt(memory.subarray(from, from + length), memory.subarray(to)), sealed));
        memory.set(sealed, from);
        assert(same(aead.decrypt(memory.subarray(from, from + length + 16), memory.subarray(to)), text));
      }
    }
  });

  test(`${name}: keys and nonces of the wrong length or type are the caller's mistake`, () => {
    assertThrows(
      () => codec.chacha20poly1305(KEY.subarray(1), NONCE_12),
      RangeError,
      "key must have 32 bytes",
    );
    assertThrows(() => codec.chacha20poly1305(KEY, NONCE), RangeError, "nonce must have 12 bytes");
    assertThrows(() => codec.xchacha20poly1305(KEY, NONCE_12), RangeError, "nonce must have 24 bytes");
    assertThrows(() => codec.chacha20poly1305("key" as unknown as Uint8Array, NONCE_12), TypeError, "key");
    const aead = codec.chacha20poly1305(KEY, NONCE_12);
    assertThrows(() => aead.encrypt("text" as unknown as Uint8Array), TypeError, "plaintext");
  });
}

test("node:crypto takes part where the runtime has the cipher", () => {
  assertEquals(nodeCrypto(KEY, KEY) !== undefined, !("Bun" in globalThis));
});

function nodeCrypto(text: Uint8Array, aad: Uint8Array): Uint8Array | undefined {
  if (!getCiphers().includes("chacha20-poly1305")) return undefined;
  const cipher = createCipheriv("chacha20-poly1305", KEY, NONCE_12, { authTagLength: 16 });
  cipher.setAAD(aad, { plaintextLength: text.length });
  const sealed = new Uint8Array(text.length + 16);
  sealed.set(cipher.update(text));
  cipher.final();
  sealed.set(cipher.getAuthTag(), text.length);
  return sealed;
}

/** Faster than a deep comparison of large arrays. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
