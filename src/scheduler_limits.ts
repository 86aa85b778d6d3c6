/**
 * The bounds of what is sent side by side: priorities, channels, messages in parts.
 *
 * @module
 */

/** The priority of what says nothing of it. */
export const PRIORITY_DEFAULT = 128;

/** The highest priority: one byte. */
export const PRIORITY_MAX = 255;

/** The most characters of a channel's name, which never travels. */
export const CHANNEL_CHARS_MAX = 256;

/**
 * One part in this many of the peer's window is kept for typed messages: raw ones that nobody takes use up the rest, and
 * replies still come through. Large enough for some hundred small ones at once, too small to be missed. Urgent raw ones may
 * take a quarter of it.
 */
export const WINDOW_RESERVE_SHARE = 8;

/**
 * Messages that are sent in parts at the same time. Each costs the receiver its whole length: this many, and twice the
 * length of the largest message, is what every receiver has room for.
 */
export const PARTED_MESSAGES_MAX = 16;

/** Queues that are empty are looked for and let go when there are this many, and whenever they have doubled. */
export const QUEUES_KEPT = 64;

/** The longest that small messages may be told to wait for others: beyond a second nobody would believe it was meant. */
export const BATCH_DELAY_MS_MAX = 1_000;
