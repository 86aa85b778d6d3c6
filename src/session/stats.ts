/**
 * What a session counts.
 *
 * @module
 */

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
}

/** What a session has counted so far. */
export interface SessionStats {
  /** What left. */
  readonly sent: DirectionStats;
  /** What came. */
  readonly received: DirectionStats;
  /** Bytes that `send` accepted and that have not left. */
  readonly queuedBytes: number;
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
  /** Smoothed round trip in milliseconds; `undefined` before the first sample. */
  readonly roundTripMs: number | undefined;
  /** Since the session was made, in milliseconds. */
  readonly uptimeMs: number;
  /** From the first byte until messages could flow, in milliseconds; `undefined` before that. */
  readonly handshakeMs: number | undefined;
  /** The byte engine in use. */
  readonly codec: string;
}
