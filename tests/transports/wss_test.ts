// Real WebSockets over real TLS, on whichever runtime runs this file: the suite of links, and the refusals of TLS.

import { createHash } from "node:crypto";
import { createServer } from "node:https";
import { type AddressInfo, connect, createServer as createRelay, type Server } from "node:net";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { WebSocketServer } from "ws";
import { HawserError } from "../../src/errors.ts";
import type { TlsOptions } from "../../src/tls_options.ts";
import { parseAddress } from "../../src/transports/address.ts";
import { ws } from "../../src/transports/ws/mod.ts";
import { LinkHost, LinkPair, Meter } from "./link_host.ts";
import { linkSuite, type StalledPeer } from "./suite.ts";
import { authority, client, credentials, server, withTls } from "./tls/credentials.ts";
import { StallingRelay } from "./tls/stalling_relay.ts";

const URL_ = "wss://127.0.0.1:0/";
const ca = authority.certPem;
const wss = { ...ws, schemes: ["wss"] };
const transport = withTls(wss, { ...credentials(server), ca });

linkSuite({ transport, url: URL_, deadUrl: "wss://127.0.0.1:1/", stalledPeer });

test("wss: links say that they are encrypted", async () => {
  await using pair = await LinkPair.open(transport, URL_);
  assert(pair.near.traits.encrypted && pair.far.traits.encrypted);
});

async function refusalOfDial(listen: TlsOptions, dial: TlsOptions): Promise<HawserError> {
  await using host = await LinkHost.listen(wss, URL_, { tls: listen });
  return await assertRejects(() => wss.dial(parseAddress(host.url), { tls: dial }), HawserError);
}

test("wss: a server is refused for the same reasons as over tls", async () => {
  const cases: [TlsOptions, string][] = [
    [{}, "unknown-issuer"],
    [{ ca, serverName: "example.test" }, "wrong-name"],
    [{ ca, pins: [authority.pin] }, "pin-mismatch"],
  ];
  for (const [options, reason] of cases) {
    const error = await refusalOfDial(credentials(server), options);
    assertEquals([error.code, error.reason], ["tls", reason], error.message);
  }
});

test("wss: clients show certificates, and who has none is told so", async () => {
  const { promise: refused, resolve } = Promise.withResolvers<HawserError>();
  const mutual = {
    ...credentials(server),
    ca,
    clientCertificates: true,
    pins: [client.pin],
    onRefusal: resolve,
  };
  const near = await refusalOfDial(mutual, { ca });
  assertEquals([near.code, near.reason], ["tls", "no-certificate"], near.message);
  assertEquals((await refused).reason, "no-certificate");
  await using host = await LinkHost.listen(wss, URL_, { tls: mutual });
  const link = await wss.dial(parseAddress(host.url), { tls: { ca, ...credentials(client) } });
  const far = await host.accept();
  await Promise.all([link.close({ abort: true }), far.close({ abort: true })]);
});

test("wss: pages of other origins are refused, and other paths", async () => {
  await using host = await LinkHost.listen(transport, "wss://127.0.0.1:0/right", {
    origins: ["https://a.test"],
  });
  const { WebSocket } = await import("ws");
  const answer = (url: string, origin?: string) =>
    new Promise((resolve) => {
      const socket = new WebSocket(url, ["hawser-v1"], { ca, origin });
      socket.on("unexpected-response", (_request, response) => {
        resolve(response.statusCode);
        socket.terminate();
      });
      socket.on("error", () => {});
      socket.on("open", () => {
        resolve("open");
        socket.terminate();
      });
    });
  assertEquals(await answer(host.url, "https://b.test"), 403);
  assertEquals(await answer(host.url, "https://a.test"), "open");
  assertEquals(await answer(host.url.replace("right", "wrong")), 404);
});

test("wss: a client that asks for nothing is gone with the listener", async () => {
  const host = await LinkHost.listen(transport, URL_);
  const socket = connectTls({ port: parseAddress(host.url).port, host: "127.0.0.1", ca });
  socket.on("error", () => {});
  socket.resume();
  await new Promise<void>((resolve) => socket.once("secureConnect", () => resolve()));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await host.close();
  await closed;
});

for (const scheme of ["ws", "wss"]) {
  test(`${scheme}: messages are compressed where both sides wish it, and never against the listener's wish`, async () => {
    for (const [listens, dials] of [[true, true], [false, true]]) {
      await using host = await LinkHost.listen(transport, `${scheme}://127.0.0.1:0/`, { deflate: listens });
      using meter = await WireMeter.before(parseAddress(host.url).port);
      const url = `${scheme}://127.0.0.1:${meter.port}/`;
      const link = await transport.dial(parseAddress(url), { deflate: dials });
      const [far, arrivals] = [await host.accept(), new Meter()];
      far.start(arrivals);
      link.start(new Meter());
      link.send(new Uint8Array(500_000));
      await arrivals.reached(500_000);
      assertEquals([arrivals.bytes, arrivals.pieces], [500_000, 1]);
      const isCompressed = meter.bytes < 50_000;
      assertEquals(isCompressed, listens && dials, `${listens} ${dials}: ${meter.bytes} bytes`);
      await Promise.all([link.close(), far.close()]);
    }
  });
}

/** A relay of TCP that counts what clients send. */
class WireMeter implements Disposable {
  readonly port: number;
  readonly #relay: Server;
  bytes = 0;

  private constructor(relay: Server) {
    this.#relay = relay;
    this.port = (relay.address() as AddressInfo).port;
  }

  static async before(port: number): Promise<WireMeter> {
    const relay = createRelay((near) => {
      const far = connect(port, "127.0.0.1");
      for (const socket of [near, far]) socket.on("error", () => {});
      near.on("data", (piece) => meter.bytes += piece.length);
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
    const meter = new WireMeter(relay);
    return meter;
  }

  [Symbol.dispose](): void {
    this.#relay.close();
  }
}

async function stalledPeer(): Promise<StalledPeer> {
  let bytes = 0;
  let onBytes = () => {};
  const hash = createHash("sha256");
  const listener = createServer(credentials(server));
  const sockets = new WebSocketServer({ server: listener, handleProtocols: () => "hawser-v1" });
  sockets.on("connection", (socket) => {
    relay.stall();
    socket.on("error", () => {}); // The test ends the link as it likes.
    socket.on("message", (piece: Uint8Array) => {
      hash.update(piece);
      bytes += piece.length;
      onBytes();
    });
  });
  const relay = await StallingRelay.before(listener);
  return {
    url: `wss://127.0.0.1:${relay.port}/`,
    async read(total) {
      relay.resume();
      while (bytes < total) await new Promise<void>((resolve) => onBytes = resolve);
      return hash.digest("hex");
    },
    [Symbol.asyncDispose]: () => relay.close(),
  };
}
