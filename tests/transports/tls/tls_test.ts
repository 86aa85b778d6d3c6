// What every link must do, over real TLS on the loopback interface, on whichever runtime runs this file.

import { createHash } from "node:crypto";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { test } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { assert, assertEquals } from "@std/assert";
import { LINK_EARLY_BYTES_MAX } from "../../../src/limits.ts";
import { tls } from "../../../src/transports/tls/mod.ts";
import { LinkPair, Meter } from "../link_host.ts";
import { linkSuite, pattern, type StalledPeer } from "../suite.ts";
import { authority, credentials, server, withTls } from "./credentials.ts";

const transport = withTls(tls, { ...credentials(server), ca: authority.certPem });

linkSuite({ transport, url: "tls://127.0.0.1:0", deadUrl: "tls://127.0.0.1:1", stalledPeer });

test("tls: IPv6, and a host by its name", async () => {
  for (const url of ["tls://[::1]:0", "tls://localhost:0"]) {
    await using pair = await LinkPair.open(transport, url);
    assert(pair.near.traits.encrypted && pair.far.traits.encrypted);
    assertEquals(pair.near.traits.kind, "stream");
    const meter = new Meter();
    pair.far.start(meter);
    pair.near.start(new Meter());
    pair.near.send(pattern(10));
    await meter.reached(10);
  }
});

test("tls: a link that nobody starts takes no more than it may keep", async () => {
  await using pair = await LinkPair.open(transport, "tls://127.0.0.1:0");
  const meter = new Meter();
  pair.near.start(meter);
  // Where the runtime can be told to wait, the kernel's buffers fill and the sender is stopped; on Deno the link ends.
  for (let sent = 0; sent < 64 * LINK_EARLY_BYTES_MAX; sent += 65_536) {
    const drained = meter.drained();
    if (pair.near.send(new Uint8Array(65_536))) continue;
    const pause = new Promise((resolve) => setTimeout(() => resolve("stopped"), 500));
    if (await Promise.race([drained, pause, meter.ended.then(() => "ended")]) !== undefined) return;
  }
  throw new Error("64 MiB were taken");
});

// Deno's `node:tls` reads on although it is told to pause, so what stops is a relay of TCP in front of it.
async function stalledPeer(): Promise<StalledPeer> {
  const sockets: Socket[] = [];
  let bytes = 0;
  let onBytes = () => {};
  const hash = createHash("sha256");
  const listener = createTlsServer(credentials(server), (accepted) => {
    sockets[0].pause();
    accepted.on("error", () => {}); // The test ends the link as it likes.
    accepted.on("data", (piece) => {
      hash.update(piece);
      bytes += piece.length;
      onBytes();
    });
  });
  const inner = await listen(listener);
  const relay = createServer((near) => {
    const far = connect(inner, "127.0.0.1");
    sockets.push(near, far);
    for (const socket of sockets) socket.on("error", () => {});
    near.on("data", (piece) => far.write(piece));
    far.on("data", (piece) => near.write(piece));
    near.on("close", () => far.destroy());
  });
  return {
    url: `tls://127.0.0.1:${await listen(relay)}`,
    async read(total) {
      sockets[0].resume();
      while (bytes < total) await new Promise<void>((resolve) => onBytes = resolve);
      return hash.digest("hex");
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([relay, listener].map((one) => new Promise((resolve) => one.close(resolve))));
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
