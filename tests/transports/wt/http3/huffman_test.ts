// The Huffman code, against the examples and rows of RFC 7541.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../../../src/errors.ts";
import { decodeHuffman } from "../../../../src/transports/wt/http3/huffman.ts";
import { hex } from "../bytes.ts";

// RFC 7541, appendixes C.4 and C.6.
const EXAMPLES = [
  ["f1e3 c2e5 f23a 6ba0 ab90 f4ff", "www.example.com"],
  ["a8eb 1064 9cbf", "no-cache"],
  ["25a8 49e9 5ba9 7d7f", "custom-key"],
  ["25a8 49e9 5bb8 e8b4 bf", "custom-value"],
  ["6402", "302"],
  ["aec3 771a 4b", "private"],
  ["d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff", "Mon, 21 Oct 2013 20:13:21 GMT"],
  ["9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3", "https://www.example.com"],
] as const;

// Rows of appendix B from all parts of the table, as symbol, code and its bits.
const ROWS = [
  [0, 0x1ff8, 13],
  [1, 0x7fffd8, 23],
  [10, 0x3ffffffc, 30],
  [22, 0x3ffffffe, 30],
  [48, 0x0, 5],
  [92, 0x7fff0, 19],
  [127, 0xffffffc, 28],
  [128, 0xfffe6, 20],
  [153, 0x1fffdc, 21],
  [199, 0x1ffffec, 25],
  [220, 0xffffffd, 28],
  [249, 0xffffffe, 28],
  [255, 0x3ffffee, 26],
] as const;

test("the examples of RFC 7541 are decoded", () => {
  for (const [digits, text] of EXAMPLES) {
    assertEquals(new TextDecoder().decode(decodeHuffman(hex(digits))), text);
  }
  assertEquals(decodeHuffman(hex("")).length, 0);
});

test("rows of the code are those of RFC 7541", () => {
  for (const [symbol, code, bits] of ROWS) {
    const padded = code.toString(2).padStart(bits, "0").padEnd(Math.ceil(bits / 8) * 8, "1");
    const bytes = padded.match(/.{8}/g)!.map((byte) => parseInt(byte, 2));
    assertEquals([...decodeHuffman(Uint8Array.from(bytes))], [symbol]);
  }
});

test("a wrong end, and the end of a string amid it, are refused", () => {
  for (const digits of ["00", "f1e3 c2e5 f23a 6ba0 ab90 f4ff ff", "ffff ffff", "ff"]) {
    const error = assertThrows(() => decodeHuffman(hex(digits)), HawserError);
    assertEquals(error.code, "protocol", digits);
  }
});
