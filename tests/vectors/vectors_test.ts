// The loader itself: what is locked is all there, is read through its hash, and absence is a skip with a reason.

import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { assertCasesRan, LOCK, vectorSet, type VectorSetName } from "./vectors.ts";

const NAMES = Object.keys(LOCK) as VectorSetName[];

for (const name of NAMES) {
  const set = vectorSet(name);
  test(`every file of the vectors ${name} is what the lock says`, { skip: set.skip }, () => {
    for (const path of set.files) assert(set.read(path).length >= 0);
    assert(set.cases > 0);
  });
}

test("the lock names source, commit, licence and hash of everything", () => {
  for (const name of NAMES) {
    const { repository, commit, licence, files } = LOCK[name];
    assertMatch(repository, /^[\w-]+\/[\w-]+$/);
    assertMatch(commit, /^[0-9a-f]{7,40}$/);
    assert(licence.length > 0 && files.length > 0);
    for (const file of files) {
      assertMatch(file.sha256, /^[0-9a-f]{64}$/);
      assert((file.source === undefined) !== (file.made === undefined), `${file.path}: source or made`);
    }
  }
});

test("too few cases are a failure, and so is a file that is not locked", () => {
  const set = vectorSet("wycheproof");
  assertEquals(set.cases, 325 + 86 + 518 + 315);
  assertCasesRan(set, 518, "x25519_test.json");
  assertThrows(() => assertCasesRan(set, 517, "x25519_test.json"), Error, "only 517 of 518");
  assertThrows(() => assertCasesRan(set, 1_243), Error, "only 1243 of 1244");
  assertThrows(() => set.read("../secret"), Error, "not in the lock");
});
