/**
 * The bounds of topics: subjects, subscriptions, and what waits for a slow subscriber.
 *
 * @module
 */

/** Bytes of UTF-8 of a subject or a pattern: names for people and programs, and a length of at most two bytes. */
export const SUBJECT_BYTES_MAX = 255;

/** Tokens of a subject or a pattern: deep enough for every order of things, and a table for hostile ones stays small. */
export const SUBJECT_TOKENS_MAX = 16;

/** Patterns that one peer may ask for at once: with 16 tokens each they take some 4 MB of ours. */
export const SUBSCRIPTIONS_MAX = 1_024;

/** Events that wait for a slow subscriber by default: a second of a busy topic. */
export const SUBSCRIPTION_QUEUE_MAX = 1_024;

/** Bytes of these events by default: as much as a connection's send queue takes before it says stop. */
export const SUBSCRIPTION_QUEUE_BYTES_MAX: number = 1024 * 1024;

/** What a waiting event counts beside its bytes: the book-keeping it causes, so that empty events are not free. */
export const EVENT_COST_BYTES = 64;

/** How often an event that says nothing about it is relayed: relays in a circle do not keep it alive. */
export const RELAY_HOPS_MAX = 8;
