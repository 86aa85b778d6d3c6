// What the runtime does natively is what JavaScript does.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { nativeX25519 } from "../src/native.ts";
import { createNobleKeyPair } from "../src/noise/dh.ts";
import { hmacSha256, sha256 as ourSha256 } from "../src/noise/mod.ts";
import { randomBytes } from "../src/random.ts";

test("X25519 is native on this runtime, and the same as @noble/curves", () => {
  assert(nativeX25519 !== undefined, "Deno, Bun and Node have synchronous X25519");
  for (let count = 0; count < 20; count++) {
    const [ours, theirs] = [randomBytes(32), randomBytes(32)];
    const where = `secret keys ${ours} and ${theirs}`;
    const native = nativeX25519.importKey(ours);
    const noble = createNobleKeyPair(ours);
    assertEquals(native.publicKey(), noble.publicKey, where);
    const { publicKey } = createNobleKeyPair(theirs);
    assertEquals(native.sharedSecret(publicKey), noble.dh(publicKey), where);
  }
});

test("generated X25519 keys agree with imported ones, and no two are alike", () => {
  const seen = new Set<string>();
  for (let count = 0; count < 50; count++) {
    const generated = nativeX25519!.generateKey();
    const ours = randomBytes(32);
    const imported = nativeX25519!.importKey(ours);
    assertEquals(generated.sharedSecret(imported.publicKey()), imported.sharedSecret(generated.publicKey()));
    assertEquals(
      generated.sharedSecret(imported.publicKey()),
      createNobleKeyPair(ours).dh(generated.publicKey()),
    );
    seen.add(generated.publicKey().join());
  }
  assertEquals(seen.size, 50);
});

test("SHA-256 and HMAC, native where that is faster, are the same as @noble/hashes", () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 1_000]) {
    const [key, first, second] = [randomBytes(length), randomBytes(length), randomBytes(3)];
    const whole = new Uint8Array([...first, ...second]);
    assertEquals(ourSha256(first, second), sha256(whole), `${whole}`);
    assertEquals(hmacSha256(key, first, second), hmac(sha256, key, whole), `${key}, ${whole}`);
  }
});
