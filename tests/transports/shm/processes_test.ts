// Shared memory through files of /dev/shm: both ends in this process, and in processes of other runtimes.

import { createHash, randomUUID } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import process from "node:process";
import { after, test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { HawserError } from "../../../src/errors.ts";
import { parseAddress } from "../../../src/transports/address.ts";
import { createMemory, loadMapper, openMemory } from "../../../src/transports/shm/memory_file.ts";
import { shm } from "../../../src/transports/shm/mod.ts";
import { REGION_BYTES } from "../../../src/transports/shm/region.ts";
import { runtimes, spawnRuntime } from "../../runtimes/runtimes.ts";
import { LinkHost, Meter } from "../link_host.ts";
import { linkSuite, pattern, sendAll, type StalledPeer } from "../suite.ts";

const folder = mkdtempSync(`${tmpdir()}/hawser-shm-`);
const url = `shm://${folder}/app.sock`;
after(() => rmSync(folder, { recursive: true }));

if (process.platform === "linux") {
  linkSuite({ transport: shm, url, deadUrl: `shm://${folder}/nobody.sock`, stalledPeer });
  ours();
  hostile();
} else {
  test("shm: processes share memory on Linux only", async () => {
    assertEquals((await assertRejects(() => LinkHost.listen(shm, url), HawserError)).code, "unsupported");
  });
}

function ours(): void {
  for (const { name } of runtimes) {
    test(`shm: a process on ${name} echoes 20,000 messages, and its death is noticed`, async () => {
      const peer = spawnRuntime(name, "tests/transports/fixtures/link_echo.ts", [url]);
      const link = await shm.dial(parseAddress(await peer.nextLine()), {});
      const meter = new Meter();
      link.start(meter);
      const hash = createHash("sha256");
      const pieces = Array.from({ length: 20_000 }, (_, index) => pattern(index * 7 % 100, index));
      for (const piece of [...pieces, pattern(1_000_000)]) hash.update(piece);
      const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
      await sendAll(link, meter, pieces);
      await sendAll(link, meter, [pattern(1_000_000)]);
      await meter.reached(total + 1_000_000);
      assertEquals(meter.pieces, 20_001);
      assertEquals(meter.digest(), hash.digest("hex"));
      await peer.kill();
      await meter.ended;
    });
  }

  test("shm: nothing is left: no file of memory, no socket, no mapping", async () => {
    const host = await LinkHost.listen(shm, url);
    assertEquals(lstatSync(`${folder}/app.sock`).mode & 0o777, 0o600);
    const before = memoryFiles();
    const near = await shm.dial(parseAddress(url), {});
    const far = await host.accept();
    assertEquals(memoryFiles(), before); // Its name is gone as soon as both have it.
    await Promise.all([near.close({ abort: true }), far.close({ abort: true }), host.close()]);
    assertEquals(readdirSync(folder), []);
  });

  test("shm: a dial that is given up leaves no memory", async () => {
    await using _host = await LinkHost.listen(shm, url);
    const before = memoryFiles();
    for (let round = 0; round < 20; round++) {
      const controller = new AbortController();
      const dialling = assertRejects(() => shm.dial(parseAddress(url), { signal: controller.signal }));
      setTimeout(() => controller.abort(new Error("enough")), round % 4);
      await Promise.race([dialling, new Promise((resolve) => setTimeout(resolve, 100))]).catch(() => {});
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals(memoryFiles().filter((name) => !before.includes(name)), []);
  });
}

function hostile(): void {
  test("shm: only memory that was made for us is mapped", async () => {
    const mapper = await loadMapper();
    const name = () => randomUUID().replaceAll("-", "");
    const made: ((path: string) => void)[] = [
      (path) => writeFileSync(path, new Uint8Array(REGION_BYTES - 1), { mode: 0o600 }),
      (path) => {
        writeFileSync(path, new Uint8Array(REGION_BYTES));
        chmodSync(path, 0o666);
      },
    ];
    for (const make of made) {
      const id = name();
      make(`/dev/shm/hawser-${id}`);
      const error = await assertRejects(() => openMemory(mapper, id, REGION_BYTES), HawserError);
      assertEquals(error.code, "protocol");
    }
    const link = name();
    symlinkSync("/etc/hostname", `/dev/shm/hawser-${link}`);
    await assertRejects(() => openMemory(mapper, link, REGION_BYTES), HawserError);
    rmSync(`/dev/shm/hawser-${link}`, { force: true });
    for (const strange of ["../../etc/passwd", "", "x".repeat(32)]) {
      const error = await assertRejects(() => openMemory(mapper, strange, REGION_BYTES), HawserError);
      assertEquals(error.code, "protocol");
    }
  });

  test("shm: memory is made for its owner alone, and never over a file that is there", async () => {
    const mapper = await loadMapper();
    const id = randomUUID().replaceAll("-", "");
    const mapping = await createMemory(mapper, id, REGION_BYTES);
    assertEquals(lstatSync(`/dev/shm/hawser-${id}`).mode & 0o777, 0o600);
    await assertRejects(() => createMemory(mapper, id, REGION_BYTES));
    assert(existsSync(`/dev/shm/hawser-${id}`), "somebody else's file was removed");
    const second = await openMemory(mapper, id, REGION_BYTES);
    new Uint8Array(mapping.memory)[5] = 7;
    assertEquals(new Uint8Array(second.memory)[5], 7);
    assertEquals(existsSync(`/dev/shm/hawser-${id}`), false);
    mapping.unmap();
    second.unmap();
  });

  test("shm: a listener that invites to nothing, or to nonsense, is an error", async () => {
    for (const invitation of ["", "short", "z".repeat(32), "0".repeat(32)]) {
      const server = createServer((socket) => socket.end(invitation));
      await new Promise<void>((resolve) => server.listen(`${folder}/odd.sock`, resolve));
      await assertRejects(() => shm.dial(parseAddress(`shm://${folder}/odd.sock`), {}), HawserError);
      await new Promise((resolve) => server.close(resolve));
    }
  });
}

function memoryFiles(): string[] {
  return readdirSync("/dev/shm").filter((name) => name.startsWith("hawser-"));
}

/** A listener that accepts and does not start the link until it is told to read. */
async function stalledPeer(): Promise<StalledPeer> {
  const host = await LinkHost.listen(shm, `shm://${folder}/stalled.sock`);
  return {
    url: host.url,
    async read(total) {
      const hash = createHash("sha256");
      const meter = new Meter();
      const link = await host.accept();
      link.start({
        onReceive(bytes) {
          hash.update(bytes);
          meter.onReceive(bytes);
        },
        onDrain() {},
        onClose() {},
      });
      await meter.reached(total);
      return hash.digest("hex");
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
