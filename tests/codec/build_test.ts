// The builds stay small and quick to start: browsers fetch one with every page.

import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { assert } from "@std/assert";
import { base64Decode } from "../../src/codec/base64.ts";
import { CORE_BASE64 } from "../../src/codec/core_wasm.ts";
import { CORE_BASE64 as CORE_BASE64_RELAXED } from "../../src/codec/core_wasm_relaxed.ts";
import { preferredBuild } from "../../src/codec/core_modules.ts";
import { CORE_BASE64 as CORE_BASE64_SMALL } from "../../src/codec/core_wasm_small.ts";

const GZIP_BYTES_MAX = 10_000;
const SMALL_BYTES_MAX = 7_000;
const START_MS_MAX = 1;

const builds = [["plain", CORE_BASE64], ["relaxed", CORE_BASE64_RELAXED]] as const;

for (const [name, base64] of builds) {
  const bytes = base64Decode(base64);

  test(`${name}: less than ${GZIP_BYTES_MAX} bytes in gzip`, () => {
    const { length } = gzipSync(bytes, { level: 9 });
    assert(length < GZIP_BYTES_MAX, `${length} bytes`);
  });

  if (name === "relaxed" && preferredBuild() === "plain") continue;
  test(`${name}: starts within ${START_MS_MAX} ms`, () => {
    const module = new WebAssembly.Module(bytes);
    // The best of many, because the machine may be busy.
    const times = Array.from({ length: 50 }, () => {
      const start = performance.now();
      new WebAssembly.Instance(module);
      return performance.now() - start;
    });
    assert(Math.min(...times) < START_MS_MAX, `${Math.min(...times)} ms`);
  });
}

test(`small: less than ${SMALL_BYTES_MAX} bytes, deflated`, () => {
  const { length } = base64Decode(CORE_BASE64_SMALL);
  assert(length < SMALL_BYTES_MAX, `${length} bytes`);
});
