// What foreign WebSockets are told: by hand, by the package `ws`, and by the runtime's own WebSocket.

import { test } from "node:test";
import { once } from "node:events";
import { createRequire } from "node:module";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import type { Link } from "../../src/link.ts";
import { parseAddress } from "../../src/transports/address.ts";
import { ws } from "../../src/transports/ws/mod.ts";
import { Arrivals } from "./arrivals.ts";
import { LinkHost, Meter } from "./link_host.ts";
import { BINARY, CLOSE, PING, PONG, RawWebSocket, RawWebSocketServer, TEXT } from "./raw_web_socket.ts";
import { pattern } from "./suite.ts";

// By its file, because Bun puts a module of its own in place of the package's name.
const { WebSocket: NpmWebSocket } = createRequire(import.meta.url)(
  "../../node_modules/ws/index.js",
) as typeof import("ws");

const URL_ANY = "ws://127.0.0.1:0/hawser";
const OFFER = "Sec-WebSocket-Protocol: hawser-v1";
const ANSWER = [OFFER];

test("ws: the subprotocol is named in the answer, and no compression is agreed", async () => {
  await using host = await LinkHost.listen(ws, URL_ANY);
  using raw = await RawWebSocket.dial(host.url, [
    "Sec-WebSocket-Protocol: chat, hawser-v1",
    "Sec-WebSocket-Extensions: permessage-deflate",
  ]);
  assertEquals(raw.status, 101);
  assert(/sec-websocket-protocol: hawser-v1(\r|$)/i.test(raw.head), raw.head);
  assert(!/sec-websocket-extensions/i.test(raw.head), raw.head);
});

const REFUSALS: readonly [what: string, path: string, headers: string[], status: number, reason: string][] = [
  ["no subprotocol", "/hawser", [], 400, "hawser-v1"],
  ["another subprotocol", "/hawser", ["Sec-WebSocket-Protocol: chat"], 400, "hawser-v1"],
  ["a page of another origin", "/hawser", [OFFER, "Origin: https://evil.example"], 403, "origin"],
  ["a page without origin", "/hawser", [OFFER, "Origin: null"], 403, "origin"],
  ["another path", "/", [OFFER], 404, "/hawser"],
];

for (const [what, path, headers, status, reason] of REFUSALS) {
  test(`ws: ${what} is refused with ${status} and the reason`, async () => {
    await using host = await LinkHost.listen(ws, URL_ANY, { origins: ["https://good.example"] });
    using raw = await RawWebSocket.dial(new URL(path, host.url).href, [...headers, "Connection: close"]);
    assertEquals(raw.status, status, raw.head);
    assertStringIncludes(await raw.rest(), reason);
  });
}

test("ws: a plain HTTP request is told what this is", async () => {
  await using host = await LinkHost.listen(ws, URL_ANY);
  const response = await fetch(host.url.replace("ws:", "http:"), { headers: { connection: "close" } });
  assertEquals(response.status, 426);
  assertStringIncludes(await response.text(), "hawser-v1");
});

test("ws: a page of a listed origin is let in", async () => {
  await using host = await LinkHost.listen(ws, URL_ANY, { origins: ["https://Good.example"] });
  using raw = await RawWebSocket.dial(host.url, [OFFER, "Origin: https://good.example"]);
  assertEquals(raw.status, 101);
});

test("ws: a listener refuses text with 1003", async () => {
  await using peer = await Accepted.open();
  peer.raw.send(TEXT, new TextEncoder().encode("hello"));
  assertEquals(await peer.raw.nextClose(), { code: 1003, reason: "binary messages only" });
  await peer.hangUp();
  assertEquals([peer.arrivals.error?.code, peer.arrivals.closed, peer.arrivals.count], ["websocket", 1, 0]);
});

test("ws: a listener takes a message of the limit and refuses one byte more with 1009", async () => {
  await using peer = await Accepted.open({ messageBytesMax: 1_000 });
  peer.raw.send(BINARY, pattern(1_000));
  assertEquals(await peer.arrivals.next(), pattern(1_000));
  peer.raw.send(BINARY, pattern(1_001));
  assertEquals((await peer.raw.nextClose()).code, 1009);
  await peer.hangUp();
  assertEquals([peer.arrivals.error?.code, peer.arrivals.closed], ["packet-too-large", 1]);
});

test("ws: a ping is answered while messages flow", async () => {
  await using peer = await Accepted.open();
  peer.raw.send(PING, pattern(5));
  peer.raw.send(BINARY, pattern(7));
  assertEquals(await peer.raw.next(), { opcode: PONG, payload: pattern(5) });
  assertEquals(await peer.arrivals.next(), pattern(7));
});

test("ws: code and reason of a close go to the other side, both ways", async () => {
  await using there = await Accepted.open();
  void there.link.close({ code: 3_100, reason: "moved" });
  assertEquals(await there.raw.nextClose(), { code: 3_100, reason: "moved" });

  await using back = await Accepted.open();
  back.raw.send(CLOSE, new Uint8Array([4_200 >> 8, 4_200 & 255, ...new TextEncoder().encode("no more")]));
  await back.arrivals.ended;
  assertEquals(back.arrivals.error?.code, "closed");
  assertEquals(back.arrivals.error?.cause, { code: 4_200, reason: "no more" });
});

test("ws: a peer that vanishes without a close is an error", async () => {
  await using peer = await Accepted.open();
  peer.raw.socket.destroy();
  await peer.arrivals.ended;
  assertEquals([peer.arrivals.error?.code, peer.arrivals.closed], ["io", 1]);
});

test("ws: what the dialling side refuses, it refuses with codes of the web", async () => {
  for (
    const [opcode, payload, code] of [[TEXT, pattern(1), "websocket"], [
      BINARY,
      pattern(1_001),
      "packet-too-large",
    ]] as const
  ) {
    using server = await RawWebSocketServer.listen(ANSWER);
    const link = await ws.dial(parseAddress(server.url), { messageBytesMax: 1_000 });
    const arrivals = new Arrivals();
    link.start(arrivals);
    const raw = await server.client;
    raw.socket.resume();
    raw.send(opcode, opcode === TEXT ? new TextEncoder().encode("a") : payload);
    const close = await raw.nextClose();
    assert([1003, 3003, 1009, 3009].includes(close.code), String(close.code));
    raw.socket.destroy();
    await arrivals.ended;
    assertEquals([arrivals.error?.code, arrivals.closed], [code, 1]);
  }
});

test("ws: the dialling side answers a ping", async () => {
  using server = await RawWebSocketServer.listen(ANSWER);
  const link = await ws.dial(parseAddress(server.url), {});
  link.start(new Arrivals());
  const raw = await server.client;
  raw.socket.resume();
  raw.send(PING, pattern(3));
  assertEquals(await raw.next(), { opcode: PONG, payload: pattern(3) });
  raw.socket.destroy();
  await link.close({ abort: true });
});

test("ws: a server that does not name the subprotocol is not Hawser's", async () => {
  for (const answer of [[], ["Sec-WebSocket-Protocol: chat"]]) {
    using server = await RawWebSocketServer.listen(answer);
    const error = await assertRejects(() => ws.dial(parseAddress(server.url), {}), HawserError);
    assertEquals(error.code, "websocket", error.message);
    assertStringIncludes(error.message, "hawser-v1");
  }
});

test("ws: the path must be the listener's, and a query does not matter", async () => {
  await using host = await LinkHost.listen(ws, URL_ANY);
  const link = await ws.dial(parseAddress(`${host.url}?room=7`), {});
  await link.close({ abort: true });
  const wrong = parseAddress(host.url.replace("/hawser", "/other"));
  assertEquals((await assertRejects(() => ws.dial(wrong, {}), HawserError)).code, "websocket");
});

test("ws: the package ws converses with a listener", async () => {
  await using host = await LinkHost.listen(ws, URL_ANY);
  const client = new NpmWebSocket(host.url, ["hawser-v1"]);
  const [link] = await Promise.all([host.accept(), once(client, "open")]);
  assertEquals([client.protocol, client.extensions], ["hawser-v1", ""]);
  echo(link);
  for (const length of [0, 1, 125, 126, 65_535, 65_536, 1_000_000]) {
    client.send(pattern(length));
    const [data] = await once(client, "message") as [Uint8Array];
    assertEquals(new Uint8Array(data), pattern(length));
  }
  const closed = once(client, "close");
  void link.close({ code: 3_001, reason: "done" });
  const [code, reason] = await closed as [number, Uint8Array];
  assertEquals([code, new TextDecoder().decode(reason)], [3_001, "done"]);
});

test("ws: the package ws is told why it is refused", async () => {
  await using host = await LinkHost.listen(ws, URL_ANY);
  for (
    const [protocols, origin, status] of [[[], undefined, 400], [
      ["hawser-v1"],
      "https://evil.example",
      403,
    ]] as const
  ) {
    const client = new NpmWebSocket(host.url, [...protocols], { origin });
    const [error] = await once(client, "error") as [Error];
    assertStringIncludes(error.message, String(status));
  }
});

test("ws: the runtime's own WebSocket converses with a listener", async () => {
  await using host = await LinkHost.listen(ws, URL_ANY);
  const client = new WebSocket(host.url, ["hawser-v1"]);
  client.binaryType = "arraybuffer";
  const opened = new Promise((resolve) => client.onopen = resolve);
  const link = await host.accept();
  await opened;
  echo(link);
  for (const length of [0, 1, 70_000]) {
    const answer = new Promise<ArrayBuffer>((resolve) => client.onmessage = ({ data }) => resolve(data));
    client.send(pattern(length) as Uint8Array<ArrayBuffer>);
    assertEquals(new Uint8Array(await answer), pattern(length));
  }
  const closed = new Promise<CloseEvent>((resolve) => client.onclose = resolve);
  client.send("text");
  assertEquals((await closed).code, 1003);
});

test("ws: a link that nobody starts keeps a bounded amount", async () => {
  await using host = await LinkHost.listen(ws, URL_ANY);
  using raw = await RawWebSocket.dial(host.url, [OFFER]);
  const link = await host.accept();
  const meter = new Meter();
  for (let index = 0; index < 64; index++) raw.send(BINARY, pattern(65_536, index));
  await new Promise((resolve) => setTimeout(resolve, 100));
  link.start(meter);
  // Either the runtime can be told to wait, and nothing was lost; or the link was given up.
  const lost = await Promise.race([meter.reached(64 * 65_536), meter.ended]);
  assertEquals(lost?.code, lost === undefined ? undefined : "backpressure");
  await link.close({ abort: true });
});

test("ws: addresses that cannot be", async () => {
  const unknown = parseAddress("ws://no-such-host.invalid:7000/");
  for (const attempt of [() => ws.dial(unknown, {}), () => LinkHost.listen(ws, unknown.href)]) {
    const error = await assertRejects<HawserError>(attempt, HawserError);
    assertEquals(error.code, "invalid-address", error.message);
  }
});

/** A link accepted from a peer that is played by hand. */
class Accepted {
  readonly host: LinkHost;
  readonly raw: RawWebSocket;
  readonly link: Link;
  readonly arrivals = new Arrivals();

  private constructor(host: LinkHost, raw: RawWebSocket, link: Link) {
    this.host = host;
    this.raw = raw;
    this.link = link;
    link.start(this.arrivals);
  }

  static async open(options: { messageBytesMax?: number } = {}): Promise<Accepted> {
    const host = await LinkHost.listen(ws, URL_ANY, options);
    const raw = await RawWebSocket.dial(host.url, [OFFER]);
    return new Accepted(host, raw, await host.accept());
  }

  /** Ends the connection as a peer does that was told to close. */
  async hangUp(): Promise<void> {
    this.raw.socket.end();
    await this.arrivals.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.raw[Symbol.dispose]();
    await this.link.close({ abort: true });
    await this.host[Symbol.asyncDispose]();
  }
}

function echo(link: Link): void {
  link.start({
    onReceive: (bytes) => void link.send(new Uint8Array(bytes)),
    onDrain() {},
    onClose() {},
  });
}
