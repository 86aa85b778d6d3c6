// A real endpoint on whichever runtime runs this file, its peers, and those that behave badly.

import { after, test } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { HawserError } from "../../../src/errors.ts";
import {
  SIGNALLING_MESSAGE_CHARS_MAX,
  SIGNALLING_NAME_CHARS_MAX,
  SIGNALLING_WAITING_BYTES_MAX,
} from "../../../src/limits.ts";
import type { Signal, SignallingHandler } from "../../../src/signalling.ts";
import { type Outlet, SignallingHub } from "../../../src/transports/webrtc/signalling/hub.ts";
import { serveSignalling, webrtcSignalling } from "../../../src/transports/webrtc/signalling/mod.ts";

const endpoint = await serveSignalling("ws://127.0.0.1:0/signals", {
  origins: ["https://app.example.com"],
  mayJoin: (name, request) =>
    name !== "reserved" || new URL(request.url).searchParams.get("token") === "right",
});
after(() => endpoint.close());

/** Who hears, to be awaited. */
class Ear implements SignallingHandler {
  readonly #heard: [string, Signal][] = [];
  #waiting: ((heard: [string, Signal]) => void) | undefined;
  readonly closed: PromiseWithResolvers<HawserError> = Promise.withResolvers();

  onSignal(from: string, signal: Signal): void {
    this.#waiting?.([from, signal]);
    if (this.#waiting === undefined) this.#heard.push([from, signal]);
    this.#waiting = undefined;
  }

  onClose(error: HawserError): void {
    this.closed.resolve(error);
  }

  next(): Promise<[string, Signal]> {
    const heard = this.#heard.shift();
    return heard === undefined ? new Promise((resolve) => this.#waiting = resolve) : Promise.resolve(heard);
  }
}

const join = (name: string, ear = new Ear(), url = endpoint.url) => webrtcSignalling(url).join(name, ear);

test("signalling: signals go from name to name, in order, and nothing else goes with them", async () => {
  const ear = new Ear();
  const [alice, bob] = [await join("alice", ear), await join("bob")];
  const signals: Signal[] = [
    { type: "offer", sdp: "v=0\r\n" },
    { type: "candidate", candidate: "ä", mid: "0" },
    { type: "end", code: "closed", reason: "enough" },
  ];
  for (const signal of signals) bob.send("alice", Object.assign({ extra: 1 }, signal));
  for (const signal of signals) assertEquals(await ear.next(), ["bob", signal]);
  await Promise.all([alice.close(), bob.close(), alice.close()]);
});

test("signalling: who calls a name that nobody has is told so, and told once", async () => {
  const ear = new Ear();
  const alice = await join("alice", ear);
  alice.send("nobody", { type: "candidate", candidate: "", mid: "" });
  alice.send("nobody", { type: "offer", sdp: "" });
  const [from, signal] = await ear.next();
  assertEquals([from, signal.type, signal.type === "end" && signal.code], [
    "nobody",
    "end",
    "connection-refused",
  ]);
  await alice.close();
});

test("signalling: a name is had by one, and free again when it is given back", async () => {
  const first = await join("alice");
  const error = await assertRejects(() => join("alice"), HawserError);
  assertEquals(error.code, "address-in-use");
  await first.close();
  // The endpoint hears of it a moment later.
  for (let attempt = 0;; attempt++) {
    try {
      await (await join("alice")).close();
      break;
    } catch (error) {
      if (attempt >= 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
});

test("signalling: names that cannot be, and names that are kept for others", async () => {
  for (const name of ["", "a b", "a".repeat(SIGNALLING_NAME_CHARS_MAX + 1)]) {
    assertEquals((await assertRejects(() => join(name), HawserError)).code, "protocol");
  }
  await (await join("a".repeat(SIGNALLING_NAME_CHARS_MAX))).close();
  assertEquals((await assertRejects(() => join("reserved"), HawserError)).code, "websocket");
  await (await join("reserved", new Ear(), `${endpoint.url}?token=right`)).close();
});

test("signalling: pages of other origins are refused, and what is no WebSocket", async () => {
  const url = endpoint.url.replace("ws:", "http:");
  const asks = async (headers: Record<string, string>) => {
    const response = await fetch(`${url}?name=page`, { headers });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await asks({ origin: "https://evil.example" }), 403);
  assertEquals([426, 404].includes(await asks({ origin: "https://app.example.com" })), true);
  assertEquals([426, 404].includes(await asks({})), true);
});

for (
  const [what, text] of [
    ["no JSON", "{"],
    ["no signal", '{"to":"bob","signal":{"type":"shout"}}'],
    ["no name", '{"to":"b b","signal":{"type":"offer","sdp":""}}'],
    ["null", "null"],
  ]
) {
  test(`signalling: a peer that says ${what} loses its name`, async () => {
    const socket = new WebSocket(`${endpoint.url}?name=mumble`);
    const closed = new Promise<number>((resolve) => socket.onclose = ({ code }) => resolve(code));
    await new Promise((resolve) => socket.onmessage = resolve);
    socket.send(text);
    assertEquals(await closed, 4400);
  });
}

test("signalling: the largest message passes, one character more does not", async () => {
  const ear = new Ear();
  const [alice, bob, carol] = [await join("alice", ear), await join("bob"), await join("carol", ear)];
  const empty = JSON.stringify({ to: "alice", signal: { type: "offer", sdp: "" } }).length;
  const sdp = "a".repeat(SIGNALLING_MESSAGE_CHARS_MAX - empty);
  bob.send("alice", { type: "offer", sdp });
  assertEquals(await ear.next(), ["bob", { type: "offer", sdp }]);
  carol.send("alice", { type: "offer", sdp: `${sdp}a` });
  assertEquals((await ear.closed.promise).code, "protocol");
  await Promise.all([alice.close(), bob.close(), carol.close()]);
});

test("signalling: an endpoint that stops tells its peers", async () => {
  const own = await serveSignalling("ws://127.0.0.1:0");
  const ear = new Ear();
  const alice = await join("alice", ear, own.url);
  await own.close();
  const error = await ear.closed.promise;
  assertEquals([error.code, error.retryable], ["websocket", true]);
  await alice.close();
  await own.close();
});

test("signalling: addresses that cannot be, and one that is taken", async () => {
  for (const url of ["http://127.0.0.1", "alice", ""]) {
    assertEquals(assertThrows(() => webrtcSignalling(url), HawserError).code, "invalid-address");
  }
  for (const url of ["wss://127.0.0.1:0", "ws://127.0.0.1:0/?a=1"]) {
    assertEquals((await assertRejects(() => serveSignalling(url), HawserError)).code, "invalid-address");
  }
  const taken = await assertRejects(() => serveSignalling(endpoint.url), HawserError);
  assertEquals(taken.code, "address-in-use");
  assertStringIncludes(taken.message, "127.0.0.1");
});

test("signalling: joining is given up by its signal", async () => {
  const reason = new Error("changed my mind");
  const signalling = webrtcSignalling(endpoint.url);
  const controller = new AbortController();
  const joining = signalling.join("late", new Ear(), controller.signal);
  controller.abort(reason);
  assertEquals(await assertRejects(() => joining), reason);
  assertEquals(await assertRejects(() => signalling.join("late", new Ear(), controller.signal)), reason);
});

/** A peer in memory. */
class Peer implements Outlet {
  readonly said: string[] = [];
  code = 0;
  bytes = 0;
  send(text: string): void {
    this.said.push(text);
  }
  close(code: number): void {
    this.code = code;
  }
  waiting(): number {
    return this.bytes;
  }
}

test("signalling: names are bounded, and so is what waits for a peer that does not read", () => {
  const hub = new SignallingHub(2);
  const [alice, bob, carol] = [new Peer(), new Peer(), new Peer()];
  const seat = hub.join("alice", alice)!;
  hub.join("bob", bob);
  assertEquals([hub.join("carol", carol), carol.code, hub.size], [undefined, 4429, 2]);
  const offer = JSON.stringify({ to: "bob", signal: { type: "offer", sdp: "" } });
  bob.bytes = SIGNALLING_WAITING_BYTES_MAX;
  seat.handle(offer);
  assertEquals([bob.said.length, bob.code], [2, 0]);
  bob.bytes++;
  seat.handle(offer);
  assertEquals([bob.said.length, bob.code], [2, 4408]);
  seat.leave();
  assertEquals(hub.size, 1);
  hub.close();
  assertEquals([hub.size, bob.code], [0, 1001]);
});
