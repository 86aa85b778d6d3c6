// A TURN server of Debian (coturn) on loopback, through which alone the two sides may reach each other.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { after, test } from "node:test";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { connect, HawserError, listen } from "../../../mod.ts";
import type { IceServer, WebrtcOptions } from "../../../src/signalling.ts";
import { serveSignalling } from "../../../src/transports/webrtc/signalling/mod.ts";

const hasTurn = spawnSync("turnserver", ["--version"]).error === undefined;
const skip = hasTurn ? false : "there is no turnserver here; apt-get install coturn";
if (skip) console.log(`skipped: ${skip}`);

const signalling = await serveSignalling("ws://127.0.0.1:0");
const turn = hasTurn ? await startTurn() : undefined;
after(async () => {
  turn?.child.kill("SIGKILL");
  if (turn !== undefined) rmSync(turn.folder, { recursive: true });
  await signalling.close();
});

const relayed = (...iceServers: IceServer[]): { webrtc: WebrtcOptions } => ({
  webrtc: { iceServers, iceTransportPolicy: "relay" },
});
const right = (): IceServer => ({
  urls: `turn:127.0.0.1:${turn!.port}`,
  username: "hawser",
  credential: "secret",
});
const url = () => `webrtc://?signalling=${signalling.url}`;

test("webrtc: two that may be reached over a relay alone", { skip }, async () => {
  // Nobody answers at the first server; the address of the second one is told by it, but may not be used.
  const servers = [{ urls: ["stun:127.0.0.1:9", `stun:127.0.0.1:${turn!.port}`] }, right()];
  await using server = await listen(url(), relayed(...servers));
  const accepted = server.accept({ timeoutMs: 10_000 });
  await using near = await connect(server.urls, relayed(...servers));
  const far = await accepted;
  const message = new Uint8Array(200_000).fill(7);
  near.send(message);
  assertEquals(await far.receive({ timeoutMs: 10_000 }), message);
  const log = turn!.log();
  assert(/session \d+: .*ALLOCATE processed, success/.test(log), log);
  assert(/CHANNEL_BIND processed, success|CREATE_PERMISSION processed, success/.test(log), log);
});

test("webrtc: wrong credentials for a relay are told at once", { skip }, async () => {
  await using server = await listen(url(), relayed(right()));
  const wrong = { ...right(), credential: "guess" };
  const before = performance.now();
  const error = await assertRejects(() => connect(server.urls, relayed(wrong)), HawserError);
  assertEquals(error.code, "webrtc");
  assertStringIncludes(error.message, "credentials");
  assert(performance.now() - before < 5_000);
});

test("webrtc: a listener with wrong credentials refuses, with a typed error", { skip }, async () => {
  await using server = await listen(url(), relayed({ ...right(), credential: "guess" }));
  const error = await assertRejects(() => connect(server.urls, relayed(right())), HawserError);
  assertEquals(error.code, "webrtc");
});

interface Turn {
  readonly child: ChildProcess;
  readonly port: number;
  readonly folder: string;
  log(): string;
}

async function startTurn(): Promise<Turn> {
  const folder = mkdtempSync(`${tmpdir()}/hawser-turn-`);
  const port = await freePort();
  const child = spawn("turnserver", [
    ...["-n", "--no-cli", "--no-tls", "--no-dtls", "--no-tcp", "--allow-loopback-peers", "--verbose"],
    ...["--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1", "--listening-port", String(port)],
    ...["--lt-cred-mech", "--user", "hawser:secret", "--realm", "hawser.test", "--log-file", "stdout"],
    ...["--userdb", `${folder}/turn.db`, "--pidfile", `${folder}/turn.pid`],
  ], { cwd: folder });
  let log = "";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    log += text;
    if (log.includes("Total General servers") || /IPv4. UDP listener opened/.test(log)) resolve();
  });
  child.once("exit", () => reject(new Error(`turnserver ended:\n${log}`)));
  await promise;
  return { child, port, folder, log: () => log };
}

// The system gives a port once; nobody else is likely to get it in the moment between.
function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  const { promise, resolve } = Promise.withResolvers<number>();
  socket.bind(0, "127.0.0.1", () => {
    const { port } = socket.address() as AddressInfo;
    socket.close(() => resolve(port));
  });
  return promise;
}
