/**
 * Why a packet is refused, and the error for it. The numbers are those of wasm/assembly/status.ts.
 *
 * @module
 */

import { HawserError, type HawserErrorCode, type HawserErrorOptions } from "../errors.ts";

/** Reasons to refuse, all below zero: a call that succeeds returns 0 or a length. */
export const STATUS = {
  MAGIC: -1,
  VERSION: -2,
  FLAGS: -3,
  TOO_LARGE: -4,
  TOO_SHORT: -5,
  LANE_FLAGS: -6,
  FORGED: -7,
  REPLAYED: -8,
  EPOCH: -9,
  COMPRESSION: -10,
  EXHAUSTED: -11,
  DATAGRAM: -12,
} as const;

const REASONS: Readonly<Record<number, readonly [HawserErrorCode, string]>> = {
  [STATUS.MAGIC]: [
    "protocol",
    "these bytes are no packet: the magic is wrong; check that the peer speaks Hawser",
  ],
  [STATUS.VERSION]: ["version-mismatch", "the peer's packets have another version; update the older side"],
  [STATUS.FLAGS]: [
    "protocol",
    "the packet has flags that do not exist or do not go together; close the link",
  ],
  [STATUS.TOO_LARGE]: ["packet-too-large", "the packet's body is longer than allowed; the peer must cut it"],
  [STATUS.TOO_SHORT]: ["protocol", "the packet is too short to hold what its flags say; close the link"],
  [STATUS.LANE_FLAGS]: ["protocol", "the packet's flags do not fit its lane; close the link"],
  [STATUS.FORGED]: ["open-failed", "the packet was changed, or sealed with another key; drop it"],
  [STATUS.REPLAYED]: ["open-failed", "the packet was seen before or is too old; drop it"],
  [STATUS.EPOCH]: ["open-failed", "the packet belongs to an epoch without a key here; drop it"],
  [STATUS.COMPRESSION]: [
    "compression",
    "the packet is authentic but its compressed body is damaged or too large; the peer is broken: close",
  ],
  [STATUS.EXHAUSTED]: ["exhausted", "the lane has no sequence number left; rekey earlier, or connect anew"],
  [STATUS.DATAGRAM]: ["protocol", "the datagram is not exactly one packet; drop it"],
};

/** The error for a status below zero. */
export function statusError(status: number, options?: HawserErrorOptions): HawserError {
  const [code, message] = REASONS[status];
  return new HawserError(code, message, options);
}
