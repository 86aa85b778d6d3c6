/**
 * The bounds of rates, each with its reason.
 *
 * @module
 */

import { WINDOW_BYTES_MIN } from "./limits.ts";

/** How long at full rate a burst lasts, if nobody says how large it is. */
export const BURST_MS = 1_000;

/** The least burst of bytes: what a peer needs at once to send one full packet. */
export const BURST_BYTES_MIN: number = WINDOW_BYTES_MIN;

/** The least burst of messages. */
export const BURST_MESSAGES_MIN = 1;

/** Who had more than its share of a common rate lets others go first, for at most this long. */
export const RATE_TURN_MS_MAX = 5;

/** A peer that is kept to a rate hears of new room this often at most: each time costs a packet. */
export const RATE_WINDOW_MS = 50;
