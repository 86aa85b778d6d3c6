// The functions below the handshake, against published facts.

import { test } from "node:test";
import { hmac as nobleHmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256, sha512 as nobleSha512 } from "@noble/hashes/sha2.js";
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { createNobleKeyPair } from "../../src/noise/dh.ts";
import { fromNoble } from "../../src/noise/hash.ts";
import {
  constantTimeEqual,
  deriveKey,
  hkdfSha256,
  hmacSha256,
  sha256,
  x25519,
  x25519PublicKey,
} from "../../src/noise/mod.ts";
import { assertCasesRan, vectorSet } from "../vectors/vectors.ts";
import { fromHex, toHex } from "./hex.ts";

const set = vectorSet("wycheproof");

interface WycheproofFile<T> {
  readonly testGroups: readonly { readonly tests: readonly T[] }[];
}

interface X25519Case {
  readonly tcId: number;
  readonly public: string;
  readonly private: string;
  readonly shared: string;
  readonly result: "valid" | "acceptable" | "invalid";
}

interface HkdfCase {
  readonly tcId: number;
  readonly ikm: string;
  readonly salt: string;
  readonly info: string;
  readonly size: number;
  readonly okm: string;
  readonly result: "valid" | "invalid";
}

test("X25519: RFC 7748 §5.2 and §6.1", () => {
  const scalar = fromHex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
  const point = fromHex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
  assertEquals(
    toHex(x25519(scalar, point)),
    "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
  );
  const bob = fromHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  const alicePublic = fromHex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  assertEquals(
    toHex(x25519PublicKey(bob)),
    "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
  );
  assertEquals(
    toHex(x25519(bob, alicePublic)),
    "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
  );
});

test("X25519: the ladder of RFC 7748 §5.2, 1,000 steps", () => {
  let scalar = fromHex("0900000000000000000000000000000000000000000000000000000000000000");
  let point = scalar;
  for (let step = 0; step < 1_000; step++) {
    [scalar, point] = [x25519(scalar, point), scalar];
    if (step === 0) {
      assertEquals(toHex(scalar), "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
    }
  }
  assertEquals(toHex(scalar), "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
});

test(
  "X25519: Wycheproof, natively and by @noble/curves; all-zero secrets are refused",
  { skip: set.skip },
  () => {
    const { testGroups } = set.json<WycheproofFile<X25519Case>>("x25519_test.json");
    let ran = 0;
    let refused = 0;
    for (const { tests } of testGroups) {
      for (const { tcId, public: publicKey, private: secret, shared } of tests) {
        const isZero = /^0+$/.test(shared);
        for (const dh of [x25519, (a: Uint8Array, b: Uint8Array) => createNobleKeyPair(a).dh(b)]) {
          const multiply = () => toHex(dh(fromHex(secret), fromHex(publicKey)));
          if (isZero) assertEquals(assertThrows(multiply, HawserError).code, "handshake-failed");
          else assertEquals(multiply(), shared, `case ${tcId}`);
        }
        if (isZero) refused++;
        ran++;
      }
    }
    assertEquals(refused, 31);
    assertCasesRan(set, ran, "x25519_test.json");
  },
);

test("HKDF-SHA256: RFC 5869 §A.1 and §A.3", () => {
  const ikm = new Uint8Array(22).fill(0x0b);
  const salt = fromHex("000102030405060708090a0b0c");
  const info = fromHex("f0f1f2f3f4f5f6f7f8f9");
  assertEquals(
    toHex(hkdfSha256(ikm, salt, info, 42)),
    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
  );
  const none = new Uint8Array(0);
  assertEquals(
    toHex(hkdfSha256(ikm, none, none, 42)),
    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
  );
});

test("HKDF-SHA256: 0 to 8,160 bytes (RFC 5869 §2.3), and not one more", () => {
  const none = new Uint8Array(0);
  assertEquals(hkdfSha256(none, none, none, 0).length, 0);
  assertEquals(hkdfSha256(none, none, none, 8_160).length, 8_160);
  for (const length of [8_161, -1, 0.5]) assertThrows(() => hkdfSha256(none, none, none, length), RangeError);
});

test("deriveKey: another label is another key, and the key is HKDF's", () => {
  const key = new Uint8Array(32).fill(7);
  const label = new TextEncoder().encode("one");
  assertEquals(deriveKey(key, "one"), hkdfSha256(key, new Uint8Array(0), label, 32));
  assertNotEquals(deriveKey(key, "one"), deriveKey(key, "two"));
});

test("HKDF-SHA256: Wycheproof", { skip: set.skip }, () => {
  const { testGroups } = set.json<WycheproofFile<HkdfCase>>("hkdf_sha256_test.json");
  let ran = 0;
  for (const { tests } of testGroups) {
    for (const { tcId, ikm, salt, info, size, okm, result } of tests) {
      const derive = () => toHex(hkdfSha256(fromHex(ikm), fromHex(salt), fromHex(info), size));
      if (result === "valid") assertEquals(derive(), okm, `case ${tcId}`);
      else assertThrows(derive, RangeError);
      ran++;
    }
  }
  assertCasesRan(set, ran, "hkdf_sha256_test.json");
});

test("SHA-256 and HMAC: FIPS 180-4 example 1, RFC 4231 §4.3", () => {
  const text = (string: string) => new TextEncoder().encode(string);
  assertEquals(
    toHex(sha256(text("abc"))),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
  assertEquals(
    toHex(hmacSha256(text("Jefe"), text("what do ya want for nothing?"))),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});

test("HMAC is that of @noble/hashes, for keys around the length of a block and in any number of parts", () => {
  for (const [algorithm, block] of [[nobleSha256, 64], [nobleSha512, 128]] as const) {
    const { hmac } = fromNoble(algorithm);
    const text = new Uint8Array(300).map((_, i) => 5 * i);
    for (const length of [0, 1, 32, block - 1, block, block + 1, 131, 300]) {
      const key = new Uint8Array(length).map((_, i) => 3 * i + length);
      const before = key.slice();
      const expected = nobleHmac(algorithm, key, text);
      assertEquals(hmac(key, text), expected, `a key of ${length} bytes`);
      assertEquals(hmac(key, text.subarray(0, 7), new Uint8Array(0), text.subarray(7)), expected);
      assertEquals(key, before);
    }
  }
});

test("constantTimeEqual: equal bytes, and nothing else", () => {
  const bytes = fromHex("00ff10");
  assertEquals(constantTimeEqual(bytes, bytes.slice()), true);
  assertEquals(constantTimeEqual(bytes, fromHex("00ff11")), false);
  assertEquals(constantTimeEqual(bytes, fromHex("80ff10")), false);
  assertEquals(constantTimeEqual(bytes, fromHex("00ff")), false);
});
