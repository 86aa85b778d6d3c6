// Seeds, known keys and no keys at all, over real sockets: what opens, and what both sides hear when it does not.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  connect,
  type ConnectOptions,
  createIdentity,
  type HandshakeName,
  HawserError,
  listen,
  type ListenOptions,
} from "../../mod.ts";
import { postQuantum } from "../../src/noise/ml_kem_768.ts";
import { currentRuntime, runtimes, spawnRuntime } from "../runtimes/runtimes.ts";

const SCHEMES = ["tcp", "udp", "ws"];
const seed = new Uint8Array(32).fill(5);
const otherSeed = new Uint8Array(32).fill(6);

const CASES: readonly [name: string, ConnectOptions, ListenOptions][] = [
  ["XX", {}, {}],
  ["IK", { handshake: "IK" }, {}],
  ["XXpsk3", { seed }, { seed }],
  ["IKpsk1", { seed, handshake: "IK" }, { seed }],
  ["NNpsk0", { seed, handshake: "NN" }, { seed, handshakes: ["NN"] }],
  ["XXhfs", { postQuantum }, { postQuantum }],
  ["IKhfs+psk1", { postQuantum, seed, handshake: "IK" }, { postQuantum, seed }],
];

for (const [name, ours, theirs] of CASES) {
  test(`${name} over ${SCHEMES.join(", ")}`, async () => {
    await using server = await listen(SCHEMES.map((scheme) => `${scheme}://127.0.0.1:0`), theirs);
    server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
    for (const url of server.urls) {
      await using connection = await connect(url, ours);
      assertEquals(connection.peer.handshake, name);
      assertEquals(connection.peer.id, name === "NNpsk0" ? "" : server.id);
      connection.send(Uint8Array.of(1, 2, 3));
      assertEquals(await connection.receive({ timeoutMs: 5_000 }), Uint8Array.of(1, 2, 3));
    }
    assertEquals(server.stats().failed, 0);
  });
}

test("where the two sides want something else, both hear at once what is wrong", async () => {
  const wrong: [ConnectOptions, ListenOptions, RegExp][] = [
    [{}, { seed }, /does not take the handshake XX, but XXpsk3, IKpsk1: .*seed/],
    [{ seed }, {}, /does not take the handshake XXpsk3, but XX, IK: .*leave out the seed/],
    [{ seed }, { seed: otherSeed }, /seeds/],
    [{ seed, handshake: "IK" }, { seed: otherSeed }, /seeds/],
    [{ postQuantum }, {}, /does not take the handshake XXhfs, but XX, IK: .*leave out postQuantum/],
    [{}, { postQuantum }, /does not take the handshake XX, but XXhfs, IKhfs: .*give postQuantum/],
    [{ handshake: "IK" }, { handshakes: ["XX"] }, /does not take the handshake IK, but XX/],
  ];
  await Promise.all(wrong.map(async ([ours, theirs, said]) => {
    const refused: HawserError[] = [];
    const onRefusal = (error: HawserError) => void refused.push(error);
    await using server = await listen(["tcp://127.0.0.1:0", "udp://127.0.0.1:0"], { ...theirs, onRefusal });
    await Promise.all(server.urls.map(async (url) => {
      const error = await assertRejects(() => connect(url, ours), HawserError);
      assertEquals(error.code, "handshake-failed");
      assert(said.test(error.message), error.message);
    }));
    while (refused.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    assertEquals(refused.map(({ code }) => code), ["handshake-failed", "handshake-failed"]);
    assertEquals(server.stats().connections, 0);
  }));
});

test("a peer id that is not the listener's fails in every handshake that has one", async () => {
  await Promise.all((["XX", "IK"] as const).map(async (handshake) => {
    const expected = handshake === "XX" ? "not-authorised" : "handshake-failed";
    const refused: string[] = [];
    const onRefusal = ({ code }: HawserError) => void refused.push(code);
    await using server = await listen(["tcp://127.0.0.1:0", "udp://127.0.0.1:0"], { seed, onRefusal });
    await Promise.all(server.urls.map(async (url) => {
      const wrong = url.replace(server.id, createIdentity().id);
      const error = await assertRejects(() => connect(wrong, { handshake, seed }), HawserError);
      assertEquals(error.code, expected);
    }));
    while (refused.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    assertEquals(refused, [expected, expected]);
  }));
});

test("a listener decides in every handshake, and who is refused is told", async () => {
  for (const [name, ours, theirs] of CASES) {
    const asked: string[] = [];
    const authorize = ({ id, handshake }: { id: string; handshake: string }) => {
      asked.push(handshake);
      return id === "somebody else";
    };
    await using server = await listen(["tcp://127.0.0.1:0", "udp://127.0.0.1:0"], { ...theirs, authorize });
    for (const url of server.urls) {
      const error = await assertRejects(() => connect(url, ours), HawserError);
      assertEquals([name, error.code], [name, "not-authorised"]);
    }
    assertEquals(asked, [name, name]);
  }
});

test("a seed says who may be talked to; an address with a peer id is held to it all the same", async () => {
  await using server = await listen("tcp://127.0.0.1:0", { seed });
  const bare = server.urls[0].replace(/#.*/, "");
  await using connection = await connect(bare, { seed });
  assertEquals(connection.peer.id, server.id);
  const error = await assertRejects(() => connect(bare, { seed, expect: createIdentity().id }), HawserError);
  assertEquals(error.code, "not-authorised");
});

test("addresses of a listener without keys name none; options that contradict each other are told at once", async () => {
  await using server = await listen("mem://no-keys", { seed, handshakes: ["NN"] });
  assertEquals(server.urls, ["mem://no-keys"]);
  const { id } = createIdentity();
  const wrong: [ConnectOptions, typeof TypeError | typeof RangeError][] = [
    [{ handshake: "IK", trust: () => true }, TypeError],
    [{ handshake: "IK", expect: [id, server.id] }, TypeError],
    [{ handshake: "NN", trust: () => true }, TypeError],
    [{ handshake: "NN", seed, expect: id }, TypeError],
    [{ handshake: "XK" as HandshakeName, trust: () => true }, TypeError],
    [{ seed: seed.subarray(1) }, RangeError],
    [{ seed: "x".repeat(32) as unknown as Uint8Array }, TypeError],
  ];
  for (const [options, kind] of wrong) await assertRejects(() => connect("mem://no-keys", options), kind);
  await assertRejects(() => listen("mem://no-keys-2", { handshakes: [] }), TypeError);
  await assertRejects(() => listen("mem://no-keys-2", { handshakes: ["NN"] }), TypeError);
  await assertRejects(() => listen("mem://no-keys-2", { seed: new Uint8Array(33) }), RangeError);
});

test("every handshake opens between this runtime and the others, over tcp and udp", async () => {
  const others = runtimes.filter(({ name }) => name !== currentRuntime());
  await Promise.all(others.map(async ({ name }) => {
    await using server = spawnRuntime(name, "tests/connection/fixtures/handshake_server.ts");
    const [open, seeded, keyless, hybrid, hybridSeeded] = JSON.parse(await server.nextLine()) as string[][];
    for (const [handshake, options] of CASES) {
      const urls = options.postQuantum !== undefined
        ? options.seed ? hybridSeeded : hybrid
        : handshake === "NNpsk0"
        ? keyless
        : options.seed
        ? seeded
        : open;
      await Promise.all(urls.map(async (url) => {
        await using connection = await connect(url, options);
        assertEquals(connection.peer.handshake, handshake);
        connection.send(Uint8Array.of(4, 5));
        assertEquals(await connection.receive({ timeoutMs: 5_000 }), Uint8Array.of(4, 5));
      }));
    }
    const refused = open.map((url) =>
      assertRejects(() => connect(url, { seed }), HawserError, "leave out the seed")
    );
    await Promise.all(refused);
    server.closeInput();
    assertEquals(JSON.parse(await server.nextLine()), [2, 0, 0, 0, 0]);
  }));
});
