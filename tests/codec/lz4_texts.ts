/**
 * Texts of every character for the tests of LZ4, and what they need to compare and judge.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import type { Random } from "../simulation/random.ts";

/** The characters that {@linkcode textOf} knows. */
export const CHARACTERS = ["random", "one byte", "short cycle", "words", "few letters", "patchwork"] as const;

/** How a text is made, which decides how it compresses. */
export type Character = typeof CHARACTERS[number];

const WORDS =
  "hawser mooring line fend off cast bollard capstan fathom keel tide the of and a to in is it that".split(
    " ",
  );

/** A text of exactly `length` bytes. */
export function textOf(character: Character, length: number, random: Random): Uint8Array {
  switch (character) {
    case "random":
      return random.bytes(length);
    case "one byte":
      return new Uint8Array(length).fill(random.between(0, 255));
    case "short cycle": { // Matches that overlap themselves.
      const cycle = random.bytes(random.between(2, 40));
      return new Uint8Array(length).map((_, i) => cycle[i % cycle.length]);
    }
    case "words":
      return words(length, random);
    case "few letters": // Many short matches, many collisions.
      return new Uint8Array(length).map(() => random.between(97, 100));
    case "patchwork":
      return patchwork(length, random);
  }
}

function words(length: number, random: Random): Uint8Array {
  let text = "";
  while (text.length < length) text += WORDS[random.between(0, WORDS.length - 1)] + " ";
  return new TextEncoder().encode(text.slice(0, length));
}

/** Runs of fresh bytes, and copies from anywhere before, up to and beyond the reach of an offset. */
function patchwork(length: number, random: Random): Uint8Array {
  const text = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const run = Math.min(length - at, random.between(1, random.chance(0.1) ? 2_000 : 40));
    if (at > 0 && random.chance(0.6)) {
      const reach = random.chance(0.3) ? 32 : 70_000;
      const from = at - random.between(1, Math.min(at, reach));
      for (let i = 0; i < run; i++) text[at + i] = text[from + i];
    } else {
      text.set(random.bytes(run), at);
    }
    at += run;
  }
  return text;
}

/** All parts, one behind the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Fails unless both have the same bytes; quick where `assertEquals` is not. */
export function assertSameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  assertEquals(actual.length, expected.length, `${what}: ${actual.length} bytes, not ${expected.length}`);
  if (Buffer.compare(actual, expected) === 0) return;
  const at = actual.findIndex((byte, i) => byte !== expected[i]);
  throw new Error(`${what}: byte ${at} is ${actual[at]}, not ${expected[at]}`);
}

/** What `call` returns, or `undefined` if it refuses with `compression`; fails on any other error. */
export function unlessRefused(call: () => Uint8Array, what: string): Uint8Array | undefined {
  try {
    return call();
  } catch (error) {
    assert(
      error instanceof HawserError && error.code === "compression",
      `${what}: it must be refused with compression, not ${error}`,
    );
    return undefined;
  }
}

/** Fails unless `call` refuses with `compression`; returns the sentence. */
export function assertRefused(call: () => Uint8Array, what: string): string {
  try {
    call();
  } catch (error) {
    assert(
      error instanceof HawserError && error.code === "compression",
      `${what}: it must be refused with compression, not ${error}`,
    );
    return error.message;
  }
  throw new Error(`${what}: it must be refused`);
}
