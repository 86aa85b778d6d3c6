import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { median, reasonOf } from "../../bench/path/rounds.ts";

test("the reason is the first line that names an error, whatever the runtime writes around it", () => {
  const ended = (written: string) =>
    new Error(`bun peer.ts ended (code 1) before its next line; it wrote:\n${written}`);
  assertEquals(
    reasonOf(ended("283 | throw\n  ^\nEncryptionFailedError: The operation timed out.\n  at dial")),
    "EncryptionFailedError: The operation timed out.",
  );
  assertEquals(
    reasonOf(ended("\x1b[31merror\x1b[0m: Uncaught (in promise) TypeError: no\n  at x")),
    "error: Uncaught (in promise) TypeError: no",
  );
  assertEquals(reasonOf(ended("12 | throw\n  ^\nerror: no server\n  at dial")), "error: no server");
  assertEquals(reasonOf(ended("(killed: it was still running)")), "(killed: it was still running)");
  assertEquals(reasonOf(ended("")), "Error: bun peer.ts ended (code 1) before its next line; it wrote:");
});

test("the median is the middle", () => {
  assertEquals(median([9, 1, 5]), 5);
  assertEquals(median([9, 1, 5, 7]), 6);
});
