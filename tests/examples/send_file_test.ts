// Files between two processes on two runtimes, over a stream of each; and a name that would leave the folder.

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { connect } from "../../mod.ts";
import { currentRuntime, spawnRuntime } from "../runtimes/runtimes.ts";

const FILE = "examples/send_file.ts";

test("send_file: files arrive whole, and both sides know", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hawser-files-"));
  try {
    const files: Readonly<Record<string, Uint8Array>> = {
      "large.bin": new Uint8Array(3_000_000).map((_, index) => index * index),
      "small.txt": new TextEncoder().encode("ahoy"),
      "empty": new Uint8Array(0),
    };
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
    const target = join(folder, "received");
    await mkdir(target);
    const other = currentRuntime() === "bun" ? "deno" : "bun";
    await using receiver = spawnRuntime(other, FILE, ["receive", target, "tcp://127.0.0.1:0"]);
    const url = await receiver.nextLine();
    const paths = Object.keys(files).map((name) => join(folder, name));
    await using sender = spawnRuntime(currentRuntime(), FILE, ["send", url, ...paths]);
    const lines: string[] = [];
    for await (const line of sender.lines) lines.push(line);
    assertEquals((await sender.exited).code, 0, sender.stderr);
    for (const [name, bytes] of Object.entries(files)) {
      assertEquals(new Uint8Array(await readFile(join(target, name))), bytes, name);
      assert(lines.includes(`${name}: ${bytes.length} bytes are stored`), lines.join("\n"));
    }
    const told = lines.filter((line) => line.startsWith("large.bin") && line.endsWith("%"));
    assertEquals([told.length >= 5, told.at(-1)], [true, "large.bin: 100 %"]);

    await using connection = await connect(url);
    const stream = await connection.openStream("../../escaped.txt");
    await stream.writable.close();
    assertEquals(await new Response(stream.readable).text(), "0");
    assertEquals((await readFile(join(target, "escaped.txt"))).length, 0);
  } finally {
    await rm(folder, { recursive: true });
  }
});
