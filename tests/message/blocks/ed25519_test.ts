// Ed25519: RFC 8032's own signatures, and the same verdict of the runtime and of the portable code.

import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { assert, assertEquals } from "@std/assert";
import { blockSigner, portableEd25519, verifyEd25519 } from "../../../src/message/blocks/ed25519.ts";
import { nativeEd25519, nativeLongSha256 } from "../../../src/native_signing.ts";
import { sha256 } from "../../../src/message/blocks/sha256.ts";
import { hex } from "./vectors.ts";

const text = new TextEncoder().encode("ahoy");
const signer = blockSigner(new Uint8Array(32).fill(3));

// RFC 8032 §7.1: TEST 1 and TEST 2.
const SIGNATURES = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
] as const;

for (
  const [name, by] of [["portable", portableEd25519], ["native", nativeEd25519 ?? portableEd25519]] as const
) {
  test(`${name}: the signatures of RFC 8032`, () => {
    for (const [secret, key, message, signature] of SIGNATURES) {
      assertEquals(hex(by.publicKey(bytesOf(secret))), key);
      assertEquals(hex(by.sign(bytesOf(secret), bytesOf(message))), signature);
      assert(verifyEd25519(bytesOf(key), bytesOf(message), bytesOf(signature), by));
      assert(!verifyEd25519(bytesOf(key), text, bytesOf(signature), by));
    }
  });

  test(`${name}: keys that vouch for anything, and that are none, vouch for nothing`, () => {
    const { Point } = ed25519;
    const torsion = Array.from({ length: 8 }, (_, index) => index).map((index) =>
      index === 0 ? Point.ZERO : lowOrderGenerator().multiplyUnsafe(BigInt(index))
    );
    assertEquals(new Set(torsion.map((point) => hex(point.toBytes()))).size, 8);
    for (const point of torsion) {
      // R of low order and S = 0: for a key of low order that is a signature of every eighth text at least.
      for (let attempt = 0; attempt < 32; attempt++) {
        const forged = new Uint8Array(64);
        forged.set(Point.ZERO.toBytes());
        assert(!verifyEd25519(point.toBytes(), Uint8Array.of(attempt), forged, by));
      }
    }
    const good = signer.sign(text);
    for (const key of [new Uint8Array(32).fill(0xff), new Uint8Array(32).fill(2), new Uint8Array(31)]) {
      assert(!verifyEd25519(key, text, good, by));
    }
    assert(!verifyEd25519(signer.publicKey, text, good.subarray(0, 63), by));
    assert(verifyEd25519(signer.publicKey, text, good, by));
  });

  test(`${name}: a signature has one form`, () => {
    const signature = signer.sign(text);
    const s = BigInt("0x" + hex(signature.slice(32).reverse())) + ed25519.Point.Fn.ORDER;
    const other = signature.slice();
    other.set(bytesOf(s.toString(16).padStart(64, "0")).reverse(), 32);
    assert(!verifyEd25519(signer.publicKey, text, other, by));
  });

  // Only who holds the key can make one: with the cofactor it would be good, and without it is not.
  test(`${name}: a signature with a part of low order is none`, () => {
    const { Point } = ed25519;
    const { point, scalar } = ed25519.utils.getExtendedPublicKey(new Uint8Array(32).fill(3));
    const r = 12_345n;
    const R = Point.BASE.multiply(r).add(lowOrderGenerator());
    const k = BigInt("0x" + hex(sha512(joined(R.toBytes(), point.toBytes(), text)).reverse()));
    const s = (r + k * scalar) % Point.Fn.ORDER;
    const signature = joined(R.toBytes(), bytesOf(s.toString(16).padStart(64, "0")).reverse());
    assert(ed25519.verify(signature, text, point.toBytes()), "with the cofactor it is one");
    assert(!verifyEd25519(signer.publicKey, text, signature, by));
  });
}

test("every runtime under test signs and hashes by itself", () => {
  assert(nativeEd25519 !== undefined && nativeLongSha256 !== undefined);
  const abc = new TextEncoder().encode("abc"); // FIPS 180-4: the first example.
  const expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assertEquals(hex(sha256(abc)), expected);
  assertEquals(hex(nativeLongSha256([abc.subarray(0, 1), abc.subarray(1)])), expected);
});

// A point of order 8: any point times the order of the group, if that is not of lower order.
function lowOrderGenerator() {
  const { Point } = ed25519;
  for (let y = 2;; y++) {
    const bytes = new Uint8Array(32);
    bytes[0] = y;
    let point;
    try {
      point = Point.fromBytes(bytes).multiplyUnsafe(Point.Fn.ORDER - 1n).add(Point.fromBytes(bytes));
    } catch {
      continue; // No point of the curve.
    }
    if (!point.double().double().is0()) return point;
  }
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(
    { length: text.length / 2 },
    (_, at) => parseInt(text.slice(2 * at, 2 * at + 2), 16),
  );
}
