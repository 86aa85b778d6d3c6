// What each scheme promises, as data: the suite reads it, and nothing else differs.

import { after } from "node:test";
import { tmpdir } from "node:os";
import process from "node:process";
import { registerPort } from "../../mod.ts";
import { isAlone, isSentAlone } from "../runtimes/alone.ts";
import { currentRuntime, type RuntimeName } from "../runtimes/runtimes.ts";
import { serveSignalling } from "../../src/transports/webrtc/signalling/mod.ts";

/** What a connection over one scheme is. */
export interface Scheme {
  readonly name: string;
  /** Where to listen: a free place each time. */
  listenUrl(): string;
  readonly kind: "stream" | "message" | "datagram";
  readonly reliable: boolean;
  /** The largest message that the suite sends: over datagrams, one lost part loses the whole. */
  readonly messageBytesMax: number;
  /** Whether it reaches other processes. */
  readonly crossesProcesses: boolean;
  /** Where it can be had, if not everywhere. */
  readonly runtimes?: readonly RuntimeName[];
}

let names = 0;

/** A name to which a channel leads from here to here. */
function portUrl(scheme: "port" | "shm"): string {
  const name = `conformance-${++names}`;
  const { port1, port2 } = new MessageChannel();
  for (const port of [port1, port2]) {
    registerPort(name, port);
    (port as { unref?(): void }).unref?.(); // Node: a port that is heard keeps the process running.
  }
  return `${scheme}://${name}`;
}

const ALL: readonly Scheme[] = isSentAlone ? await overWebrtc() : [
  ...(isAlone ? await overWebrtc() : []),
  {
    name: "tcp",
    listenUrl: () => "tcp://127.0.0.1:0",
    kind: "stream",
    reliable: true,
    messageBytesMax: 16 * 1024 * 1024,
    crossesProcesses: true,
  },
  {
    name: "tls",
    listenUrl: () => "tls://127.0.0.1:0",
    kind: "stream",
    reliable: true,
    messageBytesMax: 16 * 1024 * 1024,
    crossesProcesses: true,
  },
  {
    name: "quic",
    listenUrl: () => "quic://127.0.0.1:0",
    kind: "stream",
    reliable: true,
    messageBytesMax: 16 * 1024 * 1024,
    crossesProcesses: true,
  },
  {
    name: "wt",
    listenUrl: () => "wt://127.0.0.1:0/hawser",
    kind: "stream",
    reliable: true,
    messageBytesMax: 16 * 1024 * 1024,
    crossesProcesses: true,
    runtimes: ["deno"],
  },
  {
    name: "ws",
    listenUrl: () => "ws://127.0.0.1:0",
    kind: "message",
    reliable: true,
    messageBytesMax: 16 * 1024 * 1024,
    crossesProcesses: true,
  },
  {
    name: "wss",
    listenUrl: () => "wss://127.0.0.1:0",
    kind: "message",
    reliable: true,
    messageBytesMax: 16 * 1024 * 1024,
    crossesProcesses: true,
  },
  {
    name: "unix",
    listenUrl: () => `unix://${tmpdir()}/hawser-${process.pid}-${++names}.sock`,
    kind: "stream",
    reliable: true,
    messageBytesMax: 16 * 1024 * 1024,
    crossesProcesses: true,
  },
  {
    name: "port",
    listenUrl: () => portUrl("port"),
    kind: "message",
    reliable: true,
    messageBytesMax: 16 * 1024 * 1024,
    crossesProcesses: false,
  },
  {
    name: "shm",
    listenUrl: () => portUrl("shm"),
    kind: "message",
    reliable: true,
    messageBytesMax: 16 * 1024 * 1024,
    crossesProcesses: false,
  },
  ...processes(),
  {
    name: "mem",
    listenUrl: () => `mem://conformance-${++names}`,
    kind: "message",
    reliable: true,
    messageBytesMax: 16 * 1024 * 1024,
    crossesProcesses: false,
  },
  {
    name: "udp",
    listenUrl: () => "udp://127.0.0.1:0",
    kind: "datagram",
    reliable: false,
    messageBytesMax: 256 * 1024,
    crossesProcesses: true,
  },
];

/** The schemes that can be had on all of these runtimes. */
export function schemesOn(...names: readonly RuntimeName[]): readonly Scheme[] {
  return ALL.filter(({ runtimes }) =>
    runtimes === undefined || names.every((name) => runtimes.includes(name))
  );
}

/** The schemes under test on this runtime. */
export const schemes: readonly Scheme[] = schemesOn(currentRuntime());

/** Memory that processes share, where the system has it. */
function processes(): Scheme[] {
  if (process.platform !== "linux") {
    console.log("shm between processes is not tested: only Linux has /dev/shm");
    return [];
  }
  return [{
    name: "shm",
    listenUrl: () => `shm://${tmpdir()}/hawser-${process.pid}-${++names}.sock`,
    kind: "message",
    reliable: true,
    messageBytesMax: 16 * 1024 * 1024,
    crossesProcesses: true,
  }];
}

/** Data channels, with an endpoint for their signalling in this process: listeners in others come here too. */
async function overWebrtc(): Promise<Scheme[]> {
  const signalling = await serveSignalling("ws://127.0.0.1:0");
  // On Bun all files share this module, and the first one to end is not the last one to need it.
  if (currentRuntime() !== "bun") after(() => signalling.close());
  return [{
    name: "webrtc",
    listenUrl: () => `webrtc://?signalling=${signalling.url}`,
    kind: "stream",
    reliable: true,
    messageBytesMax: 16 * 1024 * 1024,
    crossesProcesses: true,
  }];
}
