/**
 * Fills the cache of third-party test vectors from their sources: `deno task vectors`.
 *
 * Every file comes over HTTPS from the locked commit and is written only if its
 * SHA-256 is the locked one. What the cache already has is not fetched again.
 * Files that their source does not have in this form are named and left out.
 *
 * @module
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import {
  CACHE_FOLDER,
  LOCK,
  type LockedFile,
  type LockedSet,
  sha256Hex,
  type VectorSetName,
} from "../tests/vectors/vectors.ts";

const FETCH_MS_MAX = 30_000;

/** The file at `source`, as the lock takes it over. */
async function fetchLocked(set: LockedSet, file: LockedFile): Promise<Uint8Array> {
  const url = `https://raw.githubusercontent.com/${set.repository}/${set.commit}/${file.source}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS_MAX) })
    .catch((error) => {
      throw new Error(`${url} cannot be reached (${error}); check the network and the proxy settings`);
    });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return file.keep === undefined ? bytes : keepVectors(bytes, new RegExp(file.keep));
}

/** The Noise vectors whose protocol name matches, one token per line as in the source. */
function keepVectors(bytes: Uint8Array, pattern: RegExp): Uint8Array {
  const all: { vectors: { protocol_name: string }[] } = JSON.parse(new TextDecoder().decode(bytes));
  const vectors = all.vectors.filter((vector) => pattern.test(vector.protocol_name));
  return new TextEncoder().encode(JSON.stringify({ vectors }, null, 1).replace(/^ +/gm, ""));
}

/** Fetches what is missing of one set; returns the paths that have no source. */
async function fillSet(name: VectorSetName): Promise<string[]> {
  const set = LOCK[name];
  const unfetchable: string[] = [];
  let fetched = 0;
  for (const file of set.files) {
    const target = join(CACHE_FOLDER, set.folder, file.path);
    if (existsSync(target) && sha256Hex(readFileSync(target)) === file.sha256) continue;
    if (file.source === undefined) {
      unfetchable.push(`${set.folder}/${file.path}: ${file.made}`);
      continue;
    }
    const bytes = await fetchLocked(set, file);
    const digest = sha256Hex(bytes);
    if (digest !== file.sha256) {
      throw new Error(
        `${name}/${file.path}: SHA-256 is ${digest}, the lock says ${file.sha256}; nothing was kept`,
      );
    }
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
    fetched++;
  }
  console.log(`${name}: ${fetched} fetched, ${set.files.length - fetched - unfetchable.length} were there`);
  return unfetchable;
}

try {
  const unfetchable: string[] = [];
  for (const name of Object.keys(LOCK) as VectorSetName[]) unfetchable.push(...await fillSet(name));
  console.log(`The cache is ${CACHE_FOLDER}.`);
  for (const line of unfetchable) console.log(`Not to be had from its source: ${line}`);
} catch (error) {
  console.error(`The vectors could not be fetched: ${(error as Error).message}`);
  process.exitCode = 1;
}
