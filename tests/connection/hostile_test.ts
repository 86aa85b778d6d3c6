// Strangers at the door, over real sockets: THREATS rows 13 to 17 and 19. HAWSER_SCALE multiplies their number.

import { createSocket } from "node:dgram";
import { type AddressInfo, connect as dial, createServer, type Socket } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect, createIdentity, HawserError, listen } from "../../mod.ts";

const SCALE = Number(process.env.HAWSER_SCALE ?? 1);

function portOf(url: string): number {
  return Number(new URL(url.replace(/^[a-z]+:/, "http:")).port);
}

async function open(port: number): Promise<Socket> {
  const socket = dial(port, "127.0.0.1");
  socket.on("error", () => {}).resume();
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

/** Everything that comes back until the other side closes. */
function answer(socket: Socket): Promise<string> {
  const parts: string[] = [];
  socket.on("data", (data) => parts.push(data.toString("hex")));
  return new Promise((resolve) => socket.once("close", () => resolve(parts.join(""))));
}

const HEADER = [0xde, 0xad, 0xbe, 0xef, 1, 0x10];

// REFUSAL of the handshake 0, for the one reason that there is.
const REFUSAL = "deadbeef01100000000a05000000000000000001";

test("whatever a stranger says over TCP, it hears nothing, or for an INIT one refusal, and is cut off", async () => {
  await using server = await listen("tcp://127.0.0.1:0", { limits: { handshakeMsMax: 300 } });
  const port = portOf(server.urls[0]);
  const lies: [string, number[]][] = [
    ["another protocol", [...new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")]],
    ["another version", [0xde, 0xad, 0xbe, 0xef, 2, 0x10, 0, 0, 0, 40]],
    ["a length of 2^32 - 1", [...HEADER, 0xff, 0xff, 0xff, 0xff]],
    ["reserved flags", [0xde, 0xad, 0xbe, 0xef, 1, 0x90, 0, 0, 0, 40]],
    ["a sealed packet", [0xde, 0xad, 0xbe, 0xef, 1, 0x04, 0, 0, 0, 20, ...new Array(20).fill(7)]],
    ["an INIT that is too short", [...HEADER, 0, 0, 0, 12, 1, ...new Array(11).fill(0)]],
    ["a low-order key", [...HEADER, 0, 0, 0, 44, 1, ...new Array(43).fill(0)]],
    ["half a header", [0xde, 0xad, 0xbe]],
    ["nothing", []],
  ];
  const answers = await Promise.all(lies.map(async ([, bytes]) => {
    const socket = await open(port);
    const heard = answer(socket);
    socket.write(new Uint8Array(bytes));
    return await heard;
  }));
  const expected = lies.map(([what]) =>
    what === "a low-order key" || what.startsWith("an INIT") ? REFUSAL : ""
  );
  assertEquals(answers, expected);
  assertEquals(server.stats().connections, 0);
});

test("a length that lies costs no memory", async () => {
  await using server = await listen("tcp://127.0.0.1:0", { limits: { handshakeMsMax: 1_000 } });
  const port = portOf(server.urls[0]);
  const before = process.memoryUsage().rss;
  const sockets = await Promise.all(Array.from({ length: 200 }, () => open(port)));
  // The largest body that a header may promise: 16 MiB each.
  for (const socket of sockets) socket.write(new Uint8Array([...HEADER, 0, 0xff, 0xff, 0xff, 1]));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const grown = process.memoryUsage().rss - before;
  assert(grown < 100 * 1024 * 1024, `${grown} bytes for 200 headers`);
  for (const socket of sockets) socket.destroy();
});

test("slowloris: one byte at a time, and out at the deadline; the honest get in meanwhile", async () => {
  await using server = await listen("tcp://127.0.0.1:0", {
    limits: { handshakeMsMax: 500 },
    handshakesMax: 100,
  });
  const port = portOf(server.urls[0]);
  const sockets: Socket[] = [];
  // A hundred at a time: the kernel turns away what its queue of connections does not hold.
  while (sockets.length < 300 * SCALE) {
    sockets.push(...await Promise.all(Array.from({ length: 100 }, () => open(port))));
  }
  const closed = sockets.map((socket) =>
    socket.destroyed || new Promise((resolve) => socket.once("close", resolve))
  );
  const packet = new Uint8Array([...HEADER, 0, 0, 1, 0, ...new Array(100).fill(1)]);
  let at = 0;
  const drip = setInterval(() => {
    for (const socket of sockets) socket.write(packet.subarray(at, at + 1));
    at++;
  }, 20);
  const started = performance.now();
  try {
    for (let count = 0; count < 10; count++) {
      await using connection = await connect(server.urls);
      assertEquals(connection.peer.id, server.id);
    }
    await Promise.all(closed);
  } finally {
    clearInterval(drip);
  }
  const tookMs = performance.now() - started;
  assert(tookMs < 3_000 * SCALE, `the last was cut off after ${tookMs} ms`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(server.stats().handshakes, 0);
});

test("a server that accepts and says nothing: the client gives up at the deadline, and leaves nothing open", async () => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => void sockets.add(socket.on("error", () => {})));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as AddressInfo;
  const url = `tcp://127.0.0.1:${port}#${createIdentity().id}`;
  const error = await assertRejects(() => connect(url, { limits: { handshakeMsMax: 200 } }), HawserError);
  assertEquals([error.code, error.retryable], ["timeout", true]);
  const controller = new AbortController();
  const aborted = assertRejects(() => connect(url, { signal: controller.signal }));
  setTimeout(() => controller.abort(new Error("enough")), 50);
  assertEquals((await aborted).message, "enough");
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (const socket of sockets) {
    assert(socket.readableEnded || socket.destroyed || socket.resume(), "the client's socket is open");
    socket.destroy();
  }
  await new Promise((resolve) => silent.close(resolve));
});

test("a server that talks nonsense fails the client at once", async () => {
  const babbler = createServer((socket) => {
    socket.on("error", () => {}).resume();
    socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  await new Promise<void>((resolve) => babbler.listen(0, "127.0.0.1", resolve));
  const { port } = babbler.address() as AddressInfo;
  const error = await assertRejects(
    () => connect(`tcp://127.0.0.1:${port}#${createIdentity().id}`),
    HawserError,
  );
  assertEquals(error.code, "protocol");
  await new Promise((resolve) => babbler.close(resolve));
});

test("a flood of INITs over UDP: bounded state, at most three times the bytes back, the honest get in", async () => {
  await using server = await listen("udp://127.0.0.1:0", { handshakesMax: 200 });
  const port = portOf(server.urls[0]);
  const flood = createSocket("udp4");
  let sent = 0;
  let received = 0;
  flood.on("message", (message) => received += message.length);
  await new Promise<void>((resolve) => flood.bind(0, "127.0.0.1", resolve));
  const init = new Uint8Array(500);
  init.set([...HEADER, 0, 0, 1, 234, 1]);
  let honest = 0;
  const before = process.memoryUsage().rss;
  for (let round = 0; round < 20 * SCALE; round++) {
    for (let index = 0; index < 100; index++) {
      crypto.getRandomValues(init.subarray(11, 19));
      crypto.getRandomValues(init.subarray(20, 52));
      sent += init.length;
      flood.send(init.slice(), port, "127.0.0.1");
    }
    await using connection = await connect(server.urls);
    honest += connection.peer.id === server.id ? 1 : 0;
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  flood.close();
  assertEquals(honest, 20 * SCALE);
  const grown = process.memoryUsage().rss - before;
  assert(grown < 100 * 1024 * 1024, `${grown} bytes more after ${sent} bytes of INIT`);
  assert(server.stats().handshakes <= 200, `${server.stats().handshakes} half-open handshakes`);
  assert(received > 0 && received <= 3 * sent, `${received} bytes back for ${sent}`);
});

test("the limit of connections holds, and one that goes makes room", async () => {
  await using server = await listen("tcp://127.0.0.1:0", { connectionsMax: 3 });
  const first = await connect(server.urls);
  for (let count = 0; count < 2; count++) await connect(server.urls);
  assertEquals((await assertRejects(() => connect(server.urls), HawserError)).retryable, true);
  assertEquals([server.stats().connections, server.stats().refused], [3, 1]);
  const gone = (await server.accept()).closed;
  await first.close();
  await gone;
  await connect(server.urls);
  assertEquals(server.stats().connections, 3);
});
