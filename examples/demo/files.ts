/**
 * The files of a folder, in an order that is always the same.
 *
 * Symbolic links are not followed, so nothing outside of the folder is read and no circle is walked. Sockets,
 * pipes and devices are passed over too, and names that are no text: Deno cannot open them.
 *
 * @module
 */

import { constants, type Dirent } from "node:fs";
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

/** What there is to send. */
export interface Measure {
  files: number;
  bytes: number;
  /** Links, sockets, pipes, devices, and names that are no text. */
  passedOver: number;
}

/** All files of some folders; `onPassedOver` is called for each entry that is neither file nor folder. */
export async function* walk(
  roots: readonly Root[],
  onPassedOver: () => void = () => {},
): AsyncGenerator<FoundFile, void, void> {
  for (const { path, skip } of roots) yield* walkFolder(path, "", skip, onPassedOver);
}

/**
 * Counts files and their bytes.
 * @throws what the operating system says when a folder or a file cannot be read.
 */
export async function measure(roots: readonly Root[]): Promise<Measure> {
  const total: Measure = { files: 0, bytes: 0, passedOver: 0 };
  for await (const { path } of walk(roots, () => total.passedOver++)) {
    await access(path, constants.R_OK);
    total.files++;
    total.bytes += (await stat(path)).size;
  }
  return total;
}

async function* walkFolder(
  folder: string,
  prefix: string,
  skip: readonly string[],
  onPassedOver: () => void,
): AsyncGenerator<FoundFile, void, void> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const name = prefix + entry.name;
    if (skip.includes(entry.name)) continue;
    if (!await isText(entry, path)) onPassedOver();
    else if (entry.isDirectory()) yield* walkFolder(path, `${name}/`, skip, onPassedOver);
    else if (entry.isFile()) yield { path, name };
    else onPassedOver();
  }
}

// Bytes of a name that are no UTF-8 become U+FFFD, and then nothing has that name.
async function isText({ name }: Dirent, path: string): Promise<boolean> {
  return !name.includes("\ufffd") || await stat(path).then(() => true, () => false);
}
