/**
 * Protocol names of Noise (§8): `Noise_XXpsk3_25519_ChaChaPoly_SHA256`.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { HASHES, type NoiseHash } from "./hash.ts";
import { addPsk, findPattern, type Pattern } from "./patterns.ts";

/** What a protocol name says. */
export interface Protocol {
  /** The name itself: it is the beginning of the transcript. */
  readonly name: string;
  /** With its pre-shared keys in place. */
  readonly pattern: Pattern;
  readonly hash: NoiseHash;
  /** How many pre-shared keys it takes. */
  readonly pskCount: number;
}

const NAME = /^Noise_([A-Z][A-Z0-9]*)([a-z0-9+]*)_([A-Za-z0-9/]+)_([A-Za-z0-9/]+)_([A-Za-z0-9/]+)$/;

/**
 * Parses a protocol name.
 *
 * @throws {TypeError} for text that is no protocol name, and for modifiers that do not fit the pattern.
 * @throws {HawserError} `unsupported` for a pattern, modifier or algorithm that Hawser does not have.
 */
export function parseProtocolName(name: string): Protocol {
  const parts = name.length <= 255 ? NAME.exec(name) : null;
  if (parts === null) {
    throw new TypeError(
      `${JSON.stringify(name)} is no Noise protocol name like Noise_XX_25519_ChaChaPoly_SHA256`,
    );
  }
  const [, patternName, modifierText, dh, cipher, hashName] = parts;
  const bare = findPattern(patternName);
  if (bare === undefined) throw unsupported(name, `pattern ${patternName}`);
  if (dh !== "25519") throw unsupported(name, `key agreement ${dh} (25519 is there)`);
  if (cipher !== "ChaChaPoly") throw unsupported(name, `cipher ${cipher} (ChaChaPoly is there)`);
  const hash = Object.hasOwn(HASHES, hashName) ? HASHES[hashName] : undefined;
  if (hash === undefined) {
    throw unsupported(name, `hash ${hashName} (${Object.keys(HASHES).join(", ")} are there)`);
  }
  const modifiers = modifierText === "" ? [] : modifierText.split("+");
  return { name, pattern: modify(name, bare, modifiers), hash, pskCount: modifiers.length };
}

function modify(name: string, bare: Pattern, modifiers: readonly string[]): Pattern {
  let pattern = bare;
  let previous = -1;
  for (const modifier of modifiers) {
    if (modifier === "fallback") {
      throw unsupported(name, "the modifier fallback; begin a new handshake with another pattern instead");
    }
    const place = /^psk(0|[1-9][0-9]?)$/.exec(modifier);
    if (place === null) throw unsupported(name, `modifier ${JSON.stringify(modifier)}`);
    // §8: where their order does not matter, modifiers are sorted.
    if (Number(place[1]) <= previous) {
      throw new TypeError(`${name}: write each psk modifier once, in rising order`);
    }
    previous = Number(place[1]);
    const modified = addPsk(pattern, previous);
    if (modified === undefined) throw new TypeError(`${name}: the pattern has no message for ${modifier}`);
    pattern = modified;
  }
  return pattern;
}

function unsupported(name: string, what: string): HawserError {
  return new HawserError("unsupported", `${name}: there is no ${what}`);
}
