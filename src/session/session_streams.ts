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
import { type StreamsSnapshot, StreamTable } from "./streams/table.ts";

/** No streams, until somebody opens one. */
export class SessionStreams {
  readonly #config: SessionConfig;
  readonly #outgoing: Outgoing;
  readonly #onNews: () => void;
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

  /** The session is over. */
  handleClosed(error: HawserError | undefined): void {
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
    }, from);
    return this.table = this.#outgoing.streams = table;
  }

  get #isDatagram(): boolean {
    return this.#config.traits.kind === "datagram";
  }
}
