// The nonces of a CipherState, to their very end. THREATS row 8.

import { test } from "node:test";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { CipherState } from "../../src/noise/mod.ts";

const key = () => new Uint8Array(32).fill(7);
const AD = new Uint8Array([1, 2]);
const TEXT = new Uint8Array([3, 4, 5]);
const LAST = 2n ** 64n - 2n;

test("nonces count across 2^31, 2^32 and 2^53 without repeating", () => {
  const [sending, receiving] = [
    new CipherState(chacha20poly1305, key()),
    new CipherState(chacha20poly1305, key()),
  ];
  const seen = new Set<string>();
  for (const border of [0n, 2n ** 31n, 2n ** 32n, 2n ** 53n, LAST - 2n]) {
    const start = border === 0n ? 0n : border - 1n;
    sending.nonce = receiving.nonce = start;
    for (let count = 0; count < 3; count++) {
      const sealed = sending.encrypt(AD, TEXT);
      seen.add(sealed.join());
      assertEquals(receiving.decrypt(AD, sealed), TEXT);
    }
    assertEquals(sending.nonce, start + 3n);
  }
  assertEquals(seen.size, 15);
});

test("the last nonce is 2^64 - 2; then sealing and opening are refused", () => {
  const cipher = new CipherState(chacha20poly1305, key());
  cipher.nonce = LAST;
  const sealed = cipher.encrypt(AD, TEXT);
  for (let attempt = 0; attempt < 2; attempt++) {
    assertEquals(assertThrows(() => cipher.encrypt(AD, TEXT), HawserError).code, "exhausted");
    assertEquals(assertThrows(() => cipher.decrypt(AD, sealed), HawserError).code, "exhausted");
  }
  cipher.nonce = LAST;
  assertEquals(cipher.decrypt(AD, sealed), TEXT);
  assertThrows(() => cipher.nonce = 2n ** 64n, RangeError);
  assertThrows(() => cipher.nonce = -1n, RangeError);
});

test("a failed open changes nothing", () => {
  const [sending, receiving] = [
    new CipherState(chacha20poly1305, key()),
    new CipherState(chacha20poly1305, key()),
  ];
  const sealed = sending.encrypt(AD, TEXT);
  const forgeries = [sealed.subarray(1), sealed.subarray(0, 15), new Uint8Array(0), new Uint8Array(65_536)];
  for (const forged of forgeries) {
    assertEquals(assertThrows(() => receiving.decrypt(AD, forged), HawserError).code, "open-failed");
  }
  assertEquals(receiving.nonce, 0n);
  assertEquals(receiving.decrypt(AD, sealed), TEXT);
});

test("a message has at most 65,535 bytes", () => {
  const cipher = new CipherState(chacha20poly1305, key());
  assertThrows(() => cipher.encrypt(AD, new Uint8Array(65_520)), RangeError);
  assertEquals(cipher.nonce, 0n);
  assertEquals(cipher.encrypt(AD, new Uint8Array(65_519)).length, 65_535);
});

test("rekey changes the key and keeps the nonce; a cipher without key lets text through", () => {
  const [first, second] = [
    new CipherState(chacha20poly1305, key()),
    new CipherState(chacha20poly1305, key()),
  ];
  first.nonce = second.nonce = 5n;
  first.rekey();
  assertEquals(first.nonce, 5n);
  assertNotEquals(first.encrypt(AD, TEXT), second.encrypt(AD, TEXT));
  const none = new CipherState(chacha20poly1305);
  assertEquals([none.hasKey, none.encrypt(AD, TEXT)], [false, TEXT]);
  assertThrows(() => none.rekey(), TypeError);
});

test("the key is wiped, and then all use refused rather than text let through", () => {
  const bytes = key();
  const cipher = new CipherState(chacha20poly1305, bytes);
  const copy = cipher.clone();
  cipher.dispose();
  cipher.dispose();
  assertEquals(bytes, new Uint8Array(32));
  assertThrows(() => cipher.encrypt(AD, TEXT), TypeError);
  assertThrows(() => cipher.decrypt(AD, TEXT), TypeError);
  assertThrows(() => cipher.rekey(), TypeError);
  assertEquals(new CipherState(chacha20poly1305, key()).decrypt(AD, copy.encrypt(AD, TEXT)), TEXT);
});
