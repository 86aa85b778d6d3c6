/**
 * The handshakes that a session knows: patterns of Noise, with a shared seed or without.
 *
 * | number | is          | messages                                | proves                            |
 * | ------ | ----------- | --------------------------------------- | --------------------------------- |
 * | 0      | `XX`        | `e` · `e, ee, s, es` · `s, se`          | both static keys                  |
 * | 1      | `IK`        | `e, es, s, ss` · `e, ee, se`            | both, one round trip less         |
 * | 4      | `XXpsk3`    | `e` · `e, ee, s, es` · `s, se, psk`     | both, and that both have the seed |
 * | 5      | `IKpsk1`    | `e, es, s, ss, psk` · `e, ee, se`       | the same                          |
 * | 6      | `NNpsk0`    | `psk, e` · `e, ee`                      | only that both have the seed      |
 *
 * With 8 more each has the modifier `hfs`: the two sides agree on keys by ML-KEM-768 too, `e1` behind `e` (or `es`) and
 * `ekem1` behind `ee`.
 *
 * The number stands in INIT, and the name is the beginning of the transcript: who changes the number on the way has
 * two sides that cannot read each other.
 *
 * @module
 */

import { SHA256 } from "../noise/hash.ts";
import type { Kem } from "../noise/kem.ts";
import { addKem, addPsk, parsePattern, type Pattern } from "../noise/pattern.ts";
import type { Protocol } from "../noise/protocol.ts";

/** Which keys the two sides have: both, and tell them (`XX`); both, and the initiator knows the other's (`IK`); none (`NN`). */
export type HandshakeName = "XX" | "IK" | "NN";

/** What one side wants of a handshake. */
export interface HandshakeTerms {
  /** The patterns that a responder takes; an initiator uses the first. */
  readonly patterns: readonly HandshakeName[];
  /** 32 bytes that both sides must have; `undefined` where no seed is shared. */
  readonly seed?: Uint8Array;
  /** What both sides agree on keys with beside X25519: ML-KEM-768. */
  readonly kem?: Kem;
  /** Initiators of `IK`: the static key of the responder. */
  readonly responderKey?: Uint8Array;
}

/** One handshake, ready to be begun. */
export interface HandshakePattern {
  /** What INIT calls it. */
  readonly number: number;
  /** What people call it: `XXpsk3`. */
  readonly name: string;
  /** Whether it is over with RESPONSE: then the first sealed packet of the initiator takes the place of CONFIRM. */
  readonly isShort: boolean;
  /** Whether the initiator must know the responder's static key. */
  readonly isResponderKnown: boolean;
  /** What Noise needs to know. */
  readonly protocol: Omit<Protocol, "aead">;
}

// The rows one by one, not by the name of a protocol: so a browser loads no other pattern, cipher or hash.
const ROWS: readonly (readonly string[])[] = [
  ["-> e", "<- e, ee, s, es", "-> s, se"],
  ["<- s", "...", "-> e, es, s, ss", "<- e, ee, se"],
  ["-> e", "<- e, ee"],
];
const NAMES: readonly HandshakeName[] = ["XX", "IK", "NN"];
// Where the seed goes in each. As early as identities allow: who lacks it learns so from the first message that needs it.
const PSK_PLACES: readonly number[] = [3, 1, 0];

const NAME_MASK = 0x3;
const SEED_BIT = 0x4;
const HYBRID_BIT = 0x8;
const NUMBERS = 16;

const known: (HandshakePattern | undefined)[] = [];

/** The handshake of an initiator. */
export function patternOf(terms: HandshakeTerms): HandshakePattern {
  return patternByNumber(numberOf(terms.patterns[0], terms))!;
}

/** The numbers of all handshakes that a responder takes. */
export function numbersOf(terms: HandshakeTerms): number[] {
  const numbers = terms.patterns.map((name) => numberOf(name, terms));
  return numbers.filter((number) => patternByNumber(number) !== undefined);
}

/** Whether this handshake needs a shared seed. */
export function isSeeded(number: number): boolean {
  return (number & SEED_BIT) !== 0;
}

/** Whether this handshake agrees on keys by a key encapsulation too. */
export function isHybrid(number: number): boolean {
  return (number & HYBRID_BIT) !== 0;
}

/** The handshake that INIT calls by this number; `undefined` if there is none. */
export function patternByNumber(number: number): HandshakePattern | undefined {
  if (number in known) return known[number];
  return known[number] = makePattern(number);
}

function numberOf(name: HandshakeName, { seed, kem }: HandshakeTerms): number {
  return NAMES.indexOf(name) | (seed === undefined ? 0 : SEED_BIT) | (kem === undefined ? 0 : HYBRID_BIT);
}

function makePattern(number: number): HandshakePattern | undefined {
  const index = number & NAME_MASK;
  const rows = ROWS[index];
  // Without any key there is nothing to prove.
  if (rows === undefined || number >= NUMBERS || (index === 2 && !isSeeded(number))) return undefined;
  const modifiers: string[] = [];
  let pattern: Pattern = parsePattern(rows);
  if (isHybrid(number)) {
    pattern = addKem(pattern);
    modifiers.push("hfs");
  }
  if (isSeeded(number)) {
    pattern = addPsk(pattern, PSK_PLACES[index])!;
    modifiers.push(`psk${PSK_PLACES[index]}`);
  }
  const name = NAMES[index] + modifiers.join("+");
  return {
    number,
    name,
    isShort: pattern.messages.length === 2,
    isResponderKnown: pattern.responderKnown,
    protocol: {
      name: `Noise_${name}_25519${isHybrid(number) ? "+MLKEM768" : ""}_ChaChaPoly_SHA256`,
      pattern,
      hash: SHA256,
      pskCount: isSeeded(number) ? 1 : 0,
    },
  };
}
