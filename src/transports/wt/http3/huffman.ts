/**
 * The Huffman code of header fields (RFC 7541 §5.2, appendix B).
 *
 * @module
 */

import { http3Error } from "./error.ts";

// How many bits each symbol has, 0 to 255 and the end of a string, as a digit of base 36. The code is canonical: of
// symbols with the same number of bits, the next one has the next code.
const BITS = "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca" +
  "d67777777777777777777777878djde6f56565666577666567655677777fbeds" +
  "kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn" +
  "qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq" +
  "u";
const END = 256;
const BITS_MAX = 30;

// Symbols by code, and for each number of bits the first code and where its symbol is.
const symbols: number[] = [];
const firstCodes: number[] = [];
const firstPlaces: number[] = [];
for (let bits = 0, code = 0; bits <= BITS_MAX + 1; bits++, code *= 2) {
  firstCodes.push(code);
  firstPlaces.push(symbols.length);
  for (let symbol = 0; symbol <= END; symbol++) {
    if (parseInt(BITS[symbol], 36) !== bits) continue;
    symbols.push(symbol);
    code++;
  }
}

/**
 * The bytes that `coded` stands for.
 * @throws {HawserError} `protocol` for what is no such code, or does not end as it must (§5.2)
 */
export function decodeHuffman(coded: Uint8Array): Uint8Array {
  const decoded: number[] = [];
  let code = 0;
  let bits = 0;
  for (const byte of coded) {
    for (let shift = 7; shift >= 0; shift--) {
      code = code * 2 + (byte >>> shift & 1);
      bits++;
      const place = firstPlaces[bits] + code - firstCodes[bits];
      if (place >= firstPlaces[bits + 1]) continue;
      if (symbols[place] === END) throw http3Error("a field has the end of a string amid it");
      decoded.push(symbols[place]);
      code = bits = 0;
    }
  }
  // What is left are the first bits of the end of a string, all ones.
  if (bits > 7 || code !== 2 ** bits - 1) throw http3Error("a field is not padded as it must be");
  return Uint8Array.from(decoded);
}
