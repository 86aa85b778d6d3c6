// Integers of QUIC, against the examples of RFC 9000, appendix A.1.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { readVarint, varints } from "../../../../src/transports/wt/http3/varint.ts";
import { hex } from "../bytes.ts";

const EXAMPLES = [["7bbd", 15_293], ["25", 37], ["9d7f3e7d", 494_878_333]] as const;

test("integers are read and written as RFC 9000 shows", () => {
  for (const [digits, value] of EXAMPLES) {
    assertEquals(readVarint(hex(digits), 0), { value, end: digits.length / 2 });
    assertEquals(varints(value), hex(digits));
  }
  // Longer than it must be, and as large as can be.
  assertEquals(readVarint(hex("4025"), 0), { value: 37, end: 2 });
  assertEquals(readVarint(hex("c2197c5eff14e88c"), 0)?.end, 8);
});

test("every length is written back at its borders", () => {
  for (const value of [0, 63, 64, 16_383, 16_384, 2 ** 30 - 1, 2 ** 30, 0xc671706a, 2 ** 53 - 1]) {
    const bytes = varints(7, value);
    assertEquals(readVarint(bytes, 1), { value, end: bytes.length });
    for (let cut = 1; cut < bytes.length; cut++) {
      assertEquals(readVarint(bytes.subarray(0, cut), 1), undefined);
    }
  }
});
