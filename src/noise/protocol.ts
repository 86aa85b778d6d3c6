/**
 * A Noise protocol: a pattern and the functions that carry it out.
 *
 * @module
 */

import type { NoiseAead } from "./cipher.ts";
import type { NoiseHash } from "./hash.ts";
import type { Kem } from "./kem.ts";
import type { Pattern } from "./pattern.ts";

/** What a protocol name says. Key agreement is X25519 in all of them. */
export interface Protocol {
  /** The name itself: it is the beginning of the transcript. */
  readonly name: string;
  /** With its pre-shared keys in place. */
  readonly pattern: Pattern;
  readonly aead: NoiseAead;
  readonly hash: NoiseHash;
  /** Beside X25519, in patterns with the modifier hfs. */
  readonly kem?: Kem;
  /** How many pre-shared keys it takes. */
  readonly pskCount: number;
}
