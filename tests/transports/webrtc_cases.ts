// Real peer connections over this machine's own network, on whichever runtime runs this file.

import process from "node:process";
import { after, test } from "node:test";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { connect, HawserError, listen } from "../../mod.ts";
import { UDP_MTU_MIN, WEBRTC_MESSAGE_BYTES_MAX, WEBRTC_MTU_DEFAULT } from "../../src/limits.ts";
import type { TransportOptions } from "../../src/link.ts";
import type { Signal, Signalling, SignallingHandler, WebrtcOptions } from "../../src/signalling.ts";
import { parseAddress } from "../../src/transports/address.ts";
import { webrtc } from "../../src/transports/webrtc/mod.ts";
import { serveSignalling } from "../../src/transports/webrtc/signalling/mod.ts";
import { currentRuntime, runtimes, spawnRuntime } from "../runtimes/runtimes.ts";
import { Arrivals } from "./arrivals.ts";
import { LinkHost } from "./link_host.ts";
import { linkSuite, type StalledPeer } from "./suite.ts";

const endpoint = await serveSignalling("ws://127.0.0.1:0/signalling");
after(() => endpoint.close());

const at = (name: string) => `webrtc://${name}?signalling=${endpoint.url}`;

// What a link says of itself is the address as it is written back.
const written = (name: string) => parseAddress(at(name)).href;

linkSuite({ transport: webrtc, url: at("suite"), deadUrl: written("nobody"), stalledPeer });

let stalled = 0;

// Data channels cannot be told to wait, so the whole process waits.
async function stalledPeer(): Promise<StalledPeer> {
  const peer = spawnRuntime("node", "tests/transports/fixtures/webrtc_stalled.ts", [
    at(`stalled-${++stalled}`),
  ]);
  return {
    url: await peer.nextLine(),
    async read(bytes) {
      process.kill(peer.pid, "SIGCONT");
      peer.write(`${bytes}\n`);
      return await peer.nextLine();
    },
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  };
}

for (const kind of ["ordered: false", "maxRetransmits: 0", "maxPacketLifeTime: 100"]) {
  test(`webrtc: ${kind} makes a link of datagrams`, async () => {
    const [name, value] = kind.split(": ");
    const options: WebrtcOptions = { [name]: JSON.parse(value) };
    await using server = await listen(at("datagrams"));
    const accepted = server.accept({ timeoutMs: 5_000 });
    await using near = await connect(server.urls, { webrtc: options, mtu: 1_000 });
    const far = await accepted;
    assertEquals([near.traits.kind, near.traits.mtu, far.traits.kind, far.traits.mtu], [
      "datagram",
      1_000,
      "datagram",
      WEBRTC_MTU_DEFAULT,
    ]);
    far.onMessage((message) => far.send(message));
    for (const length of [0, 1, 900, 5_000, 100_000]) {
      near.send(new Uint8Array(length).fill(7));
      assertEquals((await near.receive({ timeoutMs: 5_000 })).length, length);
    }
    const info = await near.close({ code: 4_000 });
    assertEquals([info.error, (await far.closed).code], [undefined, 4_000]);
  });
}

test("webrtc: options that cannot be", async () => {
  const wrong = (options: TransportOptions, url = at("alice")) => webrtc.dial(parseAddress(url), options);
  const stray = (options: WebrtcOptions) => wrong({ webrtc: options });
  await assertRejects(() => stray({ maxRetransmits: 1, maxPacketLifeTime: 1 }), TypeError, "exclude");
  await assertRejects(() => stray({ maxRetransmits: 65_536 }), RangeError, "65535");
  await assertRejects(() => stray({ maxPacketLifeTime: -1 }), RangeError, "maxPacketLifeTime");
  await assertRejects(() => wrong({ mtu: UDP_MTU_MIN - 1 }), RangeError, "mtu");
  await assertRejects(() => wrong({ mtu: WEBRTC_MESSAGE_BYTES_MAX + 1 }), RangeError, "mtu");
  await assertRejects(() => stray({ iceServers: [{ urls: "http://x" }] }), TypeError, "ICE server");
  await assertRejects(() => stray({ iceServers: [{ urls: "turn:x:1" }] }), TypeError, "credential");
  await assertRejects(
    () => stray({ iceServers: [{ urls: ["stun:x:1", "stun:x:99999"] }] }),
    TypeError,
    "99999",
  );
  for (
    const url of [
      "webrtc://alice",
      "webrtc://alice/path",
      "webrtc://alice?other=ws://127.0.0.1:1",
      "webrtc://alice?signalling=http://127.0.0.1:1",
      at(""),
      at("a".repeat(65)),
    ]
  ) {
    const error = await assertRejects(() => wrong({}, url), HawserError);
    assertEquals(error.code, "invalid-address", error.message);
  }
});

test("webrtc: an endpoint that is not there", async () => {
  const error = await assertRejects(
    () => webrtc.dial(parseAddress("webrtc://alice?signalling=ws://127.0.0.1:9"), {}),
    HawserError,
  );
  assertEquals([error.code, error.retryable], ["websocket", true]);
  assertStringIncludes(error.message, "ws://127.0.0.1:9");
});

test("webrtc: a listener whose endpoint goes dies, its links live on", async () => {
  const own = await serveSignalling("ws://127.0.0.1:0");
  const died = Promise.withResolvers<HawserError | undefined>();
  const link = Promise.withResolvers<Arrivals>();
  const address = parseAddress(`webrtc://alice?signalling=${own.url}`);
  const listening = await webrtc.listen(address, {}, {
    onLink(far) {
      const arrivals = new Arrivals();
      far.start(arrivals);
      link.resolve(arrivals);
    },
    onDatagram() {},
    onClose: (error) => died.resolve(error),
  });
  const near = await webrtc.dial(address, {});
  near.start(new Arrivals());
  const far = await link.promise;
  await own.close();
  assertEquals((await died.promise)?.code, "websocket");
  near.send(new Uint8Array(3));
  assertEquals((await far.next()).length, 3);
  await near.close();
  await listening.close();
});

/** Signalling in memory, through which a test can look and speak. */
class Whispers implements Signalling {
  readonly handlers: Map<string, SignallingHandler> = new Map();
  readonly heard: { from: string; to: string; signal: Signal }[] = [];
  pass: (from: string, to: string, signal: Signal) => Signal | undefined = (_from, _to, signal) => signal;

  // deno-lint-ignore require-await -- the interface is asynchronous
  async join(name: string, handler: SignallingHandler) {
    this.handlers.set(name, handler);
    return {
      send: (to: string, signal: Signal) => {
        this.heard.push({ from: name, to, signal });
        const passed = this.pass(name, to, signal);
        if (passed !== undefined) queueMicrotask(() => this.handlers.get(to)?.onSignal(name, passed));
      },
      close: () => Promise.resolve(void this.handlers.delete(name)),
    };
  }
}

test("webrtc: a signalling of one's own, and nothing left in it", async () => {
  const signalling = new Whispers();
  const options = { webrtc: { signalling } };
  {
    await using server = await listen("webrtc://alice", options);
    await using connection = await connect(server.urls, options);
    assertEquals(connection.remoteAddress, "webrtc://alice");
    assertEquals([...signalling.handlers.keys()], ["alice"]);
  }
  assertEquals(signalling.handlers.size, 0);
});

test("webrtc: a signalling that puts itself between the two is not believed", async () => {
  const signalling = new Whispers();
  const options = { webrtc: { signalling } };
  await using alice = await listen("webrtc://alice", options);
  await using mallory = await listen("webrtc://mallory", options);
  // Who calls alice gets mallory.
  signalling.pass = (from, to, signal) => {
    const [reader, writer] = [to === "alice" ? "mallory" : to, from === "mallory" ? "alice" : from];
    queueMicrotask(() => signalling.handlers.get(reader)?.onSignal(writer, signal));
    return undefined;
  };
  const error = await assertRejects(() => connect(alice.urls, options), HawserError);
  assertEquals(error.code, "not-authorised");
  assertEquals(mallory.stats().accepted, 0);
});

test("webrtc: descriptions and candidates that are nonsense end in one error, and cost nothing", async () => {
  const signalling = new Whispers();
  await using host = await LinkHost.listen(webrtc, "webrtc://alice", { webrtc: { signalling } });
  const { handlers } = signalling;
  handlers.set("eve", { onSignal() {}, onClose() {} });
  const says = (signal: Signal) => handlers.get("alice")!.onSignal("eve", signal);
  says({ type: "candidate", candidate: "no call", mid: "0" });
  says({ type: "answer", sdp: "nobody asked" });
  says({ type: "end", code: "closed", reason: "of nothing" });
  assertEquals(signalling.heard.length, 0);
  says({ type: "offer", sdp: "v=0" });
  assertEquals(signalling.heard.map(({ to, signal }) => [to, signal.type]), [["eve", "end"]]);

  signalling.pass = (_from, to, signal) => to === "alice" ? signal : { ...signal, sdp: "v=0" } as Signal;
  const dial = () => webrtc.dial(parseAddress(host.url), { webrtc: { signalling } });
  assertEquals((await assertRejects(dial, HawserError)).code, "webrtc");
});

test("webrtc: who is called may refuse, and gives a reason that is known", async () => {
  const signalling = new Whispers();
  const answer = async (code: string) => {
    await signalling.join("alice", {
      onSignal: (from) =>
        signalling.handlers.get(from)?.onSignal("alice", {
          type: "end",
          code: code as "limit",
          reason: "no",
        }),
      onClose() {},
    });
    const dial = () => webrtc.dial(parseAddress("webrtc://alice"), { webrtc: { signalling } });
    return (await assertRejects(dial, HawserError)).code;
  };
  assertEquals([await answer("limit"), await answer("made-up")], ["limit", "webrtc"]);
});

for (const { name } of runtimes.filter(({ name }) => name === currentRuntime())) {
  test(`webrtc: a process on ${name} ends by itself`, async () => {
    await using server = await listen(at("home"));
    server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
    await using child = spawnRuntime(name, "tests/transports/fixtures/webrtc_leave.ts", [server.urls[0]]);
    const lines: string[] = [];
    for await (const line of child.lines) lines.push(line);
    const { code } = await child.exited;
    assert(code === 0, `exit code ${code}: ${child.stderr}`);
    assertEquals(lines, ["100", "connection-refused", "TimeoutError", "done"]);
  });
}
