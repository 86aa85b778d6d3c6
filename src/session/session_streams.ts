/**
 * The streams of a session, and what makes the first of them.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import type { Cursor } from "../wire/varint.ts";
import type { SessionConfig } from "./config.ts";
import type { Outgoing } from "./outgoing.ts";
import { notOpen, type SessionState } from "./states.ts";
import type { LaneKeys } from "./streams/lane_keys.ts";
import type { StreamsGate } from "./streams/stream_controls.ts";
import { StreamLane } from "./streams/stream_lane.ts";
import { type StreamsSnapshot, StreamTable } from "./streams/table.ts";

/** No streams, until somebody opens one. */
export class SessionStreams {
  readonly #config: SessionConfig;
  readonly #outgoing: Outgoing;
  readonly #onNews: () => void;
  /** What makes lanes of streams; `undefined` where all travel on the main lane. */
  laneKeys: LaneKeys | undefined;
  // Streams of the peer that have a lane, and are not open yet.
  #awaited: Set<number> | undefined;
  /** Keeps what comes to a rate, if there is one: set before there is any stream. */
  gate: StreamsGate | undefined;
  /** All of them; `undefined` while there was none yet. */
  table: StreamTable | undefined;

  /** `onNews` hears of what happens to them. */
  constructor(config: SessionConfig, outgoing: Outgoing, onNews: () => void) {
    this.#config = config;
    this.#outgoing = outgoing;
    this.#onNews = onNews;
  }

  /**
   * The table, to open the first stream.
   * @throws {HawserError} `closed`; `unsupported` over datagrams.
   */
  use(state: SessionState): StreamTable {
    if (state !== "open" && state !== "suspended") throw notOpen(state);
    if (this.#isDatagram) {
      throw new HawserError(
        "unsupported",
        "there are no streams over datagrams: connect over tcp, ws, quic or another link that keeps order",
      );
    }
    return this.table ?? this.make();
  }

  /**
   * A frame of streams came.
   * @throws {HawserError} `protocol` if it breaks a rule.
   */
  handleFrame(type: number, fields: Cursor, now: number): void {
    if (this.#isDatagram) throw new HawserError("protocol", "the peer sent frames of streams over datagrams");
    (this.table ?? this.make()).handleFrame(type, fields, now);
  }

  /** Whether streams may ride on streams of the network below. */
  get isNative(): boolean {
    return this.laneKeys !== undefined;
  }

  /** The lane of a stream that we are about to open, which rides on a stream of the network that we have opened. */
  laneFor(streamId: number, onWake: () => void, now: number): StreamLane {
    return this.#makeLane(streamId, true, onWake, now);
  }

  /**
   * The lane of a stream of the peer, which opened a stream of the network and says whose it is; `undefined` if that
   * cannot be. There is never a second lane for one stream: it would use its nonces again.
   */
  acceptLane(streamId: number, onWake: () => void, now: number): StreamLane | undefined {
    const table = this.table ?? this.make();
    const awaited = this.#awaited ??= new Set();
    for (const id of awaited) if (!table.mayArrive(id)) awaited.delete(id);
    if (!this.isNative || !table.mayArrive(streamId) || awaited.has(streamId)) return undefined;
    awaited.add(streamId);
    return this.#makeLane(streamId, false, onWake, now);
  }

  /** The link is gone, and with it what it had beside: from here on all travel on the main lane. */
  leaveLink(): void {
    this.laneKeys?.dispose();
    this.laneKeys = undefined;
  }

  /** The session is over. */
  handleClosed(error: HawserError | undefined): void {
    this.leaveLink();
    this.#outgoing.streams = undefined;
    this.table?.handleClosed(error ?? new HawserError("closed", "the connection ended before the stream"));
  }

  /** Makes the table; with a snapshot, what was frozen goes on. */
  make(from?: StreamsSnapshot): StreamTable {
    const { limits, role } = this.#config;
    const table = new StreamTable({
      isInitiator: role === "initiator",
      limits,
      addFlow: (flow) => this.#outgoing.outbox.scheduler.add(flow),
      onNews: this.#onNews,
      gate: this.gate,
    }, from);
    return this.table = this.#outgoing.streams = table;
  }

  #makeLane(streamId: number, isOurs: boolean, onWake: () => void, now: number): StreamLane {
    const table = this.table ?? this.make();
    const keys = this.laneKeys!;
    return new StreamLane({ config: this.#config, keys, table, streamId, isOurs, onWake }, now);
  }

  get #isDatagram(): boolean {
    return this.#config.traits.kind === "datagram";
  }
}
