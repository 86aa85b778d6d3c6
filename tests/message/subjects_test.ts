import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { checkPattern, checkSubject, faultOfPattern, faultOfSubject } from "../../src/message/subjects.ts";
import { SUBJECT_BYTES_MAX, SUBJECT_TOKENS_MAX } from "../../src/topic_limits.ts";

const GOOD = ["a", "room.7.chat", "Grüße.日本.🚢", "_-/:$@#", "a".repeat(SUBJECT_BYTES_MAX)];
const BAD = [
  "",
  ".",
  "a.",
  ".a",
  "a..b",
  "a b",
  "a\tb",
  "a\u0000",
  "a\u00a0b",
  "a\u009fb",
  "a.\ud800",
  "a\n",
];

test("subjects: what is one, and what is none", () => {
  for (const subject of GOOD) assertEquals(faultOfSubject(subject), undefined);
  for (const subject of [...BAD, "*", "a.*", "a.>", "a*", "a>b"]) {
    assertThrows(() => checkSubject(subject), TypeError);
  }
  assertThrows(() => checkSubject(7 as unknown as string), TypeError);
});

test("patterns: stars and the rest stand alone, and the rest comes last", () => {
  for (const pattern of [...GOOD, "*", ">", "*.*", "a.*.c", "a.>", "*.>", "a.*.>"]) {
    assertEquals(faultOfPattern(pattern), undefined);
  }
  for (const pattern of [...BAD, "a*", "*a", "**", "a.b*.c", ">a", ">.a", "a.>.b", ">.>", ">.*"]) {
    assertThrows(() => checkPattern(pattern), TypeError);
  }
});

test("subjects: as many bytes and tokens as they may have, and one more", () => {
  const wide = "é".repeat((SUBJECT_BYTES_MAX - 1) / 2);
  assertEquals(faultOfSubject(`${wide}a`), undefined);
  assertThrows(() => checkSubject(`${wide}é`), TypeError, "255 bytes");
  assertThrows(() => checkSubject("a".repeat(SUBJECT_BYTES_MAX + 1)), TypeError, "255 bytes");

  const deep = Array.from({ length: SUBJECT_TOKENS_MAX }, () => "a").join(".");
  assertEquals(faultOfSubject(deep), undefined);
  assertThrows(() => checkSubject(`${deep}.a`), TypeError, "16 tokens");
});
