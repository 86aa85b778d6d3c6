/**
 * What the two ends of a stream tell each other when one gives it up.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";

/** Given up without a word of why. */
export const STREAM_CANCELLED: number = 0;
/** More streams are open than the receiving side takes. */
export const STREAM_REFUSED = 1;

/** What our side is told when the peer gave a direction of a stream up. `did` completes "the peer ...". */
export function resetByPeer(did: string, code: number): HawserError {
  const advice = code === STREAM_REFUSED ? ": it takes no more streams for now" : "";
  return new HawserError("stream-reset", `the peer ${did} (code ${code})${advice}`, {
    streamCode: code,
    retryable: code === STREAM_REFUSED,
  });
}
