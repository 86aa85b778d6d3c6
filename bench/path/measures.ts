/**
 * What is measured, and which figures of it are shown.
 *
 * @module
 */

import type { RuntimeName } from "../../tests/runtimes/runtimes.ts";
import type { Figures, Load } from "./loads.ts";
import type { Scheme } from "./pipe.ts";

/** Who is measured: Hawser, the control or what else bounds it, and the peers. */
export type Contender =
  | "hawser"
  | "messages"
  | "without resume"
  | "raw"
  | "seal+open"
  | "socket.io"
  | "capnweb"
  | "nats"
  | "js-libp2p"
  | "key agreement"
  | "noise-c.wasm"
  | "noise-handshake";

/** A load over one scheme. */
export interface PathWork {
  readonly kind: "path";
  readonly scheme: Scheme;
  readonly load: Load;
  /** Whether Hawser leaves packets unsealed where they stay in memory. Default false. */
  readonly plain?: boolean;
  /** Whether Hawser carries it on one stream, beside `messages`, its own. Default false. */
  readonly isStream?: boolean;
  /** Whether Hawser's session outlives its link, beside one that does not. Default false. */
  readonly resume?: boolean;
}

/** Handshakes without a network, of which the responder's part counts. */
export interface HandshakesWork {
  readonly kind: "handshakes";
}

/** Connections that stay open, and whose memory counts. */
export interface IdleWork {
  readonly kind: "idle";
  readonly scheme: Scheme;
  readonly connections: number;
}

/** Events that are passed on to many. */
export interface FanoutWork {
  readonly kind: "fanout";
  readonly scheme: Scheme;
  readonly subscribers: number;
  /** Bytes of one event. */
  readonly bytes: number;
  /** Events that may not have reached everybody yet. */
  readonly inFlight: number;
}

/** Small values that are asked for, and the answers. */
export interface RequestsWork {
  readonly kind: "requests";
  readonly scheme: Scheme;
  /** Bytes of the text in each. */
  readonly bytes: number;
  readonly inFlight: number;
}

/** What a contender is to do. */
export type Work = PathWork | HandshakesWork | IdleWork | FanoutWork | RequestsWork;

/** What is done by all contenders in turn. */
export interface Measure {
  /** Selects it: `--only`. */
  readonly id: string;
  readonly work: Work;
  /** Where it can be had, if not everywhere. */
  readonly runtimes?: readonly RuntimeName[];
  /** What Hawser is compared with, the control first. */
  readonly peers: readonly Contender[];
  /** What is shown of it. */
  readonly rows: readonly Row[];
}

/** One figure of a measure. */
export interface Row {
  readonly title: string;
  readonly unit: string;
  /** Whether a larger figure is the better one. */
  readonly larger: boolean;
  /** The figure in the row's unit. */
  value(figures: Figures): number;
  readonly goals?: Goals;
}

/** What a row is meant to reach. */
export interface Goals {
  /** The least ratio, by peer. */
  readonly ratios?: Readonly<Partial<Record<Contender, number>>>;
  /** What our figure itself should reach. */
  readonly value?: number;
  /** What our figure may exceed the control's by, in the unit of the row. */
  readonly aboveControl?: number;
  /** Where they count. Default: everywhere. */
  readonly runtimes?: readonly RuntimeName[];
}

/** All measures, in the order in which they run. */
export const measures: readonly Measure[] = [
  {
    id: "tcp-echo",
    work: { kind: "path", scheme: "tcp", load: { kind: "echo", bytes: 64, inFlight: 1 } },
    peers: ["raw"],
    rows: latencies("tcp echo 64 B", { ratios: { raw: 1 / 1.4 } }),
  },
  {
    id: "tcp-1k",
    work: { kind: "path", scheme: "tcp", load: { kind: "oneWay", bytes: 1024, inFlight: 256 } },
    peers: ["raw"],
    rows: [rate("tcp one way 1 KiB, 256 in flight", { ratios: { raw: 1 } })],
  },
  {
    id: "tcp-resume",
    work: {
      kind: "path",
      scheme: "tcp",
      load: { kind: "oneWay", bytes: 1024, inFlight: 256 },
      resume: true,
    },
    peers: ["without resume"],
    rows: [rate("tcp one way 1 KiB, resumable, 256 in flight", { ratios: { "without resume": 0.97 } })],
  },
  {
    id: "tcp-64k",
    work: { kind: "path", scheme: "tcp", load: { kind: "oneWay", bytes: 65_536, inFlight: 16 } },
    peers: ["raw", "seal+open", "js-libp2p"],
    rows: [
      bulk("tcp one way 64 KiB, 16 in flight", 65_536, { ratios: { "seal+open": 0.8, "js-libp2p": 5 } }),
    ],
  },
  {
    id: "tcp-stream",
    work: {
      kind: "path",
      scheme: "tcp",
      // More than a window, so that it is Hawser's own flow control that decides.
      load: { kind: "oneWay", bytes: 65_536, inFlight: 64 },
      isStream: true,
    },
    peers: ["messages"],
    rows: [bulk("tcp, one stream, 64 KiB, 64 in flight", 65_536, { ratios: { messages: 0.9 } })],
  },
  {
    id: "tls-echo",
    work: { kind: "path", scheme: "tls", load: { kind: "echo", bytes: 64, inFlight: 1 } },
    peers: ["raw"],
    rows: latencies("tls echo 64 B", { ratios: { raw: 1 / 1.4 } }),
  },
  {
    id: "tls-1k",
    work: { kind: "path", scheme: "tls", load: { kind: "oneWay", bytes: 1024, inFlight: 256 } },
    peers: ["raw"],
    rows: [rate("tls one way 1 KiB, 256 in flight", { ratios: { raw: 1 } })],
  },
  {
    id: "unix-echo",
    work: { kind: "path", scheme: "unix", load: { kind: "echo", bytes: 64, inFlight: 1 } },
    peers: ["raw"],
    rows: latencies("unix echo 64 B", { ratios: { raw: 1 / 1.4 } }),
  },
  {
    id: "unix-1k",
    work: { kind: "path", scheme: "unix", load: { kind: "oneWay", bytes: 1024, inFlight: 256 } },
    peers: ["raw"],
    rows: [rate("unix one way 1 KiB, 256 in flight", { ratios: { raw: 1 } })],
  },
  {
    id: "wss-echo",
    work: { kind: "path", scheme: "wss", load: { kind: "echo", bytes: 128, inFlight: 64 } },
    peers: ["raw"],
    rows: [rate("wss echo 128 B, 64 in flight")],
  },
  {
    id: "quic-echo",
    work: { kind: "path", scheme: "quic", load: { kind: "echo", bytes: 64, inFlight: 1 } },
    peers: ["raw"],
    rows: latencies("quic echo 64 B"),
  },
  {
    id: "quic-64k",
    work: { kind: "path", scheme: "quic", load: { kind: "oneWay", bytes: 65_536, inFlight: 16 } },
    peers: ["raw"],
    rows: [bulk("quic one way 64 KiB, 16 in flight", 65_536, { ratios: { raw: 0.7 } })],
  },
  {
    id: "wt-64k",
    runtimes: ["deno"],
    work: { kind: "path", scheme: "wt", load: { kind: "oneWay", bytes: 65_536, inFlight: 16 } },
    peers: ["raw"],
    rows: [bulk("wt one way 64 KiB, 16 in flight", 65_536)],
  },
  {
    id: "webrtc-16k",
    work: { kind: "path", scheme: "webrtc", load: { kind: "oneWay", bytes: 16_000, inFlight: 64 } },
    peers: ["raw"],
    rows: [bulk("webrtc one way 16,000 B, 64 in flight", 16_000, { ratios: { raw: 0.9 } })],
  },
  {
    id: "shm-64",
    work: { kind: "path", scheme: "shm", load: { kind: "oneWay", bytes: 64, inFlight: 256 } },
    peers: ["raw"],
    rows: [rate("shm between processes, one way 64 B, 256 in flight", { value: 1e6 })],
  },
  {
    id: "mem-64",
    work: { kind: "path", scheme: "mem", load: { kind: "oneWay", bytes: 64, inFlight: 256 } },
    peers: ["raw"],
    rows: [rate("mem one way 64 B, 256 in flight", { value: 1e6 })],
  },
  {
    id: "mem-echo",
    work: { kind: "path", scheme: "mem", load: { kind: "echo", bytes: 64, inFlight: 1 } },
    peers: ["raw"],
    rows: latencies("mem echo 64 B"),
  },
  {
    id: "mem-plain",
    work: { kind: "path", scheme: "mem", load: { kind: "oneWay", bytes: 64, inFlight: 256 }, plain: true },
    peers: ["raw"],
    rows: [rate("mem plain one way 64 B, 256 in flight", { value: 3e6 })],
  },
  {
    id: "mem-plain-echo",
    work: { kind: "path", scheme: "mem", load: { kind: "echo", bytes: 64, inFlight: 1 }, plain: true },
    peers: ["raw"],
    rows: [{
      title: "mem plain 64 B, half a round trip, p50",
      unit: "ns",
      larger: false,
      value: ({ p50Us }) => 1000 * p50Us / 2,
      goals: { value: 500 },
    }],
  },
  {
    id: "ws-echo",
    work: { kind: "path", scheme: "ws", load: { kind: "echo", bytes: 128, inFlight: 64 } },
    peers: ["raw", "socket.io", "capnweb"],
    rows: [rate("ws echo 128 B, 64 in flight", {
      ratios: { raw: 0.9, "socket.io": 2, capnweb: 4 },
      runtimes: ["deno", "bun"],
    })],
  },
  {
    id: "ws-echo-1",
    work: { kind: "path", scheme: "ws", load: { kind: "echo", bytes: 128, inFlight: 1 } },
    peers: ["raw", "socket.io", "capnweb"],
    rows: [rate("ws echo 128 B, 1 in flight", { ratios: { raw: 0.9 }, runtimes: ["deno", "bun"] })],
  },
  {
    id: "ws-echo-8k",
    work: { kind: "path", scheme: "ws", load: { kind: "echo", bytes: 8192, inFlight: 1 } },
    peers: ["raw"],
    rows: latencies("ws echo 8 KiB"),
  },
  {
    id: "udp",
    work: { kind: "path", scheme: "udp", load: { kind: "flood", bytes: 1400, inFlight: 0 } },
    peers: ["raw"],
    rows: [{
      title: "udp one way 1,400 B, delivered",
      unit: "Gbit/s",
      larger: true,
      value: ({ perSecond }) => perSecond * 1400 * 8 / 1e9,
      goals: { ratios: { raw: 0.7 }, value: 1 },
    }],
  },
  {
    id: "request",
    work: { kind: "requests", scheme: "ws", bytes: 64, inFlight: 1 },
    peers: ["socket.io", "capnweb", "nats"],
    rows: latencies("ws, a request in JSON and its reply, 1 in flight"),
  },
  {
    id: "requests",
    work: { kind: "requests", scheme: "ws", bytes: 64, inFlight: 256 },
    peers: ["socket.io", "capnweb", "nats"],
    rows: [{
      title: "ws, requests in JSON and their replies, 256 in flight",
      unit: "requests/s",
      larger: true,
      value: ({ perSecond }) => perSecond,
      goals: { ratios: { "socket.io": 2, capnweb: 2, nats: 2 }, runtimes: ["deno", "bun"] },
    }],
  },
  {
    id: "fanout",
    work: { kind: "fanout", scheme: "ws", subscribers: 1000, bytes: 128, inFlight: 8 },
    peers: ["raw", "socket.io"],
    rows: [{
      title: "ws, an event of 128 B to 1,000 subscribers, 8 in flight",
      unit: "deliveries/s",
      larger: true,
      value: ({ perSecond }) => perSecond,
      goals: { ratios: { "socket.io": 2 } },
    }],
  },
  {
    id: "handshakes",
    work: { kind: "handshakes" },
    peers: ["key agreement", "js-libp2p", "noise-c.wasm", "noise-handshake"],
    rows: [{
      title: "XX handshakes of a server, per core",
      unit: "handshakes/s",
      larger: true,
      value: ({ perSecond }) => perSecond,
      goals: { ratios: { "js-libp2p": 8 }, value: 3000 },
    }],
  },
  {
    id: "idle",
    work: { kind: "idle", scheme: "tcp", connections: 10_000 },
    peers: ["raw"],
    rows: [{
      title: "memory of an idle connection, of 10,000 over tcp",
      unit: "kB",
      larger: false,
      value: ({ bytesEach }) => bytesEach / 1000,
      goals: { aboveControl: 12 },
    }],
  },
];

function latencies(title: string, goals?: Goals): Row[] {
  return [
    { title: `${title} p50`, unit: "us", larger: false, value: ({ p50Us }) => p50Us, goals },
    { title: `${title} p99`, unit: "us", larger: false, value: ({ p99Us }) => p99Us },
  ];
}

function bulk(title: string, bytes: number, goals?: Goals): Row {
  return { title, unit: "MB/s", larger: true, value: ({ perSecond }) => perSecond * bytes / 1e6, goals };
}

function rate(title: string, goals?: Goals): Row {
  return { title, unit: "messages/s", larger: true, value: ({ perSecond }) => perSecond, goals };
}
