/**
 * Every gate, one after another: what must hold before a change is done.
 * Stops at the first that fails and says which. Names given as arguments choose some gates.
 *
 * ```sh
 * deno task ok
 * deno task ok types docs
 * ```
 *
 * @module
 */

import manifest from "../deno.json" with { type: "json" };
import { ROOT } from "../tests/runtimes/executables.ts";

interface Gate {
  readonly name: string;
  /** Runs in turn; arguments of Deno, without the executable. */
  readonly commands: readonly (readonly string[])[];
  /** What to do when it fails. */
  readonly advice: string;
}

// What users may import, as deno.json says.
const DOORS: readonly string[] = Object.values(manifest.exports);

// The types of Hono, which this one shows, have no comments.
const DOCUMENTED = DOORS.filter((door) => !door.includes("/signalling/"));

const GATES: readonly Gate[] = [
  { name: "format", commands: [["fmt", "--check"]], advice: 'run "deno fmt"' },
  { name: "lint", commands: [["lint"]], advice: "the rule's page says why it is one" },
  {
    name: "types",
    commands: [["check", ...DOORS, "src", "tests", "bench", "examples", "scripts"]],
    advice: "no `any`, no cast that hides it",
  },
  {
    name: "docs",
    commands: [["doc", "--lint", ...DOCUMENTED], [
      "test",
      "-A",
      "--doc",
      "--quiet",
      ...DOORS,
      "src",
      "README.md",
    ]],
    advice: "examples in doc comments and in the README run as they are written",
  },
  {
    name: "architecture",
    commands: [["test", "-A", "--no-check", "--quiet", "tests/architecture_test.ts"]],
    advice: "ARCHITECTURE.md says who may import whom",
  },
  {
    name: "wasm",
    commands: [["run", "-A", "scripts/build_wasm.ts", "--check"]],
    advice: 'run "deno task build:wasm" and commit what it wrote',
  },
  {
    name: "publish",
    commands: [["publish", "--dry-run", "--allow-dirty", "--quiet"]],
    advice: "what is published is named in deno.json",
  },
  {
    name: "tests",
    commands: [["run", "-A", "scripts/test.ts"]],
    advice: "one file: deno task test <part of its path>",
  },
];

const chosen = GATES.filter(({ name }) => Deno.args.length === 0 || Deno.args.includes(name));
if (chosen.length === 0) {
  console.error(`no such gate; there are ${GATES.map(({ name }) => name).join(", ")}`);
  Deno.exit(2);
}
for (const gate of chosen) await pass(gate);
console.log(`\nok: ${chosen.map(({ name }) => name).join(", ")}`);

async function pass({ name, commands, advice }: Gate): Promise<void> {
  console.log(`\n== gate: ${name}`);
  const startedAt = performance.now();
  for (const args of commands) {
    const { success } = await new Deno.Command(Deno.execPath(), { args: [...args], cwd: ROOT }).spawn()
      .status;
    if (success) continue;
    console.error(`\nthe gate "${name}" failed: deno ${args.join(" ")}\n${advice}`);
    Deno.exit(1);
  }
  console.log(`== ${name}: passed in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}
