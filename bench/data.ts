/**
 * Real bytes to measure with, from packages of the registry, beside random ones.
 *
 * One small buffer sealed again and again teaches the branch predictor and
 * doubles the figure, so {@linkcode slices} gives other bytes on every call.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import process from "node:process";
import { ROOT } from "../tests/runtimes/executables.ts";

/** The kinds of data. */
export type DataKind = "json" | "declarations" | "bundle" | "wasm" | "random";

const MIB = 1024 * 1024;

/** The most bytes that are taken from one file. */
const FILE_BYTES_MAX = 4 * MIB;

/** The seed of the random bytes; every run has the same. */
const SEED = 0x9e3779b9;

const isDeno = process.versions.deno !== undefined;

/** All data by kind: mime-db's JSON, TypeScript's lib.dom.d.ts and compiler, a WebAssembly binary, random bytes. */
export const data: Readonly<Record<DataKind, Uint8Array>> = {
  ...(isDeno ? await importFiles() : await readFiles()),
  random: randomBytes(4 * MIB, SEED),
};

/** The names of all kinds, from most to least compressible. */
export const kinds: readonly DataKind[] = ["json", "declarations", "bundle", "wasm", "random"];

/**
 * A function that returns `size` bytes of a kind, others on every call: a view of
 * shared memory, not to be written to. The order is the same in every run.
 * @throws {RangeError} unless `size` is a positive integer.
 *
 * @example
 * ```ts ignore
 * const next = slices("json", 1024);
 * Deno.bench("seal 1 KiB of JSON", () => seal(next()));
 * ```
 */
export function slices(kind: DataKind, size: number): () => Uint8Array {
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`size is a positive integer, not ${size}`);
  const source = atLeast(data[kind], 4 * size);
  const room = source.length - size;
  // An odd step that is no multiple of the size: when the source is through, the next round falls between the slices.
  const step = size + 61;
  let at = 0;
  return () => {
    const slice = source.subarray(at, at + size);
    at = (at + step) % room;
    return slice;
  };
}

/** Bytes that look random and are the same for a seed: xorshift32 (Marsaglia, "Xorshift RNGs", 2003). */
export function randomBytes(length: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed >>> 0 || 1;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}

/** Deno imports bytes without any permission, so `deno bench` runs as it is. */
async function importFiles(): Promise<Record<Exclude<DataKind, "random">, Uint8Array>> {
  const json = await import("mime-db/db.json", { with: { type: "json" } });
  const declarations = await import("typescript/lib/lib.dom.d.ts", { with: { type: "bytes" } });
  const bundle = await import("typescript/lib/typescript.js", { with: { type: "bytes" } });
  const wasm = await import("noise-c.wasm/src/noise-c.wasm", { with: { type: "bytes" } });
  return {
    json: head(new TextEncoder().encode(JSON.stringify(json.default, undefined, 2))), // As the file has it.
    declarations: head(declarations.default),
    bundle: head(bundle.default),
    wasm: head(wasm.default),
  };
}

async function readFiles(): Promise<Record<Exclude<DataKind, "random">, Uint8Array>> {
  const read = async (path: string) => head(await readFile(`${ROOT}node_modules/${path}`));
  return {
    json: await read("mime-db/db.json"),
    declarations: await read("typescript/lib/lib.dom.d.ts"),
    bundle: await read("typescript/lib/typescript.js"),
    wasm: await read("noise-c.wasm/src/noise-c.wasm"),
  };
}

function head(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.subarray(0, FILE_BYTES_MAX));
}

function atLeast(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length >= length) return bytes;
  const longer = new Uint8Array(length);
  for (let at = 0; at < length; at += bytes.length) longer.set(bytes.subarray(0, length - at), at);
  return longer;
}
