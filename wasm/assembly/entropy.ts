// Is it worth compressing? A look at a sample, cheaper than trying.
//
// Of n bytes drawn from random data, a pair is equal once in 256 times; text,
// JSON and machine code repeat their bytes several times as often. So the
// number of equal pairs in a sample tells encrypted and compressed bytes from
// the rest (the index of coincidence of cryptanalysis).

import { PROBE_COUNTS } from "./memory";

/** How many bytes are looked at: four standard deviations then lie below the threshold. */
const SAMPLE_BYTES: u32 = 256;
/** They are taken in runs of eight, one load each. */
const RUN_BYTES: u32 = 8;
/** Data that has this many times the equal pairs of random data is worth a try: 3/2. */
const THRESHOLD_NUMERATOR: u32 = 3;
const THRESHOLD_DENOMINATOR: u32 = 2;

/**
 * Whether the `length` bytes at `source` look as if LZ4 could shorten them.
 * Sources shorter than the sample always do.
 */
export function looksCompressible(source: usize, length: u32): bool {
  if (length < SAMPLE_BYTES) return true;
  memory.fill(PROBE_COUNTS, 0, 256);
  const stride = (length - RUN_BYTES) / (SAMPLE_BYTES / RUN_BYTES - 1);
  let pairs: u32 = 0;
  for (let run: u32 = 0; run < SAMPLE_BYTES / RUN_BYTES; run++) {
    let bytes = load<u64>(source + run * stride);
    for (let i: u32 = 0; i < RUN_BYTES; i++) {
      const counter = PROBE_COUNTS + <usize> (bytes & 0xff);
      const seen = <u32> load<u8>(counter);
      pairs += seen;
      store<u8>(counter, seen + 1); // Overflows with the last byte at the earliest.
      bytes >>= 8;
    }
  }
  const pairsOfRandom = SAMPLE_BYTES * (SAMPLE_BYTES - 1) / 2 / 256;
  return pairs * THRESHOLD_DENOMINATOR > pairsOfRandom * THRESHOLD_NUMERATOR;
}
