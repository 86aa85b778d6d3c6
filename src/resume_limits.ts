/**
 * What bounds the survival of sessions that have lost their link.
 *
 * @module
 */

/** What each side grants a session that has lost its link. */
export interface ResumeLimits {
  /** How long a session waits for another link. */
  readonly resumeMsMax: number;
  /** What may be said before the peer acknowledges any of it. */
  readonly replayBytesMax: number;
}

/** The defaults of {@linkcode ResumeLimits}, each with its reason. */
export const RESUME_LIMITS: ResumeLimits = {
  // A tunnel, a lift, a laptop that is carried to another room.
  resumeMsMax: 2 * 60_000,
  // Two windows of the usual size: what a peer has been sent that acknowledges as it should.
  replayBytesMax: 4 * 1024 * 1024,
};

/** Small texts that are kept to be said again share allocations of this size. */
export const REPLAY_SLAB_BYTES: number = 16 * 1024;
/** Rooms for large texts that are kept for the next: 1 MiB. */
export const REPLAY_SPARES_MAX = 16;
/** What a packet that is kept counts for beside its bytes: the book-keeping it causes. */
export const REPLAY_COST_BYTES = 128;
/** Tokens of earlier links that a session is still known by: attempts of one initiator overtake each other rarely. */
export const TOKENS_MAX = 4;
/** A receiver acknowledges after so many bytes: a few large packets, well below what a sender keeps. */
export const ACK_BYTES: number = 256 * 1024;
/** A receiver acknowledges after so many packets. */
export const ACK_PACKETS = 64;
/** A receiver acknowledges after so long, whatever has come: what QUIC calls max_ack_delay (RFC 9000 §18.2). */
export const ACK_MS_MAX = 25;
/** Redials: the upper bound of the first pause. Each is random below its bound, so a crowd does not come back at once. */
export const REDIAL_MS_MIN = 250;
/** Redials: the largest bound of a pause, which doubles up to here. */
export const REDIAL_MS_MAX = 5_000;
