/**
 * Finds test vectors that nobody on this project wrote, and proves them genuine.
 *
 * None of them is in the repository: `lock.json` names the source, commit,
 * licence and SHA-256 of each file. They are read from the folder that
 * the environment variable `HAWSER_VECTORS` names, else from the cache that
 * `deno task vectors` fills. Where a set is in neither, its tests are skipped with
 * a reason; where it is, fewer cases than the lock says is a failure.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import lock from "./lock.json" with { type: "json" };

/** One file of a set, as the lock has it. */
export interface LockedFile {
  /** Inside the folder of the set. */
  readonly path: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Inside the source repository; missing where the source has no such file. */
  readonly source?: string;
  /** Only the vectors whose `protocol_name` matches were taken over from the source file. */
  readonly keep?: string;
  /** How a file without a source was made. */
  readonly made?: string;
  /** How many cases it holds, where they can be counted per file. */
  readonly cases?: number;
}

/** One set, as the lock has it. */
export interface LockedSet {
  readonly folder: string;
  /** `owner/name` on GitHub. */
  readonly repository: string;
  readonly commit: string;
  readonly licence: string;
  /** How many cases it holds, where they are counted over all its files. */
  readonly cases?: number;
  readonly files: readonly LockedFile[];
}

/** The sets that the lock knows. */
export type VectorSetName = keyof typeof lock;

/** A set that can be read, or the reason why not. */
export interface VectorSet {
  readonly name: VectorSetName;
  /** Why the set cannot be used, for the `skip` option of `test`; `false` where it can. */
  readonly skip: false | string;
  /** Paths of its files. */
  readonly files: readonly string[];
  /** How many cases must run. */
  readonly cases: number;
  /** Reads one file. @throws {Error} if it is not in the lock, or its SHA-256 is another. */
  read(path: string): Uint8Array;
  /** Reads one file as UTF-8. */
  text(path: string): string;
  /** Reads one file as JSON, whose shape the caller knows. */
  json<T>(path: string): T;
}

/** The lock itself. */
export const LOCK: Readonly<Record<VectorSetName, LockedSet>> = lock;

/** Where `deno task vectors` puts what it fetches. */
export const CACHE_FOLDER: string = fileURLToPath(new URL("../../.cache/vectors", import.meta.url));

/** Lower-case hex SHA-256. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Opens a set by its name. Never throws: whether it is there is told by `skip`. */
export function vectorSet(name: VectorSetName): VectorSet {
  const { files } = LOCK[name];
  const root = findFolder(LOCK[name]);

  const read = (path: string): Uint8Array => {
    const file = files.find((candidate) => candidate.path === path);
    if (file === undefined) throw new Error(`${path} is not in the lock of the set ${name}`);
    if (root === undefined) throw new Error(absence(name));
    const bytes = new Uint8Array(readFileSync(join(root, path)));
    const digest = sha256Hex(bytes);
    if (digest !== file.sha256) {
      throw new Error(`${name}/${path} is not what the lock says: SHA-256 ${digest}, not ${file.sha256}`);
    }
    return bytes;
  };
  const text = (path: string): string => new TextDecoder().decode(read(path));
  return {
    name,
    skip: root === undefined && absence(name),
    files: files.map((file) => file.path),
    cases: LOCK[name].cases ?? files.reduce((sum, file) => sum + (file.cases ?? 0), 0),
    read,
    text,
    json: (path) => JSON.parse(text(path)),
  };
}

/**
 * Fails if fewer cases ran than the lock says: of the set, or of one of its
 * files where `path` names it.
 */
export function assertCasesRan(set: VectorSet, ran: number, path?: string): void {
  const file = LOCK[set.name].files.find((candidate) => candidate.path === path);
  const expected = path === undefined ? set.cases : file?.cases;
  if (expected === undefined) throw new Error(`the lock counts no cases for ${set.name}/${path}`);
  if (ran < expected) {
    throw new Error(`only ${ran} of ${expected} cases of ${path ?? set.name} ran`);
  }
}

// A named folder that has the set but lacks one of its files must fail, not skip; a cache that was
// filled only in part is as good as none.
function findFolder({ folder, files }: LockedSet): string | undefined {
  const named = process.env.HAWSER_VECTORS;
  if (named && existsSync(join(named, folder))) return join(named, folder);
  const cached = join(CACHE_FOLDER, folder);
  return files.every((file) => existsSync(join(cached, file.path))) ? cached : undefined;
}

function absence(name: VectorSetName): string {
  const made = LOCK[name].files.find((file) => file.made !== undefined);
  const how = made === undefined
    ? "run: deno task vectors"
    : `${made.path} has no source to fetch it from (${made.made})`;
  return `the vectors "${name}" are neither in the folder HAWSER_VECTORS nor in the cache; ${how}`;
}
