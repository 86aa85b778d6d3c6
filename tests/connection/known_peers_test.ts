// Trust on first use: who was there first, what happens when somebody else is, and the file that remembers.

import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { connect, createIdentity, HawserError, knownPeersFile, listen } from "../../mod.ts";
import { connectWith } from "../../src/connection/connect_with.ts";
import { pickCodec } from "../../src/codec/pick.ts";
import { currentRuntime, runtimes, spawnRuntime } from "../runtimes/runtimes.ts";
import { transports } from "../../src/transports/registry.ts";

async function withFile(run: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "hawser-known-"));
  try {
    await run(join(folder, "known-peers"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function bare(url: string): string {
  return url.replace(/#.*/, "");
}

for (const scheme of ["tcp", "udp"]) {
  test(`whoever is at an address first is trusted, and from then on nobody else (${scheme})`, async () => {
    await withFile(async (knownPeers) => {
      const identity = createIdentity();
      let url: string;
      {
        await using server = await listen(`${scheme}://127.0.0.1:0`, { identity });
        url = bare(server.urls[0]);
        for (const handshake of ["IK", "IK", "XX"] as const) {
          await using connection = await connect(url, { trust: "first-use", knownPeers, handshake });
          assertEquals(connection.peer.id, identity.id);
        }
        // A stranger is called by its key only from the second time on.
        await using again = await connect(url, { trust: "first-use", knownPeers, handshake: "IK" });
        assertEquals(again.peer.handshake, "IK");
      }
      assertEquals(readFileSync(knownPeers, "utf-8"), `${url} ${identity.id}\n`);
      if (process.platform !== "win32") assertEquals(statSync(knownPeers).mode & 0o777, 0o600);

      await using impostor = await listen(url);
      const error = await assertRejects(
        () => connect(url, { trust: "first-use", knownPeers }),
        HawserError,
        `that was ${identity.id}, and this is ${impostor.id}`,
      );
      assertEquals([error.code, error.retryable], ["not-authorised", false]);
      const called = await assertRejects(
        () => connect(url, { trust: "first-use", knownPeers, handshake: "IK" }),
        HawserError,
      );
      assertEquals(called.code, "handshake-failed");
      assertEquals(readFileSync(knownPeers, "utf-8"), `${url} ${identity.id}\n`);
    });
  });
}

test("another runtime remembers the same peers by the same file", async () => {
  await withFile(async (knownPeers) => {
    const others = runtimes.filter(({ name }) => name !== currentRuntime());
    await Promise.all(others.map(async ({ name }) => {
      await using server = spawnRuntime(name, "tests/connection/fixtures/handshake_server.ts");
      const [[url]] = JSON.parse(await server.nextLine()) as string[][];
      for (let count = 0; count < 2; count++) {
        await using connection = await connect(bare(url), { trust: "first-use", knownPeers });
        assertEquals(url, `${bare(url)}#${connection.peer.id}`);
      }
    }));
    assertEquals(readFileSync(knownPeers, "utf-8").split("\n").length, others.length + 1);
  });
});

test("a peer id in the address, or in expect, needs no memory and leaves none", async () => {
  await withFile(async (knownPeers) => {
    await using server = await listen("mem://expected");
    await using _ = await connect(server.urls, { trust: "first-use", knownPeers });
    assertEquals(await knownPeersFile(knownPeers).find("mem://expected"), undefined);
    const { id } = createIdentity();
    const error = await assertRejects(
      () => connect("mem://expected", { expect: id, trust: "first-use", knownPeers }),
      HawserError,
    );
    assertEquals(error.code, "not-authorised");
  });
});

test("the file: remarks, the first of two lines, lines that are none, and readers that must not be", async () => {
  await withFile(async (path) => {
    const known = knownPeersFile(path);
    const [first, second] = [createIdentity().id, createIdentity().id];
    assertEquals(await known.find("tcp://a:1"), undefined);
    await known.remember("tcp://a:1", first);
    await known.remember("tcp://a:1", second);
    writeFileSync(path, `\n# a remark\n  tcp://b:2   ${second}  \n`, { flag: "a" });
    assertEquals([await known.find("tcp://a:1"), await known.find("tcp://b:2")], [first, second]);

    for (const line of ["tcp://c:3", "tcp://c:3 short", `tcp://c:3 ${first} more`]) {
      writeFileSync(path, `tcp://a:1 ${first}\n${line}\n`, { mode: 0o600 });
      const error = await assertRejects(
        () => connect("tcp://127.0.0.1:1", { trust: "first-use", knownPeers: path }),
        HawserError,
        "line 2",
      );
      assertEquals(error.code, "serialization");
    }
    if (process.platform === "win32") return;
    chmodSync(path, 0o644);
    const error = await assertRejects(() => Promise.resolve(known.find("tcp://a:1")), HawserError);
    assertEquals(error.code, "not-authorised");
  });
});

test("a place of one's own remembers as well; where there are no files a path is refused", async () => {
  const seen = new Map<string, string>();
  const knownPeers = {
    find: (address: string) => seen.get(address),
    remember: (address: string, id: string) => void seen.set(address, id),
  };
  await using server = await listen("mem://own-place");
  await using _ = await connect("mem://own-place", { trust: "first-use", knownPeers });
  assertEquals([...seen], [["mem://own-place", server.id]]);

  const equipment = { codec: pickCodec, transports };
  const error = await assertRejects(
    () => connectWith(equipment, "mem://own-place", { trust: "first-use", knownPeers: "known-peers" }),
    HawserError,
  );
  assertEquals(error.code, "unsupported");
  await assertRejects(() => connect("mem://own-place", { trust: "first-use" }), TypeError, "knownPeers");
  const seed = new Uint8Array(32);
  const nobody = { trust: "first-use", knownPeers, handshake: "NN", seed } as const;
  await assertRejects(() => connect("mem://own-place", nobody), TypeError, "nobody has a key");
});
