/**
 * What is sent when no folder is named: the project's own tree, and the data of its benchmarks.
 *
 * @module
 */

import { mkdir, stat, writeFile } from "node:fs/promises";
import { ROOT } from "../../tests/runtimes/executables.ts";
import type { Root } from "./files.ts";

const DATA_FOLDER = `${ROOT}.cache/demo_data`;

/** The project's tree, without what is installed or generated, and the benchmark's data written as files. */
export async function defaultRoots(): Promise<Root[]> {
  await writeData();
  return [
    { path: ROOT, skip: ["node_modules", ".git", ".cache", "coverage"] },
    { path: DATA_FOLDER, skip: [] },
  ];
}

async function writeData(): Promise<void> {
  const { data, kinds } = await import("../../bench/data.ts");
  await mkdir(DATA_FOLDER, { recursive: true });
  for (const kind of kinds) {
    const path = `${DATA_FOLDER}/${kind}`;
    const size = await stat(path).then((found) => found.size, () => -1);
    if (size !== data[kind].length) await writeFile(path, data[kind]);
  }
}
