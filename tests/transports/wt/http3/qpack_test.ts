// Header fields as bytes, against RFC 9204 and what a browser sent.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../../../src/errors.ts";
import { HTTP3_FIELDS_MAX, HTTP3_FRAME_BYTES_MAX } from "../../../../src/quic_limits.ts";
import { decodeFields, encodeFields } from "../../../../src/transports/wt/http3/qpack.ts";
import { type Field, STATIC_TABLE } from "../../../../src/transports/wt/http3/static_table.ts";
import { hex } from "../bytes.ts";

test("the example of RFC 9204, appendix B.1, is decoded", () => {
  assertEquals(decodeFields(hex("0000 510b 2f69 6e64 6578 2e68 746d 6c")), [[":path", "/index.html"]]);
});

test("the static table has its 99 rows in their places", () => {
  assertEquals(STATIC_TABLE.length, 99);
  const rows: [number, string, string][] = [
    [15, ":method", "CONNECT"],
    [23, ":scheme", "https"],
    [25, ":status", "200"],
    [46, "content-type", "application/json"],
    [62, "x-xss-protection", "1; mode=block"],
    [68, ":status", "403"],
    [85, "content-security-policy", "script-src 'none'; object-src 'none'; base-uri 'none'"],
    [90, "origin", ""],
    [98, "x-frame-options", "sameorigin"],
  ];
  for (const [index, name, value] of rows) assertEquals(STATIC_TABLE[index], [name, value]);
});

test("what is encoded is decoded", () => {
  assertEquals(encodeFields([[":status", "200"]]), hex("0000 d9"));
  const fields: Field[] = [
    [":method", "CONNECT"],
    [":path", `/${"x".repeat(200)}`],
    ["user-agent", ""],
    ["sec-webtransport-http3-draft02", "1"],
    ["x-a", "ß"],
    ["x-frame-options", "deny"],
  ];
  assertEquals(decodeFields(encodeFields(fields)), fields);
});

test("Huffman codes are decoded in names and values", () => {
  // A name of 8 bytes and a value of 9, both coded (RFC 7541, C.4.3).
  const section = hex("0000 2f01 25a8 49e9 5ba9 7d7f 89 25a8 49e9 5bb8 e8b4 bf");
  assertEquals(decodeFields(section), [["custom-key", "custom-value"]]);
});

test("dynamic tables, cut fields and fields without a row are refused", () => {
  const wrong = [
    "",
    "00",
    "0100 d9",
    "0000 80",
    "0000 40 00",
    "0000 10",
    "0000 00 00",
    "0000 ff 25",
    "0000 51",
  ];
  for (const digits of [...wrong, "0000 510b 2f69", "0000 ffff ffff ff7f", "0000 51 01 ff"]) {
    assertEquals(assertThrows(() => decodeFields(hex(digits)), HawserError).code, "protocol", digits);
  }
});

test("fields are bounded in number and size", () => {
  const many = (count: number) => encodeFields(new Array<Field>(count).fill([":status", "200"]));
  assertEquals(decodeFields(many(HTTP3_FIELDS_MAX)).length, HTTP3_FIELDS_MAX);
  assertThrows(() => decodeFields(many(HTTP3_FIELDS_MAX + 1)), HawserError, "more than");
  const long = (bytes: number) => encodeFields([["a", "x".repeat(bytes - 1)]]);
  assertEquals(decodeFields(long(HTTP3_FRAME_BYTES_MAX)).length, 1);
  assertThrows(() => decodeFields(long(HTTP3_FRAME_BYTES_MAX + 1)), HawserError, "more than");
});
