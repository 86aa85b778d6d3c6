// What every link must do, over real TLS on the loopback interface, on whichever runtime runs this file.

import { createHash } from "node:crypto";
import { test } from "node:test";
import { createServer } from "node:tls";
import { assert, assertEquals } from "@std/assert";
import { LINK_EARLY_BYTES_MAX } from "../../../src/limits.ts";
import { tls } from "../../../src/transports/tls/mod.ts";
import { LinkPair, Meter } from "../link_host.ts";
import { linkSuite, pattern, type StalledPeer } from "../suite.ts";
import { authority, credentials, server, withTls } from "./credentials.ts";
import { StallingRelay } from "./stalling_relay.ts";

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

async function stalledPeer(): Promise<StalledPeer> {
  let bytes = 0;
  let onBytes = () => {};
  const hash = createHash("sha256");
  const listener = createServer(credentials(server), (accepted) => {
    relay.stall();
    accepted.on("error", () => {}); // The test ends the link as it likes.
    accepted.on("data", (piece) => {
      hash.update(piece);
      bytes += piece.length;
      onBytes();
    });
  });
  const relay = await StallingRelay.before(listener);
  return {
    url: `tls://127.0.0.1:${relay.port}`,
    async read(total) {
      relay.resume();
      while (bytes < total) await new Promise<void>((resolve) => onBytes = resolve);
      return hash.digest("hex");
    },
    [Symbol.asyncDispose]: () => relay.close(),
  };
}
