// Which requests become sessions.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../../src/errors.ts";
import type { Field } from "../../../src/transports/wt/http3/static_table.ts";
import { judgeRequest, requestFields, statusOf } from "../../../src/transports/wt/request.ts";

const RULES = { path: "/hawser", origins: ["https://example.org"] };
const RIGHT = requestFields("127.0.0.1:7000", "/hawser?x=1");

const judge = (...more: Field[]) => judgeRequest([...RIGHT, ...more], RULES);
const without = (name: string, ...instead: Field[]) =>
  judgeRequest([...RIGHT.filter((field) => field[0] !== name), ...instead], RULES);

test("a program may connect, and a page of a listed origin", () => {
  assertEquals(judge(), 200);
  assertEquals(judge(["origin", "https://example.org"]), 200);
  assertEquals(judge(["origin", "HTTPS://EXAMPLE.ORG"]), 200);
});

test("pages of other origins are refused", () => {
  for (const origin of ["https://evil.example", "null", "https://example.org.evil.example", ""]) {
    assertEquals(judge(["origin", origin]), 403, origin);
  }
  assertEquals(judge(["origin", "https://evil.example"], ["origin", "https://example.org"]), 400);
});

test("other paths, methods and protocols are refused", () => {
  for (const path of ["/", "/hawser/", "/hawser2", "//hawser"]) {
    assertEquals(without(":path", [":path", path]), 404, path);
  }
  assertEquals(without(":method", [":method", "GET"]), 400);
  assertEquals(without(":protocol", [":protocol", "websocket"]), 400);
  assertEquals(without(":scheme", [":scheme", "http"]), 400);
  for (const name of [":method", ":protocol", ":scheme", ":authority"]) {
    assertEquals(without(name), 400, name);
  }
  assertEquals(without(":path"), 404);
});

test("fields that are doubled, unknown or in upper case are refused", () => {
  assertEquals(judge([":path", "/hawser"]), 400);
  assertEquals(judge([":status", "200"]), 400);
  assertEquals(judge(["Origin", "https://example.org"]), 400);
});

test("a response has a status", () => {
  assertEquals(statusOf([[":status", "404"]]), 404);
  for (const fields of [[], [[":status", "20"]], [[":status", "abc"]]] as Field[][]) {
    assertThrows(() => statusOf(fields), HawserError, "no status");
  }
});
