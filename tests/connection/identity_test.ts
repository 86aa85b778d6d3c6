import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import {
  createIdentity,
  exportIdentity,
  HawserError,
  importIdentity,
  loadIdentity,
  saveIdentity,
} from "../../mod.ts";

test("an identity follows from its secret key, and a new one is like no other", () => {
  const identity = createIdentity();
  assertEquals(createIdentity(identity.secretKey), identity);
  assertNotEquals(createIdentity().id, identity.id);
  assertEquals([identity.secretKey.length, identity.publicKey.length, identity.id.length], [32, 32, 43]);
  assertThrows(() => createIdentity(new Uint8Array(31)), RangeError);
});

test("an identity is exported and imported as one line, and nothing else is taken for one", () => {
  const identity = createIdentity();
  const text = exportIdentity(identity);
  assertEquals(importIdentity(`  ${text}\n`), identity);
  for (
    const wrong of ["", text.slice(0, -1), text + "A", text.replace("1:", "2:"), text.replace(":", ":+")]
  ) {
    assertEquals(assertThrows(() => importIdentity(wrong), HawserError).code, "serialization");
  }
});

test("an identity is saved where only its owner reads it, and loaded from nowhere else", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hawser-identity-"));
  try {
    const path = join(folder, "identity");
    const identity = createIdentity();
    await saveIdentity(identity, path);
    assertEquals(await loadIdentity(path), identity);
    assertEquals((await assertRejects(() => saveIdentity(identity, path), HawserError)).code, "io");
    assertEquals((await assertRejects(() => loadIdentity(join(folder, "none")), HawserError)).code, "io");
    if (process.platform !== "win32") {
      assertEquals(statSync(path).mode & 0o777, 0o600);
      chmodSync(path, 0o640);
      assertEquals((await assertRejects(() => loadIdentity(path), HawserError)).code, "not-authorised");
    }
    const other = join(folder, "other");
    writeFileSync(other, "something else", { mode: 0o600 });
    assertEquals((await assertRejects(() => loadIdentity(other), HawserError)).code, "serialization");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
