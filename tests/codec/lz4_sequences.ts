/**
 * LZ4 blocks written by hand, sequence by sequence (lz4_Block_format.md of the LZ4 project), for texts that no
 * compressor makes.
 *
 * @module
 */

import type { Random } from "../simulation/random.ts";

/** One sequence; without `offset` it is the last one, which stops after its literals. */
export interface Sequence {
  readonly literals: Uint8Array;
  readonly offset?: number;
  /** The length of the match, 4 or more. */
  readonly match?: number;
}

/** The bytes of a block. Nothing is checked: offsets and lengths may be nonsense. */
export function blockOf(sequences: readonly Sequence[]): Uint8Array {
  const bytes: number[] = [];
  for (const { literals, offset, match = 4 } of sequences) {
    const more = offset === undefined ? 0 : match - 4;
    bytes.push((Math.min(literals.length, 15) << 4) | Math.min(more, 15));
    pushLength(bytes, literals.length);
    for (const byte of literals) bytes.push(byte);
    if (offset === undefined) continue;
    bytes.push(offset & 0xff, offset >> 8);
    pushLength(bytes, more);
  }
  return Uint8Array.from(bytes);
}

/** What honest sequences mean, byte by byte; matches may reach into `history`, which is not part of the result. */
export function textOfSequences(
  sequences: readonly Sequence[],
  history: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const text = [...history];
  for (const { literals, offset, match = 4 } of sequences) {
    text.push(...literals);
    if (offset === undefined) continue;
    for (let i = 0; i < match; i++) text.push(text[text.length - offset]);
  }
  return Uint8Array.from(text).subarray(history.length);
}

/** Sequences, nearly all of them honest: few offsets reach before the start, few ends are too short. */
export function randomSequences(random: Random): Sequence[] {
  const sequences: Sequence[] = [];
  let written = 0;
  for (let count = random.between(0, 12); count > 0; count--) {
    const literals = random.bytes(random.chance(0.1) ? random.between(0, 600) : random.between(0, 20));
    written += literals.length;
    const offset = random.chance(0.02) ? random.between(0, 65_535) : random.between(1, Math.max(1, written));
    const match = random.chance(0.1) ? random.between(4, 3_000) : random.between(4, 40);
    sequences.push({ literals, offset, match });
    written += match;
  }
  return [...sequences, { literals: random.bytes(random.between(3, 40)) }];
}

function pushLength(bytes: number[], length: number): void {
  if (length < 15) return;
  let rest = length - 15;
  for (; rest >= 255; rest -= 255) bytes.push(255);
  bytes.push(rest);
}
