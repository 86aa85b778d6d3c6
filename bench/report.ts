/**
 * What every report has: the machine it was made on, charts, and a section of `README.md` that it replaces.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import process from "node:process";
import { promisify } from "node:util";
import { executableOf, ROOT, type RuntimeName } from "../tests/runtimes/executables.ts";

const README = `${ROOT}bench/README.md`;
const CHARTS = `${ROOT}bench/charts/`;
const RESULTS = `${ROOT}bench/results/`;

const run = promisify(execFile);

/** Where and when figures were made. */
export interface Circumstances {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  /** Processes that wanted a core in the minute before. */
  readonly load: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** A report. */
export interface Report {
  /** Names the files, and the section of the README. */
  readonly name: string;
  readonly circumstances: Circumstances;
  /** As the user called it. */
  readonly command: string;
  /** Everything, for `results/`. */
  readonly results: unknown;
  /** SVG by file name, without the extension, in the order in which they are shown. */
  readonly charts: ReadonlyMap<string, string>;
  /** Markdown behind the charts. */
  readonly body: string;
}

/** What this machine is like now, and which runtimes it has. */
export async function circumstancesNow(runtimes: readonly RuntimeName[]): Promise<Circumstances> {
  const versions: Record<string, string> = {};
  for (const name of runtimes) {
    const { stdout } = await run(executableOf(name), ["--version"]);
    versions[name] = /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? stdout.trim();
  }
  return {
    startedAt: new Date().toISOString(),
    cpu: os.cpus()[0].model.trim(),
    cores: os.cpus().length,
    system: `${await distribution()}, ${os.type()} ${os.release()}`,
    load: os.loadavg()[0],
    versions,
  };
}

/** The exact versions of packages, as package.json has them. */
export async function packageVersions(names: readonly string[]): Promise<string> {
  const { dependencies, devDependencies } = JSON.parse(await readFile(`${ROOT}package.json`, "utf8"));
  const versions: Record<string, string> = { ...dependencies, ...devDependencies };
  return names.filter((name) => name in versions).map((name) => `${name} ${versions[name]}`).join(", ");
}

/** Writes the results, the charts and the section of the README. */
export async function writeReport(
  { name, circumstances, command, results, charts, body }: Report,
): Promise<void> {
  await mkdir(CHARTS, { recursive: true });
  await mkdir(RESULTS, { recursive: true });
  for (const file of await readdir(CHARTS)) if (file.startsWith(`${name}-`)) await rm(CHARTS + file);
  for (const [file, svg] of charts) await writeFile(`${CHARTS}${name}-${file}.svg`, svg);
  await writeFile(
    `${RESULTS}${name}.json`,
    JSON.stringify({ command, circumstances, results }, undefined, 2),
  );
  const images = [...charts.keys()].map((file) => `![${name}: ${file}](charts/${name}-${file}.svg)`);
  const section = [inWords(circumstances, command), ...images, body].join("\n\n");
  await writeFile(README, replaceSection(await readFile(README, "utf8"), name, section));
  await run(process.execPath, ["fmt", "--quiet", README, CHARTS, RESULTS], { cwd: ROOT });
}

/**
 * Replaces what stands between the two markers of a section.
 * @throws {Error} if they are not there.
 */
export function replaceSection(page: string, name: string, section: string): string {
  const [begin, end] = [`<!-- results of ${name} -->`, `<!-- end of the results of ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`the page needs "${begin}" and, behind it, "${end}"`);
  return `${page.slice(0, from + begin.length)}\n\n${section}\n\n${page.slice(to)}`;
}

function inWords({ startedAt, cpu, cores, system, load, versions }: Circumstances, command: string): string {
  const runtimes = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ");
  return `\`${command}\`, ${
    startedAt.slice(0, 16).replace("T", " ")
  } UTC. ${runtimes}. ${cores} cores of ${cpu}; ${system}. ` +
    `Load when it began: ${load.toFixed(1)}.`;
}

async function distribution(): Promise<string> {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(await readFile("/etc/os-release", "utf8"))?.[1] ?? os.platform();
  } catch {
    return os.platform(); // Only Linux says.
  }
}
