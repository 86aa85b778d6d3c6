/**
 * Every bound of streams: its name, its default, and the reason for it.
 *
 * @module
 */

/** The bounds of the streams of one session. */
export interface StreamLimits {
  /** Streams that the peer may have open at once. */
  readonly streamsMax: number;
  /** What the peer may send on one stream before our application has taken it. */
  readonly streamWindowBytes: number;
  /** What the peer may send on all streams together before our application has taken it. */
  readonly streamsWindowBytes: number;
}

/** The defaults of {@linkcode StreamLimits}, each with its reason. */
export const STREAM_LIMITS: StreamLimits = {
  // Thousands at once; each costs about a kilobyte before anything is sent on it.
  streamsMax: 4_096,
  // As much as for messages: one round trip of 20 ms at 100 MB/s.
  streamWindowBytes: 2 * 1024 * 1024,
  // 256 streams that nobody reads, each with its first window, leave the others their room.
  streamsWindowBytes: 16 * 1024 * 1024,
};

/** The most streams at once that `limits.streamsMax` may allow: a gigabyte of memory, if each cost as little as it can. */
export const STREAMS_MAX: number = 2 ** 20;

/** Streams that a side may open before its peer says how many: enough for a start, and all that a peer can cost unasked. */
export const STREAMS_INITIAL = 128;

/** What may be sent on a stream before its receiver says how much. The window grows from here while it is read. */
export const STREAM_WINDOW_BYTES_INITIAL: number = 64 * 1024;

/** What may be sent on all streams together before the receiver says how much. */
export const STREAMS_WINDOW_BYTES_INITIAL: number = 1024 * 1024;

/** Bytes of a stream's name, in UTF-8: what a file system takes for one. */
export const STREAM_NAME_BYTES_MAX = 255;

/** The largest code of a reset or stop: four bytes of a varint. */
export const STREAM_CODE_MAX: number = 2 ** 30 - 1;

/**
 * Streams that the peer resets are given back to it at this rate, and no faster: a peer that only opens and resets
 * costs the application no more calls than that (the "rapid reset" of HTTP/2, CVE-2023-44487).
 */
export const STREAM_RESETS_PER_SECOND = 1_000;

/** So many of them at once are given back without a wait: a page that is left cancels all that it had asked for. */
export const STREAM_RESETS_BURST = 1_024;

/** How often streams are given back while the rate holds them. */
export const STREAM_RESETS_PAUSE_MS = 20;

/** Calls of `openStream` that wait until the peer allows more streams. */
export const STREAM_OPENS_WAITING_MAX = 4_096;

/** A part of a stream below this is not worth a frame while more waits: the rest of the packet stays empty instead. */
export const STREAM_PART_BYTES_MIN = 256;

/** Received parts below this are joined, so that a peer that sends single bytes costs no more than their memory. */
export const STREAM_JOINED_BYTES_MAX: number = 2 * 1024;

/** The first buffer in which small parts are joined; the next ones are twice as large, up to sixteen times. */
export const STREAM_JOIN_BYTES_MIN = 256;

/** Bytes that wait in a writable before it asks its writer to wait: as much as a link keeps on its way. */
export const STREAM_WRITE_BYTES_HIGH: number = 64 * 1024;
