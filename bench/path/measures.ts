/**
 * What is measured, and which figures of it are shown.
 *
 * @module
 */

import type { Figures, Load } from "./loads.ts";
import type { Scheme } from "./pipe.ts";

/** Who is measured: Hawser, the bare runtime, or what the codec alone allows. */
export type Contender = "hawser" | "raw" | "seal+open";

/** One load over one scheme. */
export interface Measure {
  /** Selects it: `--only`. */
  readonly id: string;
  readonly scheme: Scheme;
  readonly load: Load;
  /** What Hawser is compared with. */
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
  /** What the ratio to the bare runtime, or the figure itself, should reach. */
  readonly goal?: { readonly ratio?: number; readonly value?: number };
}

type Goal = Row["goal"];

/** All measures, in the order in which they run. */
export const measures: readonly Measure[] = [
  {
    id: "tcp-echo",
    scheme: "tcp",
    load: { kind: "echo", bytes: 64, inFlight: 1 },
    peers: ["raw"],
    rows: latencies("tcp echo 64 B", { ratio: 0.5 }),
  },
  {
    id: "tcp-1k",
    scheme: "tcp",
    load: { kind: "oneWay", bytes: 1024, inFlight: 256 },
    peers: ["raw"],
    rows: [rate("tcp one way 1 KiB, 256 in flight", { ratio: 0.5 })],
  },
  {
    id: "tcp-64k",
    scheme: "tcp",
    load: { kind: "oneWay", bytes: 65_536, inFlight: 16 },
    peers: ["raw", "seal+open"],
    rows: [{
      title: "tcp one way 64 KiB, 16 in flight",
      unit: "MB/s",
      larger: true,
      value: ({ messagesPerSecond }) => messagesPerSecond * 65_536 / 1e6,
    }],
  },
  {
    id: "mem-64",
    scheme: "mem",
    load: { kind: "oneWay", bytes: 64, inFlight: 256 },
    peers: ["raw"],
    rows: [rate("mem one way 64 B, 256 in flight", { value: 1e6 })],
  },
  {
    id: "mem-echo",
    scheme: "mem",
    load: { kind: "echo", bytes: 64, inFlight: 1 },
    peers: ["raw"],
    rows: latencies("mem echo 64 B"),
  },
  {
    id: "ws-echo",
    scheme: "ws",
    load: { kind: "echo", bytes: 128, inFlight: 64 },
    peers: ["raw"],
    rows: [rate("ws echo 128 B, 64 in flight", { ratio: 0.7 })],
  },
  {
    id: "ws-echo-1",
    scheme: "ws",
    load: { kind: "echo", bytes: 128, inFlight: 1 },
    peers: ["raw"],
    rows: [rate("ws echo 128 B, 1 in flight", { ratio: 0.7 })],
  },
  {
    id: "ws-echo-8k",
    scheme: "ws",
    load: { kind: "echo", bytes: 8192, inFlight: 1 },
    peers: ["raw"],
    rows: latencies("ws echo 8 KiB"),
  },
  {
    id: "udp",
    scheme: "udp",
    load: { kind: "flood", bytes: 1400, inFlight: 0 },
    peers: ["raw"],
    rows: [{
      title: "udp one way 1,400 B, delivered",
      unit: "Gbit/s",
      larger: true,
      value: ({ messagesPerSecond }) => messagesPerSecond * 1400 * 8 / 1e9,
      goal: { value: 1 },
    }],
  },
];

function latencies(title: string, goal?: Goal): Row[] {
  return [
    { title: `${title} p50`, unit: "us", larger: false, value: ({ p50Us }) => p50Us, goal },
    { title: `${title} p99`, unit: "us", larger: false, value: ({ p99Us }) => p99Us },
  ];
}

function rate(title: string, goal: Goal): Row {
  return {
    title,
    unit: "messages/s",
    larger: true,
    value: ({ messagesPerSecond }) => messagesPerSecond,
    goal,
  };
}
