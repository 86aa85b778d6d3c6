// Real sockets on the loopback interface, on whichever runtime runs this file.

import { createHash } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { parseAddress } from "../../src/transports/address.ts";
import { tcp } from "../../src/transports/tcp/mod.ts";
import { LinkHost, LinkPair, Meter } from "./link_host.ts";
import { linkSuite, pattern, type StalledPeer } from "./suite.ts";

linkSuite({ transport: tcp, url: "tcp://127.0.0.1:0", deadUrl: "tcp://127.0.0.1:1", stalledPeer });

test("tcp: IPv6, and a host by its name", async () => {
  for (const url of ["tcp://[::1]:0", "tcp://localhost:0"]) {
    await using pair = await LinkPair.open(tcp, url);
    const meter = new Meter();
    pair.far.start(meter);
    pair.near.start(new Meter());
    pair.near.send(pattern(10));
    await meter.reached(10);
  }
});

test("tcp: options that are off, and a port that is shared", async () => {
  await using pair = await LinkPair.open(tcp, "tcp://127.0.0.1:0", { keepAlive: false, noDelay: false });
  assertEquals(pair.near.traits.kind, "stream");
  await using first = await LinkHost.listen(tcp, "tcp://127.0.0.1:0", { reusePort: true });
  await using second = await LinkHost.listen(tcp, first.url, { reusePort: true });
  assertEquals(first.url, second.url);
});

test("tcp: options that no runtime has are refused, not ignored", async () => {
  for (const options of [{ ttl: 8 }, { reuseAddress: false }]) {
    const error = await assertRejects(() => LinkHost.listen(tcp, "tcp://127.0.0.1:0", options), HawserError);
    assertEquals(error.code, "unsupported");
  }
  const address = parseAddress("tcp://127.0.0.1:7000");
  assertEquals((await assertRejects(() => tcp.dial(address, { ttl: 8 }), HawserError)).code, "unsupported");
});

test("tcp: addresses that cannot be", async () => {
  const codes: [url: string, how: "dial" | "listen"][] = [
    ["tcp://no-such-host.invalid:7000", "dial"],
    ["tcp://no-such-host.invalid:0", "listen"],
    ["tcp://192.0.2.77:0", "listen"], // TEST-NET-1: of no machine.
    ["tcp://127.0.0.1", "dial"], // No port.
  ];
  for (const [url, how] of codes) {
    const error = await assertRejects<HawserError>(
      () => how === "dial" ? tcp.dial(parseAddress(url), {}) : LinkHost.listen(tcp, url),
      HawserError,
    );
    assertEquals(error.code, "invalid-address", `${how} ${url}: ${error.message}`);
    assertStringIncludes(error.message, parseAddress(url).href);
  }
});

test("tcp: a peer that resets the connection is an error", async () => {
  await using peer = await stalledPeer();
  const link = await tcp.dial(parseAddress(peer.url), {});
  const meter = new Meter();
  link.start(meter);
  link.send(pattern(100_000)); // Unread bytes turn the peer's end into a reset.
  await peer[Symbol.asyncDispose]();
  assertEquals((await meter.ended)?.code, "io");
});

async function stalledPeer(): Promise<StalledPeer> {
  let socket: Socket | undefined;
  const server = createServer({ pauseOnConnect: true }, (accepted) => {
    socket = accepted;
    accepted.on("error", () => {}); // The test ends the link as it likes.
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `tcp://127.0.0.1:${port}`,
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
