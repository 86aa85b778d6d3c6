/**
 * Fetches a Chromium from the npm registry into `.cache/browser`, for the tests that need a real browser, and prints
 * the path of its executable. Quick when it is there.
 *
 * @module
 */

import { BROWSER_FOLDER, BROWSER_PATH_FILE } from "../tests/runtimes/chromium.ts";

/** Holds the executable, compressed, for Linux on x64. Exact, so that every clone runs the same. */
const PACKAGE = "@sparticuz/chromium";
const VERSION = "153.0.0";

// In the folder itself, so that the package finds its dependencies there. It unpacks to TMPDIR.
const UNPACK = `import chromium from "${PACKAGE}";\nconsole.log(await chromium.executablePath());\n`;

let path = await Deno.readTextFile(BROWSER_PATH_FILE).catch(() => "");
// The folder may have moved since.
if (path === "" || !await isFile(path)) {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") {
    throw new Error(`${PACKAGE} is for Linux on x64; set HAWSER_CHROMIUM to the executable of a Chromium`);
  }
  // What an earlier run left half done would be taken for whole.
  await Deno.remove(BROWSER_FOLDER, { recursive: true }).catch(() => {});
  await Deno.mkdir(BROWSER_FOLDER, { recursive: true });
  const manifest = { private: true, type: "module", dependencies: { [PACKAGE]: VERSION } };
  await Deno.writeTextFile(`${BROWSER_FOLDER}package.json`, JSON.stringify(manifest));
  await Deno.writeTextFile(`${BROWSER_FOLDER}deno.json`, JSON.stringify({ nodeModulesDir: "auto" }));
  await Deno.writeTextFile(`${BROWSER_FOLDER}unpack.js`, UNPACK);
  await deno(["install", "--quiet"]);
  path = await deno(["run", "-A", "--quiet", "unpack.js"]);
  await Deno.writeTextFile(BROWSER_PATH_FILE, path);
}
console.log(path);

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}

async function deno(args: string[]): Promise<string> {
  const env = { TMPDIR: BROWSER_FOLDER };
  const command = new Deno.Command(Deno.execPath(), { args, cwd: BROWSER_FOLDER, env });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(`deno ${args[0]} of ${PACKAGE}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}
