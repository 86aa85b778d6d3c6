/**
 * One ES module for browsers: web.ts and all that it needs, minified.
 *
 * @module
 */

import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { minify } from "terser";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** A bundle, and what its parts weigh. */
export interface Bundle {
  readonly code: string;
  readonly gzipBytes: number;
  /** Modules that are imported when the bundle runs: for a browser there must be none. */
  readonly imports: readonly string[];
  /** Bytes before gzip by part, the heaviest first. */
  readonly parts: readonly (readonly [part: string, bytes: number])[];
}

/** Bundles what `source` exports; by default all of web.ts. Specifiers are relative to the root of the repository. */
export async function bundleForWeb(source = 'export * from "./web.ts";'): Promise<Bundle> {
  const { outputFiles: [file], metafile } = await build({
    stdin: { contents: source, resolveDir: ROOT, loader: "ts" },
    bundle: true,
    write: false,
    metafile: true,
    outfile: "hawser.js",
    absWorkingDir: ROOT,
    format: "esm",
    target: "es2024",
    platform: "browser",
    charset: "utf8",
    legalComments: "inline",
    minify: true,
    // A page has no process, so the code that asks it for native cryptography falls away.
    define: { "globalThis.process": "undefined" },
    logLevel: "silent",
  });
  const { code } = await minify(file.text, {
    module: true,
    ecma: 2020,
    compress: { passes: 3 },
    format: { comments: "some" },
  });
  const [output] = Object.values(metafile.outputs);
  return {
    code: code!,
    gzipBytes: gzipSync(code!, { level: 9 }).length,
    imports: output.imports.map(({ path }) => path),
    parts: weigh(Object.entries(output.inputs).map(([path, { bytesInOutput }]) => [path, bytesInOutput])),
  };
}

function weigh(files: readonly (readonly [string, number])[]): [string, number][] {
  const parts = new Map<string, number>();
  for (const [path, bytes] of files) {
    const part = partOf(path);
    parts.set(part, (parts.get(part) ?? 0) + bytes);
  }
  return [...parts].sort(([, a], [, b]) => b - a);
}

// A package of the registry by its name, the core by itself, other files by their folder.
function partOf(path: string): string {
  const packaged = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  if (packaged !== undefined) return packaged;
  return path.includes("core_wasm") ? "the WebAssembly core" : path.replace(/\/[^/]*$/, "");
}
