// Which protocol names are understood, where pre-shared keys go, and what is said of the others.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { parseProtocolName } from "../../src/noise/protocol_name.ts";

const parse = (pattern: string, suite = "25519_ChaChaPoly_SHA256") =>
  parseProtocolName(`Noise_${pattern}_${suite}`);
const messagesOf = (pattern: string) => parse(pattern).pattern.messages.map((tokens) => tokens.join(" "));

test("psk modifiers go where Noise §9.4 puts them", () => {
  assertEquals(messagesOf("XX"), ["e", "e ee s es", "s se"]);
  assertEquals(messagesOf("XXpsk0"), ["psk e", "e ee s es", "s se"]);
  assertEquals(messagesOf("XXpsk1"), ["e psk", "e ee s es", "s se"]);
  assertEquals(messagesOf("XXpsk3"), ["e", "e ee s es", "s se psk"]);
  assertEquals(messagesOf("XXpsk0+psk1+psk3"), ["psk e psk", "e ee s es", "s se psk"]);
  assertEquals(parse("XXpsk0+psk1+psk3").pskCount, 3);
});

test("known keys stand before the dots", () => {
  const known = (pattern: string) => {
    const { initiatorKnown, responderKnown } = parse(pattern).pattern;
    return [initiatorKnown, responderKnown];
  };
  assertEquals(known("XX"), [false, false]);
  assertEquals(known("IK"), [false, true]);
  assertEquals(known("KN"), [true, false]);
  assertEquals(known("KK1"), [true, true]);
});

test("what is no protocol name, or contradicts itself, is a caller's mistake", () => {
  for (const pattern of ["", "xx", "XXpsk4", "Npsk2", "XXpsk1+psk0", "XXpsk0+psk0"]) {
    assertThrows(() => parse(pattern), TypeError);
  }
  assertThrows(() => parseProtocolName("Noise_XX_25519_ChaChaPoly"), TypeError);
  assertThrows(() => parseProtocolName(`Noise_${"X".repeat(255)}_25519_ChaChaPoly_SHA256`), TypeError);
});

test("what Noise has and Hawser has not is named", () => {
  const said = (call: () => unknown, what: string) =>
    assertEquals(assertThrows(call, HawserError, what).code, "unsupported");
  said(() => parse("XXfallback"), "fallback");
  said(() => parse("XXfallback+psk0"), "fallback");
  said(() => parse("XXhfs"), "hfs");
  said(() => parse("XXpsk0+"), '""');
  said(() => parse("YY"), "pattern YY");
  said(() => parse("XX", "448_ChaChaPoly_SHA256"), "448");
  said(() => parse("XX", "25519_AESGCM_SHA256"), "AESGCM");
  said(() => parse("XX", "25519_ChaChaPoly_SHA3/256"), "SHA3/256");
  said(() => parse("XX", "25519_ChaChaPoly_toString"), "toString");
});
