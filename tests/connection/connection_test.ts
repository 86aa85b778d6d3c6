// What connections do when several things are asked of them at once, and who may be talked to at all.

import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { connect, type Connection, createIdentity, HawserError, listen } from "../../mod.ts";
import { pickCodec } from "../../src/codec/pick.ts";
import { WasmCodec } from "../../src/codec/wasm.ts";

test("pings that are asked for at once are all answered", async () => {
  await using server = await listen([
    "mem://pings-test",
    "tcp://127.0.0.1:0",
    "ws://127.0.0.1:0",
    "udp://127.0.0.1:0",
  ]);
  for (const url of server.urls) {
    await using connection = await connect(url);
    const trips = await Promise.all([1, 2, 3, 4].map(() => connection.ping({ timeoutMs: 5_000 })));
    for (const trip of trips) assert(trip >= 0 && trip < 5_000, `${url}: a round trip of ${trip} ms`);
  }
});

test("without a word about whom to expect, nothing is dialled", async () => {
  let links = 0;
  await using server = await listen("mem://expect-test");
  server.onConnection(() => links++);
  for (const options of [{}, { expect: [] }]) {
    const error = await assertRejects(() => connect("mem://expect-test", options), HawserError);
    assertEquals(error.code, "not-authorised");
  }
  // Nobody listens there, and nobody asks.
  assertEquals((await assertRejects(() => connect("mem://nobody"), HawserError)).code, "not-authorised");
  assertEquals([links, server.stats().failed, server.stats().handshakes], [0, 0, 0]);
});

test("a peer is known by its address, by expect, or by trust: each suffices", async () => {
  const identity = createIdentity();
  const stranger = createIdentity().id;
  await using server = await listen("mem://known-test", { identity });
  const bare = "mem://known-test";
  for (
    const [url, options] of [
      [`${bare}#${identity.id}`, {}],
      [bare, { expect: identity.id }],
      [bare, { expect: [stranger, identity.id] }],
      [bare, { trust: () => true }],
      [bare, { trust: (peer: { id: string }) => Promise.resolve(peer.id === server.id) }],
      [bare, { expect: stranger, trust: () => true }],
    ] as const
  ) {
    await using connection = await connect(url, options);
    assertEquals(connection.peer.id, identity.id);
  }
});

test("a message over what the peer takes is refused here, before it costs the connection there", async () => {
  await using server = await listen("mem://peer-limit-test", { limits: { messageBytesMax: 1_000 } });
  const accepted = server.accept();
  await using connection = await connect(server.urls);
  const error = assertThrows(() => connection.send(new Uint8Array(1_001)), HawserError);
  assertEquals(error.code, "packet-too-large");
  connection.send(new Uint8Array(1_000));
  assertEquals((await (await accepted).receive({ timeoutMs: 5_000 })).length, 1_000);
});

test("a connection that has ended gives back its keys' places in the core, whoever ended it and however", async () => {
  const codec = pickCodec();
  if (!(codec instanceof WasmCodec)) throw new Error(`this needs the core, but the codec is ${codec.choice}`);
  await using server = await listen("tcp://127.0.0.1:0");
  const ends = [
    (connection: Connection) => connection.close(),
    (connection: Connection) => connection.abort(),
    async (connection: Connection) =>
      void (await Promise.all([connection.close(), server.connections[0].close()])),
    async (connection: Connection) => void (await server.connections[0].abort(), await connection.closed),
  ];
  const endOne = async (index: number) => {
    const accepted = server.accept();
    const connection = await connect(server.urls);
    await accepted;
    await ends[index % ends.length](connection);
    while (server.connections.length > 0) await server.connections[0].closed;
  };
  // The memory grows by 256 slots; a place that is not given back by each end would show.
  for (let index = 0; index < 8; index++) await endOne(index);
  const before = codec.core.bytes.length;
  for (let index = 0; index < 300; index++) await endOne(index);
  assertEquals(codec.core.bytes.length, before);
});
