// The design of the house, held against every file; and each rule against a file that breaks it.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { RULES } from "./architecture/rules.ts";
import { type Facts, readFacts } from "./architecture/source.ts";
import { ROOT } from "./runtimes/executables.ts";

const FOLDERS = ["src", "tests", "bench", "examples", "scripts"].filter((folder) =>
  existsSync(ROOT + folder)
);

const FRONT_DOORS = readdirSync(ROOT).filter((name) => name.endsWith(".ts"));

const files: readonly Facts[] = [...FRONT_DOORS, ...FOLDERS.flatMap(sourcesIn)].map(readSource);

for (const [sentence, rule] of Object.entries(RULES)) {
  test(sentence, () => assertEquals(rule(files), []));
}

test("the walk finds the house", () => {
  const paths = files.map(({ path }) => path);
  for (const path of ["src/errors.ts", "src/codec/codec.ts", "tests/architecture_test.ts"]) {
    assert(paths.includes(path), `${path} was not read`);
  }
});

/** Files that break a rule: the rule, the path, the text, and what must be said of it. */
const VIOLATIONS: readonly (readonly [rule: keyof typeof RULES, path: string, text: string, said: string])[] =
  [
    [
      "imports stay in their row",
      "src/wire/a.ts",
      'import { x } from "../codec/b.ts";',
      "may not import src/codec/b.ts",
    ],
    [
      "imports stay in their row",
      "src/noise/a.ts",
      'const x = await import("../wire/b.ts");',
      "may not import src/wire/b.ts",
    ],
    [
      "imports stay in their row",
      "src/link.ts",
      'export * from "./wire/b.ts";',
      "may not import src/wire/b.ts",
    ],
    [
      "imports stay in their row",
      "src/session/a.ts",
      'type X = import("../connection/b.ts").X;',
      "src/connection/b.ts",
    ],
    ["imports stay in their row", "src/network/a.ts", 'import "../../mod.ts";', "may not import mod.ts"],
    [
      "imports stay in their row",
      "mod.ts",
      'export { x } from "./src/session/b.ts";',
      "may not import src/session/b.ts",
    ],
    ["imports stay in their row", "src/shed/a.ts", "", "no folder src/shed"],
    [
      "packages are used where the design allows",
      "src/wire/a.ts",
      'import { x } from "@noble/ciphers/b.js";',
      "@noble/ciphers",
    ],
    ["packages are used where the design allows", "src/codec/a.ts", 'import x from "left-pad";', "left-pad"],
    [
      "packages are used where the design allows",
      "src/codec/a.ts",
      'import x from "@std/assert";',
      "@std/assert",
    ],
    [
      "clocks, timers and random sources stay out of the pure folders",
      "src/session/a.ts",
      "\nx = Date.now();",
      ":2: Date",
    ],
    [
      "clocks, timers and random sources stay out of the pure folders",
      "src/wire/a.ts",
      "f(Math.random());",
      "Math.random",
    ],
    [
      "clocks, timers and random sources stay out of the pure folders",
      "src/noise/a.ts",
      "globalThis.crypto.subtle;",
      "crypto",
    ],
    [
      "clocks, timers and random sources stay out of the pure folders",
      "src/codec/a.ts",
      "const f = { setTimeout };",
      "setTimeout",
    ],
    [
      "clocks, timers and random sources stay out of the pure folders",
      "src/session/a.ts",
      'import { randomBytes, type X } from "../random.ts";',
      "../random.ts has no place",
    ],
    ["names of runtimes stay in the transports", "src/connection/a.ts", "Deno.pid;", "Deno belongs"],
    ["names of runtimes stay in the transports", "src/message/a.ts", 'import "node:fs";', "node:fs belongs"],
    [
      "names of runtimes stay in the transports",
      "src/codec/a.ts",
      "x = (globalThis as X).Bun;",
      "Bun belongs",
    ],
    ["files and functions are short", "src/wire/a.ts", "\n".repeat(401), "401 lines"],
    ["files and functions are short", "src/wire/a.ts", `const f = () => {${"\n".repeat(70)}};`, "71 lines"],
    [
      "files and functions are short",
      "tests/wire/a_test.ts",
      `class A { m() {${"\n".repeat(70)}} }`,
      "m has 71 lines",
    ],
    ["exports have a doc comment", "src/wire/a.ts", "// No.\nexport const a = 1;", "a has no doc comment"],
    ["names say what a file is", "src/wire/utils.ts", "", '"utils" says nothing'],
    ["names say what a file is", "src/wire/camelCase.ts", "", "snake_case"],
    ["every test mirrors something", "tests/wire_test.ts", "", "neither src/wire.ts"],
    ["every test mirrors something", "tests/shed/a_test.ts", "", "neither src/shed/a.ts"],
    ["every test mirrors something", "src/wire/a_test.ts", "", "tests live in tests/"],
  ];

for (const [rule, path, text, said] of VIOLATIONS) {
  test(`a violation is seen: ${path} ${said}`, () => {
    const complaints = RULES[rule]!([readFacts({ path, text })]);
    assert(
      complaints.length === 1 && complaints[0]!.includes(said),
      `it said: ${complaints.join("; ") || "nothing"}`,
    );
  });
}

test("every rule has a file that breaks it", () => {
  const broken = new Set(VIOLATIONS.map(([rule]) => rule));
  assertEquals(Object.keys(RULES).filter((rule) => !broken.has(rule)), []);
});

test("what only looks like a violation is allowed", () => {
  const text = `
    /** Date and setTimeout in a comment, "Deno" in a string. */
    export const a = ["Deno", "Math.random"];
    import type { x } from "../errors.ts";
    import { type z } from "../random.ts";
    import { y } from "./b.ts";
    const { Date: d } = clock;
    clock.Date.process({ performance: clock.setTimeout, Bun: 1 });
    Math.floor(clock.crypto);
  `;
  const facts = [
    readFacts({ path: "src/wire/a.ts", text }),
    readFacts({ path: "tests/wire/made_up_test.ts", text: "" }),
    readFacts({ path: "src/transports/udp/mod.ts", text: "process.pid;" }),
    readFacts({ path: "tests/transports/udp_test.ts", text: "" }),
  ];
  for (const rule of Object.values(RULES)) assertEquals(rule(facts), []);
});

function sourcesIn(folder: string): string[] {
  return readdirSync(ROOT + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sourcesIn(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}

function readSource(path: string): Facts {
  return readFacts({ path, text: readFileSync(ROOT + path, "utf8") });
}
