/**
 * What is to be said about streams beside their own bytes.
 *
 * Each stream has one place, however often its limit rises: a peer that never reads costs no memory.
 *
 * @module
 */

import {
  FRAME_STREAM_STOP,
  FRAME_STREAM_WINDOW,
  FRAME_STREAMS_MAX,
  FRAME_STREAMS_WINDOW,
  PAIR_FRAME_BYTES_MAX,
  writeNumberFrame,
  writePairFrame,
} from "../../wire/frames.ts";
import type { ReceiveWindow } from "../flow.ts";
import type { Openings } from "./openings.ts";
import type { ReceiveStream } from "./receive_stream.ts";

/** Gives the peer room no faster than at a rate. */
export interface StreamsGate {
  /** Room that it may have now. */
  readonly room: number;
  /** Whether it should hear of a new limit. */
  isStreamsDue(window: ReceiveWindow): boolean;
}

/** Frames of streams that wait, and need no window. */
export class StreamControls {
  readonly #window: ReceiveWindow;
  readonly #gate: StreamsGate | undefined;
  readonly #openings: Openings;
  readonly #streams: Set<ReceiveStream> = new Set();

  /** Reads from both whether the peer should hear of a new limit; a gate keeps what comes to a rate. */
  constructor(window: ReceiveWindow, openings: Openings, gate?: StreamsGate) {
    this.#window = window;
    this.#gate = gate;
    this.#openings = openings;
  }

  /** Whether anything is to be said. */
  get isPending(): boolean {
    return this.#streams.size > 0 || this.#isWindowDue || this.#openings.isDue;
  }

  /** How large the buffer for all of it should be. */
  get frameBytes(): number {
    return this.isPending ? (this.#streams.size + 2) * PAIR_FRAME_BYTES_MAX : 0;
  }

  /** A stream has a limit to tell, or wants no more. */
  handleControl(stream: ReceiveStream): void {
    this.#streams.add(stream);
  }

  /** Writes what fits into `target` from `at` up to `end`, and forgets it; returns the position behind it. */
  compose(target: Uint8Array, at: number, end: number): number {
    const fits = () => end - at >= PAIR_FRAME_BYTES_MAX;
    if (this.#isWindowDue && fits()) {
      at = writeNumberFrame(target, at, FRAME_STREAMS_WINDOW, this.#window.takeLimit(this.#gate?.room));
    }
    if (this.#openings.isDue && fits()) {
      at = writeNumberFrame(target, at, FRAME_STREAMS_MAX, this.#openings.takeLimit());
    }
    for (const stream of this.#streams) {
      if (!fits()) break;
      this.#streams.delete(stream);
      at = composeControl(stream, target, at);
    }
    return at;
  }

  get #isWindowDue(): boolean {
    return this.#gate === undefined ? this.#window.isDue : this.#gate.isStreamsDue(this.#window);
  }

  /** Forgets all. */
  clear(): void {
    this.#streams.clear();
  }
}

/** Writes what a stream has to say into `target` at `at`; returns the position behind it. */
export function composeControl(stream: ReceiveStream, target: Uint8Array, at: number): number {
  const { stopCode } = stream;
  if (stopCode !== undefined) {
    stream.stopCode = undefined;
    return writePairFrame(target, at, FRAME_STREAM_STOP, stream.id, stopCode);
  }
  return stream.isWindowDue
    ? writePairFrame(target, at, FRAME_STREAM_WINDOW, stream.id, stream.takeLimit())
    : at;
}
