/**
 * The bounds of what is sent side by side: priorities, channels, messages in parts.
 *
 * @module
 */

/** The priority of what says nothing of it. */
export const PRIORITY_DEFAULT = 128;

/** The highest priority: one byte. */
export const PRIORITY_MAX = 255;
