/**
 * Builds the WebAssembly core: wasm/assembly to src/codec/core_wasm*.ts.
 *
 * Builds are byte-identical, so `--check` can rebuild into memory and fail if
 * the committed files differ. Runs as
 * `deno run -A scripts/build_wasm.ts [--check]`.
 *
 * @module
 */

import asc from "assemblyscript/asc";
import { generateRounds } from "./generate_rounds.ts";

/** One of the two builds. */
interface Build {
  readonly path: string;
  readonly title: string;
  readonly features: string;
}

const ROOT = new URL("../", import.meta.url);
const SOURCES = new URL("wasm/assembly/", ROOT);
const ENTRY = "wasm/assembly/index.ts";

/** The arenas, and the first hundred slots. */
const INITIAL_PAGES = 12;

const BUILDS: readonly Build[] = [
  { path: "src/codec/core_wasm.ts", title: "plain SIMD", features: "simd,bulk-memory" },
  {
    path: "src/codec/core_wasm_relaxed.ts",
    title: "relaxed SIMD",
    features: "simd,bulk-memory,relaxed-simd",
  },
];

/** Options of the compiler; `--use abort=` leaves no import. */
function options(build: Build): string[] {
  return [
    ["-O3", "--runtime", "stub", "--use", "abort=", "--enable", build.features],
    ["--initialMemory", String(INITIAL_PAGES)],
  ].flat();
}

/** SHA-256 over the build options, and name and content of every source file. */
async function sourceHash(build: Build): Promise<string> {
  const names = [...Deno.readDirSync(SOURCES)].map((entry) => entry.name).filter((name) =>
    name.endsWith(".ts")
  );
  const parts = [asc.version, ...options(build)];
  for (const name of names.sort()) {
    const text = Deno.readTextFileSync(new URL(name, SOURCES));
    parts.push(`${name} ${text.length}`, text.replaceAll("\r\n", "\n"));
  }
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(parts.join("\n")));
  return new Uint8Array(digest).toHex();
}

async function compile(build: Build): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main([ENTRY, ...options(build), "--outFile", "core.wasm"], {
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

async function generate(build: Build): Promise<string> {
  const binary = await compile(build);
  return `/**
 * The WebAssembly core, ${build.title} build: ${binary.length} bytes.
 * Generated from wasm/assembly by scripts/build_wasm.ts.
 *
 * @module
 */

/** SHA-256 over the sources and the build options. */
export const SOURCE_HASH: string = "${await sourceHash(build)}";

/** The module in base64. */
export const CORE_BASE64: string =
  "${binary.toBase64()}";
`;
}

/** Whether the file on disk is what a build makes now; writes it unless only checking. */
async function bringUpToDate(build: Build, check: boolean): Promise<boolean> {
  const path = new URL(build.path, ROOT);
  const text = await generate(build);
  let committed = "";
  try {
    committed = Deno.readTextFileSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (committed === text) return true;
  if (!check) Deno.writeTextFileSync(path, text);
  return !check;
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
