/**
 * What a session counts.
 *
 * @module
 */

import type { CompressionName } from "../codec/codec.ts";
import type { Incoming } from "./incoming.ts";
import type { Lifetime } from "./lifetime.ts";
import type { Outgoing } from "./outgoing.ts";

/** One direction of a session. */
export interface DirectionStats {
  /** Bytes on the link. */
  readonly bytes: number;
  /** Packets on the link. */
  readonly packets: number;
  /** Whole messages. */
  readonly messages: number;
  /** Epochs of the key, after the first. */
  readonly rekeys: number;
  /** How long something waited because of a rate (the option `rates`), in milliseconds. */
  readonly heldMs: number;
}

/** What the two halves of a session have counted so far. */
export interface FlowStats {
  /** What left. */
  readonly sent: DirectionStats;
  /** What came. */
  readonly received: DirectionStats;
  /** Bytes that `send` accepted and that have not left. */
  readonly queuedBytes: number;
  /** Messages that were dropped before they left, because of their `deadlineMs` or `signal`. */
  readonly expiredMessages: number;
  /** Messages that came and wait for the application. */
  readonly waitingMessages: number;
  /** Datagram links: messages of the peer that were given up because parts of them were lost. */
  readonly droppedMessages: number;
  /** Datagram links: packets that were not ours, changed, or malformed. */
  readonly droppedPackets: number;
  /** Packets that failed to open. */
  readonly openFailures: number;
  /** Datagram links: packets that came twice, or too late. */
  readonly replays: number;
}

/** What a session has counted so far. */
export interface SessionStats extends FlowStats {
  /** Smoothed round trip in milliseconds; `undefined` before the first sample. */
  readonly roundTripMs: number | undefined;
  /** Since the session was made, in milliseconds. */
  readonly uptimeMs: number;
  /** From the first byte until messages could flow, in milliseconds; `undefined` before that. */
  readonly handshakeMs: number | undefined;
  /** The byte engine in use. */
  readonly codec: string;
  /** What we compress with; `undefined` before the peer is known, and where nothing is compressed. */
  readonly compression: CompressionName | undefined;
  /** Whether packets are encrypted and authenticated; `false` before the peer is known, and on plain links in memory. */
  readonly sealed: boolean;
}

/** How long it has lived, and how long its handshake took. */
export function timeStats(
  { startedAt, openedAt }: Lifetime,
  now: number,
): Pick<SessionStats, "uptimeMs" | "handshakeMs"> {
  return {
    uptimeMs: now - startedAt,
    handshakeMs: openedAt === undefined ? undefined : openedAt - startedAt,
  };
}

/** Reads the counters of both halves. */
export function flowStats(outgoing: Outgoing, incoming: Incoming, now: number): FlowStats {
  const { received, inbox } = incoming;
  return {
    sent: { ...outgoing.sent, rekeys: outgoing.rekeys, heldMs: outgoing.heldMs(now) },
    received: {
      bytes: received.bytes,
      packets: received.packets,
      messages: inbox.received,
      rekeys: incoming.rekeys,
      heldMs: incoming.heldMs(now),
    },
    queuedBytes: outgoing.outbox.state.bytes,
    expiredMessages: outgoing.outbox.state.expired,
    waitingMessages: inbox.messages + inbox.typedMessages,
    droppedMessages: inbox.dropped,
    droppedPackets: received.droppedPackets,
    openFailures: received.openFailures,
    replays: incoming.replays,
  };
}
