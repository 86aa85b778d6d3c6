/**
 * Control frames that wait to be sent.
 *
 * There is one place for each kind, so that a peer which floods us with pings,
 * or never reads our answers, costs no memory: the newest of a kind counts.
 *
 * @module
 */

import {
  FRAME_ACCEPT,
  FRAME_ACK,
  FRAME_BLOCKED,
  FRAME_PING,
  FRAME_PONG,
  FRAME_WINDOW,
  writeNumberFrame,
} from "../wire/frames.ts";

/** More than all control frames of one packet take together. */
export const CONTROLS_BYTES_MAX = 64;

/** What is to be said beside messages. */
export class Controls {
  /** ACCEPT is to be said. */
  accept = false;
  /** The token of the PING to be said. */
  ping: number | undefined;
  /** The token of the PONG to be said. */
  pong: number | undefined;
  /** The limit of the WINDOW to be said. */
  window: number | undefined;
  /** The offset of the BLOCKED to be said. */
  blocked: number | undefined;
  /** The count of the ACK to be said. */
  ack: number | undefined;

  /** Whether anything is to be said. */
  get isPending(): boolean {
    return this.accept || this.ping !== undefined || this.pong !== undefined || this.window !== undefined ||
      this.blocked !== undefined || this.ack !== undefined;
  }

  /** Writes all that is to be said into `target` at `at`, and forgets it; returns the position behind it. */
  compose(target: Uint8Array, at: number): number {
    // ACCEPT first: whatever follows it is then between two peers that have admitted each other.
    if (this.accept) target[at++] = FRAME_ACCEPT;
    if (this.pong !== undefined) at = writeNumberFrame(target, at, FRAME_PONG, this.pong);
    if (this.ping !== undefined) at = writeNumberFrame(target, at, FRAME_PING, this.ping);
    if (this.window !== undefined) at = writeNumberFrame(target, at, FRAME_WINDOW, this.window);
    if (this.ack !== undefined) at = writeNumberFrame(target, at, FRAME_ACK, this.ack);
    if (this.blocked !== undefined) at = writeNumberFrame(target, at, FRAME_BLOCKED, this.blocked);
    this.clear();
    return at;
  }

  /** Forgets all that was to be said. */
  clear(): void {
    this.accept = false;
    this.ping =
      this.pong =
      this.window =
      this.blocked =
      this.ack =
        undefined;
  }
}
