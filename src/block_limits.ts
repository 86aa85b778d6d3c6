/**
 * The bounds of blocks: those that Olocus documents, each with its reason.
 *
 * @module
 */

/** The most bytes of a block's payload: Olocus' own bound. A block of that size is sent in parts. */
export const BLOCK_PAYLOAD_BYTES_MAX: number = 16 * 1024 * 1024;

/** How far ahead of our clock a block may be dated: clocks that nobody sets are minutes off, not hours. */
export const BLOCK_FUTURE_MS_MAX: number = 300_000;

/** How old a block may be that is said to be new: whoever was away for a day asks for the chain instead. */
export const BLOCK_AGE_MS_MAX: number = 86_400_000;

/** How many blocks at the end of a chain another chain may replace: what lies deeper is history. */
export const BLOCK_REORGANISATION_MAX = 100;

/** What the fields of a block beside its payload take at most, in the wordiest layout: JSON. */
export const BLOCK_FIELDS_BYTES_MAX = 1_024;
