/**
 * Everything that the tests and the demo need beyond a checkout: the packages
 * of package.json, and Bun and Node for this platform (tests/runtimes/executables.ts
 * says which). Quick when all is there. Writes to standard error only.
 *
 * @module
 */

import { DENO_PATH_FILE, platformPackages, ROOT, RUNTIMES_FOLDER } from "../tests/runtimes/executables.ts";

const STARTED_AT = performance.now();

await install(ROOT);
await installRuntimes();
console.error(`set-up: ready after ${((performance.now() - STARTED_AT) / 1000).toFixed(1)} s`);

/** A folder of their own, because Deno keeps only the packages of package.json in node_modules. */
async function installRuntimes(): Promise<void> {
  await Deno.mkdir(RUNTIMES_FOLDER, { recursive: true });
  await writeIfNew(DENO_PATH_FILE, Deno.execPath());
  if (Deno.env.has("HAWSER_BUN") && Deno.env.has("HAWSER_NODE")) return;
  const { bun, node } = platformPackages();
  const dependencies = { [bun.name]: bun.version, [node.name]: node.version };
  await writeIfNew(`${RUNTIMES_FOLDER}package.json`, JSON.stringify({ private: true, dependencies }));
  await writeIfNew(`${RUNTIMES_FOLDER}deno.json`, JSON.stringify({ nodeModulesDir: "auto" }));
  await install(RUNTIMES_FOLDER);
}

async function install(folder: string): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet"],
    cwd: folder,
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  });
  const { success } = await command.output();
  if (success) return;
  console.error(`set-up: "deno install" failed in ${folder}; can the npm registry be reached?`);
  Deno.exit(1);
}

async function writeIfNew(path: string, text: string): Promise<void> {
  const old = await Deno.readTextFile(path).catch(() => undefined);
  if (old !== text) await Deno.writeTextFile(path, text);
}
