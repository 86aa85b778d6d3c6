/**
 * Protocol names of Noise (§8): `Noise_XXpsk3_25519_ChaChaPoly_SHA256`.
 *
 * @module
 */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { HawserError } from "../errors.ts";
import { HASHES } from "./hashes.ts";
import { addPsk, type Pattern } from "./pattern.ts";
import { findPattern } from "./patterns.ts";
import type { Protocol } from "./protocol.ts";

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
  const pattern = modify(name, bare, modifiers);
  return { name, pattern, aead: chacha20poly1305, hash, pskCount: modifiers.length };
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
