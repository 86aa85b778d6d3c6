// The package as npm installs it: packed, installed in an empty folder, run on Node and Bun, and its types read.

import { test } from "node:test";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { assertEquals } from "@std/assert";
import { buildNpmPackage, npmManifest } from "../../scripts/npm_package.ts";
import { currentRuntime, executableOf, ROOT } from "../runtimes/executables.ts";

const FIRST_PROGRAM = `
import { connect, createIdentity, listen } from "@hawser/hawser";

await using server = await listen(["tcp://127.0.0.1:0", "ws://127.0.0.1:0"], { identity: createIdentity() });
server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
for (const url of server.urls) {
  await using connection = await connect(url);
  connection.send(new TextEncoder().encode("ahoy"));
  console.log(new TextDecoder().decode(await connection.receive()));
}
`;

// Every door but that of certificates, which wants another package.
const CONSUMER = `
import { connect, type Connection, HawserError } from "@hawser/hawser";
import { chacha20poly1305 } from "@hawser/hawser/codec";
import { createHawserEndpoint, type HawserEndpoint } from "@hawser/hawser/hono";
import { createHandshake } from "@hawser/hawser/noise";
import { connect as connectInPage } from "@hawser/hawser/web";
import { HawserObject } from "@hawser/hawser/workerd";

export const connection: Connection = await connect("tcp://127.0.0.1:7000", { trust: (peer) => peer.id !== "" });
export const inPage: Connection = await connectInPage("wss://example.com/");
export const message: Uint8Array = await connection.receive({ timeoutMs: 5 });
export const endpoint: HawserEndpoint = createHawserEndpoint({ url: "wss://example.com/" });
export const things = [HawserError, chacha20poly1305, createHandshake, HawserObject];
connection.send("ahoy", { type: "greeting" });
// @ts-expect-error: handlers have names.
connection.handle(1, () => 1);
`;

const CONSUMER_OPTIONS = {
  compilerOptions: {
    target: "es2024",
    module: "nodenext",
    lib: ["esnext", "dom", "dom.iterable"],
    types: [],
    strict: true,
    noEmit: true,
    skipLibCheck: false,
  },
  files: ["consumer.mts"],
};

const run = promisify(execFile);

test("npm: every door of the library is a door of the package, and nothing is private or for developers", () => {
  const manifest: object = npmManifest();
  const { exports } = npmManifest();
  const doors = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8")).exports as Record<string, string>;
  assertEquals(Object.keys(exports), Object.keys(doors));
  for (const [door, path] of Object.entries(doors)) {
    assertEquals(exports[door], { types: path.replace(".ts", ".d.ts"), default: path.replace(".ts", ".js") });
  }
  assertEquals(["private", "devDependencies"].filter((key) => key in manifest), []);
});

// Once, because it takes some seconds: what it starts are Node and Bun in any case.
if (currentRuntime() === "node") {
  test("npm: packed and installed, it runs a first program on Node and Bun, and its types need nothing else", async () => {
    const folder = await mkdtemp(join(tmpdir(), "hawser-npm-"));
    try {
      const user = await installIn(folder);
      await writeFile(join(user, "first.mjs"), FIRST_PROGRAM);
      for (const name of ["node", "bun"] as const) {
        const { stdout } = await run(executableOf(name), ["first.mjs"], { cwd: user, timeout: 60_000 });
        assertEquals(stdout, "ahoy\nahoy\n", name);
      }
      await writeFile(join(user, "consumer.mts"), CONSUMER);
      await writeFile(join(user, "tsconfig.json"), JSON.stringify(CONSUMER_OPTIONS));
      const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
      await run(executableOf("node"), [tsc, "--project", user]).catch(({ stdout }) => {
        throw new Error(stdout);
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

// Builds, packs and installs, with `ws` beside it, in a folder without anything else.
async function installIn(folder: string): Promise<string> {
  const [built, user] = [join(folder, "built"), join(folder, "user")];
  buildNpmPackage(built);
  const { stdout: name } = await run("npm", ["pack", "--silent", "--pack-destination", folder], {
    cwd: built,
  });
  await mkdir(user);
  await writeFile(join(user, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const flags = ["--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  const packages = [join(folder, name.trim()), join(ROOT, "node_modules/ws")];
  await run("npm", ["install", ...flags, ...packages], { cwd: user });
  return user;
}
