// The compiler complains of every mistake in type_cases.ts, by the code that is marked, and of nothing else.
// Types are the same on every runtime, and the checker is Deno's: one run is enough.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { promisify } from "node:util";
import { assert, assertEquals } from "@std/assert";
import { executableOf, ROOT } from "../../runtimes/executables.ts";
import { currentRuntime } from "../../runtimes/runtimes.ts";

const MARK = /^ *\/\/ @ts-expect-error (TS\d+): /;

const source = await readFile(new URL("type_cases.ts", import.meta.url), "utf8");

/** The code of every mistake, by the number of its line. */
const expected = source.split("\n").flatMap((line, index) => {
  const code = MARK.exec(line)?.[1];
  return code === undefined ? [] : [`${index + 2}: ${code}`];
});

test("there are mistakes of every kind", () => assert(expected.length >= 25, `${expected.length}`));

if (currentRuntime() === "deno") {
  test("the compiler refuses what does not fit a contract, and only that", async () => {
    const folder = await mkdtemp(`${ROOT}.cache/types-`);
    try {
      const unmarked = source.split("\n").map((line) => MARK.test(line) ? "//" : line).join("\n");
      const root = new URL("../../../", import.meta.url).href;
      await writeFile(`${folder}/cases.ts`, unmarked.replaceAll('"../../../', `"${root}`));
      // A configuration of its own, because the repository's leaves this folder out.
      const { compilerOptions, unstable } = JSON.parse(await readFile(`${ROOT}deno.json`, "utf8"));
      const config = { compilerOptions, unstable, nodeModulesDir: "manual" };
      await writeFile(`${folder}/deno.json`, JSON.stringify(config));
      assertEquals(await complaintsOf(folder), expected);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

/** Whatever the checker says of cases.ts in `folder`, as `line: code`. */
async function complaintsOf(folder: string): Promise<string[]> {
  const args = ["check", "cases.ts"];
  const options = { cwd: folder, env: { ...process.env, NO_COLOR: "1" } };
  const said = await promisify(execFile)(executableOf("deno"), args, options).then(
    ({ stderr }) => stderr,
    ({ stderr }: { stderr: string }) => stderr,
  );
  const places = [...said.matchAll(/^(TS\d+) \[ERROR\]|^ {4}at .*\/cases\.ts:(\d+):\d+/gm)];
  return places.flatMap(([, , line], index) =>
    line === undefined ? [] : [`${line}: ${places[index - 1][1]}`]
  );
}
