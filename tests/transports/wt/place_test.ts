// What an address of WebTransport says.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../../src/errors.ts";
import { parseAddress } from "../../../src/transports/address.ts";
import { placeOf } from "../../../src/transports/wt/place.ts";

const ZEROS = "A".repeat(43);
const ONES = `${"_".repeat(42)}8`;

const partsOf = (text: string) => {
  const { authority, path, hashes } = placeOf(parseAddress(text));
  return [authority, path, hashes.map((hash) => [hash.length, hash[0], hash[31]])];
};

test("hashes are taken out of the query, which keeps the rest", () => {
  assertEquals(partsOf("wt://example.org:7000"), ["example.org:7000", "/", []]);
  assertEquals(partsOf("wt://example.org/chat"), ["example.org", "/chat", []]);
  assertEquals(partsOf("wt://[::1]:7000/chat?room=1"), ["[::1]:7000", "/chat?room=1", []]);
  assertEquals(partsOf(`wt://127.0.0.1:1?hash=${ZEROS}`), ["127.0.0.1:1", "/", [[32, 0, 0]]]);
  assertEquals(
    partsOf(`wt://127.0.0.1:1/chat?a=b&hash=${ZEROS}&c&hash=${ONES}`),
    ["127.0.0.1:1", "/chat?a=b&c", [[32, 0, 0], [32, 255, 255]]],
  );
});

test("a hash that is none is refused", () => {
  for (const hash of ["", ZEROS.slice(1), `${ZEROS}A`, `${ZEROS.slice(1)}=`, `${ZEROS.slice(1)}+`]) {
    const address = parseAddress(`wt://127.0.0.1:1/?hash=${hash}`);
    assertEquals(assertThrows(() => placeOf(address), HawserError).code, "invalid-address", hash);
  }
});
