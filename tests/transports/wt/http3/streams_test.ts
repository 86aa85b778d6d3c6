// What a stream is for.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../../../src/errors.ts";
import { HeadReader } from "../../../../src/transports/wt/http3/streams.ts";
import { hex } from "../bytes.ts";

function headOf(bidirectional: boolean, digits: string) {
  const reader = new HeadReader(bidirectional);
  for (const byte of hex(digits).slice(0, -1)) {
    const early = reader.feed(Uint8Array.of(byte));
    if (early !== undefined) return early;
  }
  return reader.feed(hex(digits).slice(-1));
}

test("streams of a session say which, requests keep their first frame, others only their type", () => {
  assertEquals(headOf(true, "4041 04"), { type: 0x41, session: 4, rest: hex("") });
  assertEquals(headOf(true, "01"), { type: 1, session: undefined, rest: hex("01") });
  assertEquals(headOf(false, "4054 4100"), { type: 0x54, session: 256, rest: hex("") });
  assertEquals(headOf(false, "00"), { type: 0, session: undefined, rest: hex("") });
  assertEquals(new HeadReader(true).feed(hex("4041 00 0102"))?.rest, hex("0102"));
  assertEquals(new HeadReader(false).feed(hex("00 0400"))?.rest, hex("0400"));
  assertEquals(new HeadReader(true).feed(hex("40")), undefined);
});

test("pieces without a byte are not taken for ever", () => {
  const reader = new HeadReader(true);
  assertEquals(reader.feed(hex("")), undefined);
  assertEquals(reader.feed(hex("c0000000000000")), undefined);
  assertEquals(reader.feed(hex("41")), undefined);
  assertEquals(reader.feed(hex("c0000000000000")), undefined);
  assertEquals(reader.feed(hex("08 ff"))?.session, 8);
  assertThrows(() => reader.feed(hex("00")), HawserError, "what it is for");
});
