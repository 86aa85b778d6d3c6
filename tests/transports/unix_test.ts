// Real Unix sockets, on whichever runtime runs this file. Named pipes of Windows were never run, only their names.

import { createHash } from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { after, test } from "node:test";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { PIPE_NAME_CHARS_MAX, UNIX_PATH_BYTES_MAX, UNIX_PATH_BYTES_MAX_BSD } from "../../src/limits.ts";
import { parseAddress } from "../../src/transports/address.ts";
import { unix } from "../../src/transports/unix/mod.ts";
import { socketPath } from "../../src/transports/unix/path.ts";
import { runtimes, spawnRuntime } from "../runtimes/runtimes.ts";
import { LinkHost, LinkPair, Meter } from "./link_host.ts";
import { linkSuite, pattern, type StalledPeer } from "./suite.ts";

const folder = mkdtempSync(`${tmpdir()}/hawser-unix-`);
after(() => rmSync(folder, { recursive: true }));

const url = `unix://${folder}/app.sock`;
const path = `${folder}/app.sock`;

linkSuite({ transport: unix, url, deadUrl: `unix://${folder}/nobody.sock`, stalledPeer });

test("unix: the file is its owner's alone, and goes with its listener", async () => {
  const host = await LinkHost.listen(unix, url);
  const found = lstatSync(path);
  assertEquals([found.isSocket(), found.mode & 0o777], [true, 0o600]);
  assertEquals(readdirSync(folder), ["app.sock"]);
  await host.close();
  await host.close();
  assertEquals(readdirSync(folder), []);
});

test("unix: a name with blanks and umlauts", async () => {
  await using pair = await LinkPair.open(unix, `unix://${folder}/%C3%A4%20%3F.sock`);
  assertEquals(readdirSync(folder), ["ä ?.sock"]);
  assertEquals(pair.near.localAddress, "unix://");
  const meter = new Meter();
  pair.far.start(meter);
  pair.near.start(new Meter());
  pair.near.send(pattern(10));
  await meter.reached(10);
});

for (const { name } of runtimes) {
  test(`unix: what a killed listener on ${name} left behind is replaced`, async () => {
    const peer = spawnRuntime(name, "tests/transports/fixtures/link_echo.ts", [url]);
    await peer.nextLine();
    await peer.kill();
    assertEquals(readdirSync(folder), ["app.sock"]);
    const refused = await assertRejects(() => unix.dial(parseAddress(url), {}), HawserError);
    assertEquals(refused.code, "connection-refused");
    // Of two that want the name at once, one gets it.
    const both = await Promise.allSettled([LinkHost.listen(unix, url), LinkHost.listen(unix, url)]);
    const hosts = both.filter((result) => result.status === "fulfilled").map(({ value }) => value);
    const errors = both.filter((result) => result.status === "rejected").map(({ reason }) => reason.code);
    assertEquals([hosts.length, errors], [1, ["address-in-use"]]);
    const near = await unix.dial(parseAddress(url), {});
    await Promise.all([near.close({ abort: true }), hosts[0]!.close()]);
    assertEquals(readdirSync(folder), []);
  });
}

test("unix: what is no socket is never touched", async () => {
  const kinds: (() => void)[] = [
    () => writeFileSync(path, "precious"),
    () => mkdirSync(path),
    () => symlinkSync("/nowhere", path),
  ];
  for (const make of kinds) {
    make();
    const before = lstatSync(path).ino;
    const error = await assertRejects(() => LinkHost.listen(unix, url), HawserError);
    assertEquals(error.code, "address-in-use");
    assertStringIncludes(error.message, "no socket");
    assertEquals(lstatSync(path).ino, before);
    if (lstatSync(path).isFile()) assertEquals(readFileSync(path, "utf8"), "precious");
    rmSync(path, { recursive: true });
  }
  assertEquals(readdirSync(folder), []);
});

test("unix: a listener leaves a file alone that took the place of its own", async () => {
  const host = await LinkHost.listen(unix, url);
  rmSync(path);
  writeFileSync(path, "another's");
  await host.close();
  assertEquals(readFileSync(path, "utf8"), "another's");
  rmSync(path);
});

test("unix: addresses that cannot be", async () => {
  for (
    const wrong of ["unix://", "unix:///", "unix:///a%00b", "unix:///%FF", `unix://${folder}/none/app.sock`]
  ) {
    const error = await assertRejects(() => LinkHost.listen(unix, wrong), HawserError);
    assertEquals(error.code, "invalid-address", error.message);
    assertStringIncludes(error.message, wrong);
  }
});

test("unix: the longest path, and one byte more", async () => {
  const room = UNIX_PATH_BYTES_MAX - folder.length - 1;
  await using _host = await LinkHost.listen(unix, `unix://${folder}/${"a".repeat(room)}`);
  const error = await assertRejects(() => LinkHost.listen(unix, `unix://${folder}/${"a".repeat(room + 1)}`));
  assert(error instanceof HawserError);
  assertEquals(error.code, "invalid-address");
  assertStringIncludes(error.message, `at most ${UNIX_PATH_BYTES_MAX}`);
});

test("unix: the limits of other systems, in bytes", () => {
  const ofLength = (length: number) => parseAddress(`unix:///${"f".repeat(20)}/${"a".repeat(length - 22)}`);
  assertEquals(socketPath(ofLength(UNIX_PATH_BYTES_MAX_BSD), "darwin").length, UNIX_PATH_BYTES_MAX_BSD);
  assertThrows(() => socketPath(ofLength(UNIX_PATH_BYTES_MAX_BSD + 1), "darwin"), HawserError, "103");
  const umlauts = parseAddress(`unix:///${"%C3%A4".repeat(54)}`);
  assertThrows(() => socketPath(umlauts, "linux"), HawserError, "109 bytes");
  // The folder is bounded too: the socket is bound in a folder below it.
  const inFolder = (length: number) => parseAddress(`unix:///${"f".repeat(length - 1)}/s`);
  assertEquals(socketPath(inFolder(97), "linux").length, 99);
  assertThrows(() => socketPath(inFolder(98), "linux"), HawserError, "at most 97");
});

test("unix: on Windows an address names a pipe", () => {
  assertEquals(socketPath(parseAddress("unix:///run/app.sock"), "win32"), "\\\\.\\pipe\\run\\app.sock");
  assertEquals(socketPath(parseAddress("unix:///a%20b"), "win32"), "\\\\.\\pipe\\a b");
  const ofLength = (length: number) => parseAddress(`unix:///${"a".repeat(length - "\\\\.\\pipe\\".length)}`);
  assertEquals(socketPath(ofLength(PIPE_NAME_CHARS_MAX), "win32").length, PIPE_NAME_CHARS_MAX);
  assertThrows(() => socketPath(ofLength(PIPE_NAME_CHARS_MAX + 1), "win32"), HawserError, "256");
});

async function stalledPeer(): Promise<StalledPeer> {
  let socket: Socket | undefined;
  const server = createServer({ pauseOnConnect: true }, (accepted) => {
    socket = accepted;
    accepted.on("error", () => {}); // The test ends the link as it likes.
  });
  const place = `${folder}/stalled.sock`;
  await new Promise<void>((resolve) => server.listen(place, resolve));
  return {
    url: `unix://${place}`,
    read(total) {
      const hash = createHash("sha256");
      return new Promise((resolve) => {
        let count = 0;
        socket!.on("data", (bytes) => {
          hash.update(bytes);
          count += bytes.length;
          if (count === total) resolve(hash.digest("hex"));
        });
        socket!.resume();
      });
    },
    async [Symbol.asyncDispose]() {
      socket?.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
