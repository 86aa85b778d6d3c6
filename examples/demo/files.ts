/**
 * The files of a folder, in an order that is always the same.
 *
 * Symbolic links are not followed, so nothing outside of the folder is read and no circle is walked. Sockets,
 * pipes and devices are passed over too.
 *
 * @module
 */

import { constants } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** A folder to be sent. */
export interface Root {
  readonly path: string;
  /** Names of files and folders that are left out, at any depth. */
  readonly skip: readonly string[];
}

/** A file that was found. */
export interface FoundFile {
  readonly path: string;
  /** Relative to its root, for people. */
  readonly name: string;
}

/** All files of some folders. */
export async function* walk(roots: readonly Root[]): AsyncGenerator<FoundFile, void, void> {
  for (const { path, skip } of roots) yield* walkFolder(path, "", skip);
}

/**
 * Counts files and their bytes.
 * @throws what the operating system says when a folder or a file cannot be read.
 */
export async function measure(roots: readonly Root[]): Promise<{ files: number; bytes: number }> {
  let files = 0;
  let bytes = 0;
  for await (const { path } of walk(roots)) {
    await access(path, constants.R_OK);
    files++;
    bytes += (await stat(path)).size;
  }
  return { files, bytes };
}

async function* walkFolder(
  folder: string,
  prefix: string,
  skip: readonly string[],
): AsyncGenerator<FoundFile, void, void> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const name = prefix + entry.name;
    if (skip.includes(entry.name)) continue;
    if (entry.isDirectory()) yield* walkFolder(path, `${name}/`, skip);
    else if (entry.isFile()) yield { path, name };
  }
}
