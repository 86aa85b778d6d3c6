// The lz4 command, the reference implementation in C, as an oracle where it is installed.

import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Random } from "../simulation/random.ts";
import { freshCodecs } from "./codecs.ts";
import { skippableFrame } from "./lz4_frames.ts";
import { assertRefused, assertSameBytes, CHARACTERS, joined, textOf } from "./lz4_texts.ts";

const SEED = 194;
const COMMAND_MS_MAX = 30_000;
const found = spawnSync("lz4", ["--version"], { timeout: COMMAND_MS_MAX });
const skip = found.status !== 0 && `the lz4 command cannot be run here: ${found.error ?? found.stderr}`;
if (skip) console.log(skip);

/** What the command makes: levels, block sizes, linked blocks (-BD), checksums, content size. */
const WAYS: readonly (readonly string[])[] = [
  ["-1"],
  ["-9"],
  ["-B4", "-BD"],
  ["-B4", "-BD", "-9", "--content-size"],
  ["-B5", "-BX"],
  ["-B6", "--no-frame-crc", "--content-size"],
  ["-B7", "-BD", "-BX", "-12"],
];

for (const { name, codec } of freshCodecs()) {
  test(`${name}: frames of the lz4 command (seed ${SEED})`, { skip }, () => {
    for (const text of texts()) {
      for (const way of WAYS) {
        const frame = lz4([...way, "-c"], text);
        const what = `lz4 ${way.join(" ")}, ${text.length} bytes with seed ${SEED}`;
        assertSameBytes(codec.lz4DecompressFrame(frame, text.length), text, what);
      }
    }
  });

  test(`${name}: frames for the lz4 command (seed ${SEED})`, { skip }, () => {
    for (const text of texts()) {
      const frame = joined(skippableFrame(1, text.subarray(0, 10)), codec.lz4CompressFrame(text));
      assertSameBytes(lz4(["-d", "-c"], frame), text, `${text.length} bytes with seed ${SEED}`);
    }
  });

  test(`${name}: legacy frames of the lz4 command are refused by their name`, { skip }, () => {
    const frame = lz4(["-l", "-c"], new Uint8Array(100));
    assertStringIncludes(assertRefused(() => codec.lz4DecompressFrame(frame, 100), "legacy"), "legacy");
  });
}

/** Few, because every one of them is a process. */
function texts(): Uint8Array[] {
  const random = new Random(SEED);
  const long = CHARACTERS.map((character) => textOf(character, 40_000, random));
  return [new Uint8Array(0), textOf("words", 1, random), textOf("patchwork", 5_000, random), joined(...long)];
}

function lz4(options: readonly string[], input: Uint8Array): Uint8Array {
  const run = spawnSync("lz4", options, { input, timeout: COMMAND_MS_MAX, maxBuffer: 16 * 1024 * 1024 });
  assertEquals(run.status, 0, `lz4 ${options.join(" ")}: ${run.error ?? run.stderr}`);
  return run.stdout;
}
