/**
 * Whether bytes are worth compressing, judged by a sample.
 *
 * @module
 */

const SAMPLE_BYTES = 256;
const RUN_BYTES = 8;
/** Equal pairs among 256 random bytes, on average, times 3/2. */
const PAIRS_MIN = 190.5;

/**
 * `false` for bytes that look encrypted or compressed already: trying would be in vain.
 *
 * Random bytes are equal in one pair of 256; text, JSON and machine code repeat themselves several times as
 * often (the index of coincidence of cryptanalysis). The sample is 32 runs of 8 bytes, spread evenly; sources
 * shorter than it always pass.
 */
export function looksCompressible(source: Uint8Array): boolean {
  if (source.length < SAMPLE_BYTES) return true;
  const counts = new Uint16Array(256);
  const runs = SAMPLE_BYTES / RUN_BYTES;
  const stride = Math.floor((source.length - RUN_BYTES) / (runs - 1));
  let pairs = 0;
  for (let run = 0; run < runs; run++) {
    for (let i = 0; i < RUN_BYTES; i++) pairs += counts[source[run * stride + i]]++;
  }
  return pairs > PAIRS_MIN;
}
