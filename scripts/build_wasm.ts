/**
 * Builds the WebAssembly core: wasm/assembly to src/codec/core_wasm*.ts.
 *
 * Builds are byte-identical, so `--check` can rebuild into memory and fail if
 * the committed files differ. Runs as
 * `deno run -A scripts/build_wasm.ts [--check]`.
 *
 * @module
 */

import { deflateRawSync, inflateRawSync } from "node:zlib";
import asc from "assemblyscript/asc";
import { generateRounds } from "./generate_rounds.ts";

/** One of the builds. */
interface Build {
  readonly path: string;
  readonly title: string;
  readonly entry: string;
  /** Options of the compiler that others do not have. */
  readonly options: readonly string[];
  /** Whether the bytes are compressed before they are written as base64, which gzip cannot make up for. */
  readonly deflated: boolean;
}

const ROOT = new URL("../", import.meta.url);
const SOURCES = new URL("wasm/assembly/", ROOT);

/** The arenas, and the first hundred slots. */
const INITIAL_PAGES = 12;

const BUILDS: readonly Build[] = [
  {
    path: "src/codec/core_wasm.ts",
    title: "plain SIMD",
    entry: "wasm/assembly/index.ts",
    options: ["-O3", "--enable", "simd,bulk-memory"],
    deflated: false,
  },
  {
    path: "src/codec/core_wasm_relaxed.ts",
    title: "relaxed SIMD",
    entry: "wasm/assembly/index.ts",
    options: ["-O3", "--enable", "simd,bulk-memory,relaxed-simd"],
    deflated: false,
  },
  {
    path: "src/codec/core_wasm_small.ts",
    title: "small SIMD",
    entry: "wasm/assembly/packets.ts",
    options: ["-O3", "--shrinkLevel", "2", "--enable", "simd,bulk-memory"],
    deflated: true,
  },
];

/** Options of the compiler; `--use abort=` leaves no import. */
function options(build: Build): string[] {
  return [...build.options, "--runtime", "stub", "--use", "abort=", "--initialMemory", String(INITIAL_PAGES)];
}

/** SHA-256 over the build options, and name and content of every source file. */
async function sourceHash(build: Build): Promise<string> {
  const names = [...Deno.readDirSync(SOURCES)].map((entry) => entry.name).filter((name) =>
    name.endsWith(".ts")
  );
  const parts = [asc.version, build.entry, ...options(build)];
  for (const name of names.sort()) {
    const text = Deno.readTextFileSync(new URL(name, SOURCES));
    parts.push(`${name} ${text.length}`, text.replaceAll("\r\n", "\n"));
  }
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(parts.join("\n")));
  return new Uint8Array(digest).toHex();
}

async function compile(build: Build): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main([build.entry, ...options(build), "--outFile", "core.wasm"], {
    readFile: (name) => readSource(name),
    writeFile: (_name, contents) => {
      binary = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) {
    throw new Error(`${stderr.toString()}\n${error?.message ?? ""}`);
  }
  return binary;
}

function readSource(name: string): string | null {
  try {
    return Deno.readTextFileSync(new URL(name, ROOT));
  } catch {
    return null; // The compiler asks for several spellings of a name, and only one exists.
  }
}

async function generate(build: Build, binary: Uint8Array): Promise<string> {
  const bytes = build.deflated ? new Uint8Array(deflateRawSync(binary, { level: 9 })) : binary;
  return `/**
 * The WebAssembly core, ${build.title} build: ${binary.length} bytes.
 * Generated from wasm/assembly by scripts/build_wasm.ts.
 *
 * @module
 */

/** SHA-256 over the sources and the build options. */
export const SOURCE_HASH: string = "${await sourceHash(build)}";

/** The module${build.deflated ? ", deflated (RFC 1951)," : ""} in base64. */
export const CORE_BASE64: string =
  "${bytes.toBase64()}";
`;
}

/** Whether the file on disk is what a build makes now; writes it unless only checking. */
async function bringUpToDate(build: Build, check: boolean): Promise<boolean> {
  const path = new URL(build.path, ROOT);
  const binary = await compile(build);
  const text = await generate(build, binary);
  let committed = "";
  try {
    committed = Deno.readTextFileSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (committed === text || (build.deflated && await holds(committed, build, binary))) return true;
  if (!check) Deno.writeTextFileSync(path, text);
  return !check;
}

/** Whether a file has these very bytes, though another deflate wrote them. */
async function holds(text: string, build: Build, binary: Uint8Array): Promise<boolean> {
  const base64 = /CORE_BASE64: string =\s*"([^"]*)"/.exec(text)?.[1];
  if (base64 === undefined) return false;
  const inflated = new Uint8Array(inflateRawSync(Uint8Array.fromBase64(base64)));
  return text.includes(await sourceHash(build)) && inflated.toHex() === binary.toHex();
}

/** The same for the sources that a script writes out. */
function bringRoundsUpToDate(check: boolean): boolean {
  const path = new URL("chacha20_rounds.ts", SOURCES);
  const text = generateRounds();
  if (Deno.readTextFileSync(path) === text) return true;
  if (!check) Deno.writeTextFileSync(path, text);
  return !check;
}

const check = Deno.args.includes("--check");
let upToDate = bringRoundsUpToDate(check);
if (!upToDate) console.log("wasm/assembly/chacha20_rounds.ts differs from scripts/generate_rounds.ts");
for (const build of BUILDS) {
  const same = await bringUpToDate(build, check);
  upToDate &&= same;
  console.log(`${build.path}: ${same ? "up to date" : "differs from its sources; run deno task build:wasm"}`);
}
Deno.exit(upToDate ? 0 : 1);
