/**
 * Workers of the fixtures, as one module each.
 *
 * @module
 */

import { build } from "esbuild";
import { ROOT } from "../runtimes/executables.ts";

/** A worker, and what it still imports. */
export interface WorkerBundle {
  readonly code: string;
  readonly imports: string[];
}

/** Bundles a file of `tests/connection/fixtures`. */
export async function bundleWorker(file: string): Promise<WorkerBundle> {
  const { outputFiles: [output], metafile } = await build({
    entryPoints: [`${ROOT}tests/connection/fixtures/${file}`],
    bundle: true,
    write: false,
    metafile: true,
    outfile: "worker.mjs",
    absWorkingDir: ROOT,
    format: "esm",
    target: "es2024",
    conditions: ["workerd"],
    external: ["ws"],
  });
  const [{ imports }] = Object.values(metafile.outputs);
  return { code: output.text, imports: imports.map(({ path }) => path) };
}
