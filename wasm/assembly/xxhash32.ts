// XXH32 (xxhash_spec.md of the xxHash project): the checksum of LZ4 frames.

const PRIME_1: u32 = 0x9e3779b1;
const PRIME_2: u32 = 0x85ebca77;
const PRIME_3: u32 = 0xc2b2ae3d;
const PRIME_4: u32 = 0x27d4eb2f;
const PRIME_5: u32 = 0x165667b1;

/** The XXH32 of `length` bytes at `source`. */
export function xxh32(source: usize, length: u32, seed: u32): u32 {
  const end = source + length;
  let at = source;
  let hash = seed + PRIME_5;
  if (length >= 16) {
    let a = seed + PRIME_1 + PRIME_2;
    let b = seed + PRIME_2;
    let c = seed;
    let d = seed - PRIME_1;
    do { // Four accumulators, so that the multiplications overlap.
      a = round(a, load<u32>(at));
      b = round(b, load<u32>(at, 4));
      c = round(c, load<u32>(at, 8));
      d = round(d, load<u32>(at, 12));
      at += 16;
    } while (at + 16 <= end);
    hash = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18);
  }
  hash += length;
  for (; at + 4 <= end; at += 4) hash = rotl(hash + load<u32>(at) * PRIME_3, 17) * PRIME_4;
  for (; at < end; at++) hash = rotl(hash + <u32> load<u8>(at) * PRIME_5, 11) * PRIME_1;
  return avalanche(hash);
}

// @ts-ignore: decorator
@inline
function round(accumulator: u32, word: u32): u32 {
  return rotl(accumulator + word * PRIME_2, 13) * PRIME_1;
}

function avalanche(hash: u32): u32 {
  hash = (hash ^ (hash >> 15)) * PRIME_2;
  hash = (hash ^ (hash >> 13)) * PRIME_3;
  return hash ^ (hash >> 16);
}
