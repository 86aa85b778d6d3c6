// What is written in more than one place says the same everywhere, and the pages name only what exists.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { DENO_VERSION, ROOT } from "../runtimes/executables.ts";

const PAGES = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "bench/README.md"];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports: Record<string, string>;
  readonly tasks?: Record<string, unknown>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

const deno = JSON.parse(read("deno.json")) as Manifest;
const npm = JSON.parse(read("package.json")) as Manifest;

test("deno.json and package.json describe the same package", () => {
  for (const key of ["name", "version", "license", "exports"] as const) {
    assertEquals(npm[key], deno[key], key);
  }
});

test("every version in package.json is exact", () => {
  for (const [name, version] of Object.entries({ ...npm.dependencies, ...npm.devDependencies })) {
    assertMatch(version, /^\d+\.\d+\.\d+(-[\w.]+)?$|^file:/, name);
  }
});

test("every export exists", () => {
  for (const path of Object.values(deno.exports)) assert(existsSync(join(ROOT, path)), path);
});

test("the changelog has this version", () => {
  assert(read("CHANGELOG.md").includes(`## ${deno.version}`), `no section for ${deno.version}`);
});

test("commands name the Deno that is used, and tasks that exist", () => {
  for (const page of [...PAGES, ".ci/run"]) {
    for (const [command, version] of read(page).matchAll(/deno@(\d+\.\d+\.\d+)/g)) {
      assertEquals(version, DENO_VERSION, `${page}: ${command}`);
    }
    for (const [command, name] of read(page).matchAll(/deno(?:@[\d.]+)? task ([a-z:]+)/g)) {
      assert(name! in deno.tasks!, `${page}: ${command}`);
    }
  }
});

test("the pages link to files that exist, and name files that exist", () => {
  for (const page of PAGES) {
    const text = read(page);
    const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, path]) => path!);
    // Links are relative to their page, names in code are relative to the root.
    const named = [...text.matchAll(/`((?:src|wasm|tests|bench|examples|scripts)\/[\w./]*)`/g)].map((
      [, path],
    ) => path!);
    for (const path of [...links.map((link) => join(dirname(page), link)), ...named]) {
      assert(existsSync(join(ROOT, path)), `${page}: there is no ${path}`);
    }
  }
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}
