/**
 * An open session at rest, as plain values: what a place that sleeps between messages writes down and wakes up with.
 *
 * Whoever has a snapshot has the keys. A session must seal nothing behind its newest snapshot, or it would seal twice under
 * one nonce when it wakes: each packet that leaves makes all older snapshots void.
 *
 * @module
 */

import type { Peer } from "./config.ts";
import type { ReceiveWindowSnapshot } from "./flow.ts";
import type { StreamsSnapshot } from "./streams/table.ts";

/** Where the sending lane stands. */
export interface SendLaneSnapshot {
  readonly key: Uint8Array;
  readonly epoch: number;
  readonly sequence: number;
  /** What this key has sealed. */
  readonly packets: number;
  readonly bytes: number;
}

/** Where the receiving lane stands. */
export interface ReceiveLaneSnapshot {
  readonly key: Uint8Array;
  readonly epoch: number;
  readonly sequence: number;
}

/** The way out, with nothing waiting. */
export interface OutgoingSnapshot {
  readonly send: SendLaneSnapshot;
  /** How much was sent, how much may be, and how much of that is for typed messages only. */
  readonly sendWindow: { readonly offset: number; readonly limit: number; readonly reserve: number };
  /** The largest message that the peer takes. */
  readonly messageBytesMax: number;
  /** The id that the next message in parts gets. */
  readonly fragmentId: number;
  /** The streams, of which none is open; `undefined` if there was none yet. */
  readonly streams?: StreamsSnapshot;
}

/** The way in, with nothing incomplete. */
export interface IncomingSnapshot {
  readonly receive: ReceiveLaneSnapshot;
  readonly receiveWindow: ReceiveWindowSnapshot;
}

/** An open session on an ordered link, with nothing under way. */
export interface SessionSnapshot extends OutgoingSnapshot, IncomingSnapshot {
  readonly peer: Peer;
}

/** The peer of a snapshot: copies between places give objects a prototype, in which a peer's words could be looked for. */
export function peerFrom({ peer }: SessionSnapshot): Peer {
  return { ...peer, metadata: Object.assign(Object.create(null), peer.metadata) };
}
