// Project Wycheproof: every ChaCha20-Poly1305 and XChaCha20-Poly1305 case, on every codec.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Primitives } from "../../src/codec/codec.ts";
import { HawserError } from "../../src/errors.ts";
import { fromHex } from "../noise/hex.ts";
import { assertCasesRan, vectorSet } from "../vectors/vectors.ts";
import { freshCodecs } from "./codecs.ts";

interface Suite {
  readonly testGroups: readonly { readonly tests: readonly Case[] }[];
}

interface Case {
  readonly tcId: number;
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly msg: string;
  readonly ct: string;
  readonly tag: string;
  readonly result: "valid" | "invalid";
}

const FILES = [
  ["chacha20poly1305", "chacha20_poly1305_test.json", 12],
  ["xchacha20poly1305", "xchacha20_poly1305_test.json", 24],
] as const;

const set = vectorSet("wycheproof");

for (const { name, codec } of freshCodecs()) {
  for (const [algorithm, path, nonceBytes] of FILES) {
    test(`${name}: ${algorithm} of Wycheproof`, { skip: set.skip }, () => {
      let ran = 0;
      for (const { tests } of set.json<Suite>(path).testGroups) {
        for (const one of tests) {
          check(one, codec[algorithm].bind(codec), nonceBytes);
          ran++;
        }
      }
      assertCasesRan(set, ran, path);
    });
  }
}

function check(one: Case, algorithm: Primitives["chacha20poly1305"], nonceBytes: number): void {
  const [key, nonce, aad, text] = [one.key, one.iv, one.aad, one.msg].map(fromHex);
  const sealed = fromHex(one.ct + one.tag);
  if (nonce.length !== nonceBytes) {
    assertEquals(one.result, "invalid");
    assertThrows(() => algorithm(key, nonce, aad), RangeError);
    return;
  }
  const aead = algorithm(key, nonce, aad);
  if (one.result === "valid") {
    assertEquals(aead.encrypt(text), sealed, `case ${one.tcId}`);
    assertEquals(aead.decrypt(sealed), text, `case ${one.tcId}`);
    return;
  }
  const error = assertThrows(() => aead.decrypt(sealed), HawserError);
  assert(error.code === "open-failed", `case ${one.tcId}`);
}
