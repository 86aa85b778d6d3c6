/**
 * The package for Node and bundlers: every file of the library as JavaScript with its declarations.
 *
 * @module
 */

import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PAGES = ["README.md", "CHANGELOG.md", "LICENSE"];

// What the package has in common with the package.json of the repository.
const KEPT = [
  "name",
  "version",
  "description",
  "license",
  "type",
  "sideEffects",
  "engines",
  "dependencies",
  "peerDependencies",
  "peerDependenciesMeta",
];

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.esnext.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  types: ["node"],
  rootDir: ROOT,
  strict: true,
  verbatimModuleSyntax: true,
  allowImportingTsExtensions: true,
  rewriteRelativeImportExtensions: true,
  declaration: true,
  skipLibCheck: true,
  // `deno check` has done it, with the types of Deno.
  noCheck: true,
};

/** The part of a package.json that says what may be imported. */
export interface NpmManifest {
  /** By door: `./web`. */
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
}

/** The manifest of the package: what the repository's says, with built files behind the doors. */
export function npmManifest(): NpmManifest {
  const manifest = readManifest();
  const exports = Object.fromEntries(
    Object.entries(manifest.exports).map(([door, path]) => {
      const stem = path.replace(/\.ts$/, "");
      return [door, { types: `${stem}.d.ts`, default: `${stem}.js` }];
    }),
  );
  return { ...Object.fromEntries(KEPT.map((key) => [key, manifest[key]])), exports };
}

/** Writes the package to `folder`, whose content is replaced. */
export function buildNpmPackage(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const program = ts.createProgram(
    Object.values(readManifest().exports).map((path) => join(ROOT, path)),
    OPTIONS,
  );
  program.emit(undefined, (path, text) => {
    const target = join(folder, path.slice(ROOT.length));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, path.endsWith(".d.ts") ? withDeclarations(text) : text);
  });
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(npmManifest(), undefined, 2)}\n`);
  for (const page of PAGES) copyFileSync(join(ROOT, page), join(folder, page));
}

function readManifest():
  & { readonly exports: Readonly<Record<string, string>> }
  & Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
}

// Declarations name the modules that are there: the compiler leaves the extensions of the sources in them.
function withDeclarations(text: string): string {
  return text.replace(/(from |import\()"(\.[^"]*)\.ts"/g, '$1"$2.js"');
}
