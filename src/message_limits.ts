/**
 * The bounds of the message layer: envelopes, values, requests and what is remembered of them.
 *
 * @module
 */

/** Bytes of UTF-8 of a name: of a request, a type of values. As of a subject: its length takes two bytes at most. */
export const NAME_BYTES_MAX = 255;

/** Bytes of UTF-8 of the `id` that the application gives a message: a UUID several times over. */
export const MESSAGE_ID_BYTES_MAX = 128;

/** Headers of one message: as many as a request of HTTP usually has at most. */
export const HEADERS_MAX = 64;

/** Bytes of all names and values of one message's headers: what HTTP servers take by default. */
export const HEADERS_BYTES_MAX: number = 8 * 1024;

/** Hops that a message may be given: one byte, as in IP. */
export const TTL_MAX = 255;

/** How deep a value may be nested: more than people write, and no recursion over it ends a stack. */
export const VALUE_DEPTH_MAX = 100;

/** Elements of all arrays and objects within one value: some 100 MB of memory at the very worst. */
export const VALUE_ELEMENTS_MAX = 1_000_000;

/** How long a request may take by default, in milliseconds: longer than anybody waits who looks at a screen. */
export const REQUEST_MS_DEFAULT = 30_000;

/** The bounds of the message layer of one connection that may be set. Times are milliseconds, sizes bytes. */
export interface MessageLimits {
  /** Requests of ours that may be in flight at once; further ones fail with `limit`. */
  readonly requestsMax: number;
  /** Requests of the peer that may be in flight at once; further ones are answered with `limit`. */
  readonly servedMax: number;
  /** Bytes of the requests that handlers are working on; one of any size may always. */
  readonly servedBytesMax: number;
  /** How long requests wait on a connection that has no handler at all yet. */
  readonly unhandledMsMax: number;
  /** Ids of messages that are remembered, to take each once. */
  readonly messageIdsMax: number;
}

/** The defaults of {@linkcode MessageLimits}, each with its reason. */
export const MESSAGE_LIMITS: MessageLimits = {
  // Each takes some 300 bytes: 5 MB.
  requestsMax: 16_384,
  // Each runs a handler of the application.
  servedMax: 4_096,
  // Four of the largest messages.
  servedBytesMax: 64 * 1024 * 1024,
  // A program that starts slowly.
  unhandledMsMax: 5_000,
  // Those of the last second of a busy connection.
  messageIdsMax: 4_096,
};

/**
 * How long requests wait for a handler of their name once a connection has its first, in milliseconds: those for the
 * others follow at once, or after a few promises.
 */
export const HANDLERS_MS_MAX = 100;

/** Bytes of replies to one request that may be on their way before the application has taken them. */
export const REPLY_CREDIT_BYTES: number = 256 * 1024;

/** What one of several replies counts against the credit beside its bytes: the book-keeping it causes. */
export const REPLY_COST_BYTES = 64;

/** Characters of the words of an error that go to the peer: a few sentences. */
export const ERROR_CHARS_MAX = 1_024;
