/**
 * The architecture as rules: who may import whom, and what may not be written where.
 * Each rule takes files and returns what is wrong, as `path:line: sentence`.
 *
 * @module
 */

import { dirname, normalize } from "node:path/posix";
import type { Facts, Place } from "./source.ts";

/** Folders of src/ and the folders that each may import, besides itself and the vocabulary. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  codec: [],
  noise: [],
  transports: [],
  session: ["wire", "codec", "noise"],
  message: ["wire"],
  connection: ["session", "codec", "message", "transports"],
  network: ["connection", "message"],
};

/** What a door, a file at the root, may re-export, besides the vocabulary. */
const FRONT_DOOR = ["connection", "network"];

/** Packages of the registry and who may import them. */
const MAY_USE_PACKAGE: Readonly<Record<string, readonly string[]>> = {
  "@noble/ciphers": ["codec", "noise"], // The handshake's three messages need no fast cipher.
  "@noble/curves": ["noise", "native", "message"], // Ed25519 of blocks.
  "@noble/hashes": ["noise", "native", "message"],
  "@noble/post-quantum": ["noise"],
  "@msgpack/msgpack": ["message"],
  "hono": ["transports", "network"],
  "koffi": ["transports"],
  "@hono/node-server": ["transports"],
  "ws": ["transports"],
  "node-datachannel": ["transports"],
  "werift": ["transports"],
  "@matrixai/quic": ["transports"],
  "@peculiar/x509": ["transports"],
  "cockatiel": ["connection", "network"],
  "smol-toml": ["connection", "network"],
};

/** Folders without clock, timer, random source or runtime. */
const PURE = new Set(["wire", "codec", "noise", "session", "message"]);

const IMPURE_NAMES = new Set([
  "Date",
  "performance",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "Math.random",
  "crypto",
  "fetch",
  "WebSocket",
  "Worker",
  "navigator",
]);

const RUNTIME_NAMES = new Set(["Deno", "Bun", "process", "require"]);

/** Where the names of runtimes may be written: the adapters, and the files that ask a runtime for native code. */
const RUNTIME_PLACES = new Set(["transports", "native", "native_signing", "native_zlib"]);

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;

/**
 * Vocabulary that reaches for the outside world, and which pure folders may call it: noise, whose key pairs are made on
 * the spot, codec, for the runtime's own cipher and compression, and message, for the signatures of blocks.
 */
const IMPURE_VOCABULARY: Readonly<Record<string, readonly string[]>> = {
  "src/random.ts": ["noise"],
  "src/native.ts": ["noise", "codec"],
  "src/native_signing.ts": ["message"],
  "src/native_zlib.ts": ["codec"],
};

/** Names that say nothing. */
const EMPTY_NAMES = new Set(["util", "utils", "helper", "helpers", "common", "misc", "shared"]);

/** Folders of tests that hold a suite of their own and mirror no folder of src/. */
const SUITES = new Set(["architecture", "conformance", "runtimes", "simulation", "vectors"]);

/** Folders beside src/ whose files are tested too. */
const ALSO_TESTED = new Set(["bench", "examples", "scripts", "wasm"]);

/** Every rule, by the sentence that it keeps. */
export const RULES: Readonly<Record<string, (files: readonly Facts[]) => string[]>> = {
  "imports stay in their row": importsOutsideTheirRow,
  "packages are used where the design allows": packagesOutOfPlace,
  "clocks, timers and random sources stay out of the pure folders": impureNames,
  "names of runtimes stay in the transports": runtimesOutOfPlace,
  "files and functions are short": tooLong,
  "exports have a doc comment": undocumentedExports,
  "names say what a file is": unclearNames,
  "every test mirrors something": testsWithoutMirror,
};

/** The folder of a file of src/, the name of a file at its top (`native`), `mod` for a door, else undefined. */
function homeOf(path: string): string | undefined {
  if (!path.includes("/")) return "mod";
  const [top, home] = path.split("/");
  return top === "src" ? home!.replace(/\.ts$/, "") : undefined;
}

function isVocabulary(path: string): boolean {
  return /^src\/[^/]+\.ts$/.test(path);
}

function isGenerated(path: string): boolean {
  return /^src\/codec\/core_wasm[^/]*\.ts$/.test(path);
}

function importsOutsideTheirRow(files: readonly Facts[]): string[] {
  return files.flatMap((file) => {
    const home = homeOf(file.path);
    if (home === undefined) return [];
    if (!isVocabulary(file.path) && home !== "mod" && !(home in MAY_IMPORT)) {
      return [`${file.path}: the design has no folder src/${home}`];
    }
    return file.imports.filter(({ name }) => name.startsWith(".")).flatMap((place) => {
      const target = targetOf(file, place.name);
      return mayImport(file.path, home, target) ? [] : [at(file, place, `may not import ${target}`)];
    });
  });
}

function mayImport(path: string, home: string, target: string): boolean {
  if (isVocabulary(target)) return true;
  if (isVocabulary(path)) return false;
  const there = homeOf(target);
  if (there === undefined || there === "mod") return false;
  return there === home || (home === "mod" ? FRONT_DOOR : MAY_IMPORT[home]!).includes(there);
}

function packagesOutOfPlace(files: readonly Facts[]): string[] {
  return files.flatMap((file) => {
    const home = homeOf(file.path);
    if (home === undefined) return [];
    return file.imports.filter(({ name }) => !name.startsWith(".") && !name.startsWith("node:")).flatMap(
      (place) => {
        const name = place.name.split("/").slice(0, place.name.startsWith("@") ? 2 : 1).join("/");
        const allowed = MAY_USE_PACKAGE[name]?.includes(home) ?? false;
        return allowed ? [] : [at(file, place, `may not use the package ${name}`)];
      },
    );
  });
}

function impureNames(files: readonly Facts[]): string[] {
  return files.filter(({ path }) => PURE.has(homeOf(path) ?? "") && !isGenerated(path)).flatMap((file) => {
    const home = homeOf(file.path)!;
    const names = file.names.filter(({ name }) => IMPURE_NAMES.has(name));
    const imports = file.imports.filter(({ name, types }) =>
      !types && !(IMPURE_VOCABULARY[targetOf(file, name)]?.includes(home) ?? true)
    );
    return [...names, ...imports].map((place) =>
      at(file, place, `${place.name} has no place in src/${home}: pass time and randomness in`)
    );
  });
}

function runtimesOutOfPlace(files: readonly Facts[]): string[] {
  const inside = files.filter(({ path }) => {
    const home = homeOf(path);
    return home !== undefined && !RUNTIME_PLACES.has(home) && !isGenerated(path);
  });
  return inside.flatMap((file) => {
    const builtIns = file.imports.filter(({ name }) => name.startsWith("node:"));
    const names = file.names.filter(({ name }) => RUNTIME_NAMES.has(name));
    return [...builtIns, ...names].map((place) => at(file, place, `${place.name} belongs in src/transports`));
  });
}

function tooLong(files: readonly Facts[]): string[] {
  return files.filter(({ path }) => !isGenerated(path)).flatMap((file) => {
    const long = file.functions.filter(({ lines }) => lines > FUNCTION_LINES_MAX);
    const complaints = long.map((place) => at(file, place, `${place.name} has ${place.lines} lines`));
    if (file.lines > FILE_LINES_MAX) complaints.push(`${file.path}: ${file.lines} lines`);
    return complaints;
  });
}

function undocumentedExports(files: readonly Facts[]): string[] {
  return files.filter(({ path }) => homeOf(path) !== undefined && !isGenerated(path)).flatMap((file) =>
    file.undocumented.map((place) => at(file, place, `${place.name} has no doc comment`))
  );
}

function unclearNames(files: readonly Facts[]): string[] {
  const paths = new Set(files.map(({ path }) => path));
  return files.flatMap(({ path }) => {
    const parts = path.split("/").flatMap((part) => part.replace(/\.ts$/, ""));
    const complaints = parts.filter((part) => EMPTY_NAMES.has(part)).map((part) =>
      `${path}: "${part}" says nothing`
    );
    if (!/^[a-z0-9_./]+$/.test(path)) complaints.push(`${path}: file names are snake_case`);
    const twin = `${dirname(path)}.ts`;
    if (path.startsWith("src/") && paths.has(twin)) {
      complaints.push(`${path}: ${twin} stands beside its folder`);
    }
    return complaints;
  });
}

function testsWithoutMirror(files: readonly Facts[]): string[] {
  const paths = files.map(({ path }) => path);
  return paths.filter((path) => path.endsWith("_test.ts")).flatMap((path) => {
    if (!path.startsWith("tests/")) return [`${path}: tests live in tests/`];
    const subject = path.slice("tests/".length).replace(/_test\.ts$/, "");
    const top = subject.split("/")[0]!;
    const mirrored = ALSO_TESTED.has(top) ? subject : `src/${subject}`;
    const exists = (start: string) => paths.some((other) => other.startsWith(start));
    if (SUITES.has(top) || exists(`${mirrored}.ts`) || exists(`${mirrored}/`)) return [];
    const folder = dirname(mirrored);
    if (folder !== "src" && exists(`${folder}/`)) return [];
    return [`${path}: neither ${mirrored}.ts nor a folder that it belongs to exists`];
  });
}

function targetOf(file: Facts, specifier: string): string {
  return normalize(`${dirname(file.path)}/${specifier}`);
}

function at(file: Facts, place: Place, sentence: string): string {
  return `${file.path}:${place.line}: ${sentence}`;
}
