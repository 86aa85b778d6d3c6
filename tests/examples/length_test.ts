// Examples are short enough to be read at once.

import { readFileSync } from "node:fs";
import { test } from "node:test";
import { assert } from "@std/assert";
import { ROOT } from "../runtimes/executables.ts";

const LINES_MAX = 60;

const EXAMPLES = [
  "chat/index.html",
  "chat/serve.ts",
  "contract.ts",
  "echo.ts",
  "hono_app.ts",
  "send_file.ts",
];

for (const name of EXAMPLES) {
  test(`examples/${name} has fewer than ${LINES_MAX} lines`, () => {
    const lines = readFileSync(`${ROOT}examples/${name}`, "utf8").trimEnd().split("\n").length;
    assert(lines < LINES_MAX, `${lines}`);
  });
}
