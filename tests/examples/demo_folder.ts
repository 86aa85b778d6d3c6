/**
 * A folder with everything that folders may hold, for tests of the demo.
 *
 * @module
 */

import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { randomBytes } from "../../bench/data.ts";

/** A folder that is removed when its scope is left. */
export interface DemoFolder extends AsyncDisposable {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

/** Makes it; its largest file has `largestBytes`. */
export async function makeDemoFolder(largestBytes = 150_000): Promise<DemoFolder> {
  const contents: [name: string, bytes: number][] = [
    ["empty", 0],
    ["one chunk", 1_000],
    ["one more", 1_001],
    ["below/another", largestBytes],
  ];
  const isWindows = process.platform === "win32";
  if (!isWindows) contents.push([`a 'b' "c" ünï☃\n`, 17]);
  const path = await mkdtemp(join(tmpdir(), "hawser-demo-"));
  await mkdir(join(path, "below"));
  await mkdir(join(path, "nothing"));
  let bytes = 0;
  for (const [name, length] of contents) {
    await writeFile(join(path, name), randomBytes(length, length + 1));
    bytes += length;
  }
  // A link to its own folder: who follows it never ends.
  if (!isWindows) await symlink(path, join(path, "below/circle"));
  return { path, files: contents.length, bytes, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
