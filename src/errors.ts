/**
 * The one error class of Hawser and the list of its codes.
 *
 * A mistake of the caller (a wrong type, a number out of range) is a
 * `TypeError` or `RangeError`. All that a network, a peer or a runtime can do
 * is a {@linkcode HawserError}.
 *
 * @module
 */

/** What went wrong, in one word that programs may compare. */
export type HawserErrorCode =
  /** The address cannot be parsed, or names a scheme that nobody registered. */
  | "invalid-address"
  /** This runtime lacks the transport or the feature; the message says what to install. */
  | "unsupported"
  /** The address is taken by another listener. */
  | "address-in-use"
  /** Nobody listens at the address. */
  | "connection-refused"
  /** A deadline passed: connecting, the handshake, a read, a write, or a silent peer. */
  | "timeout"
  /** The connection, the link or the listener is closed. */
  | "closed"
  /** The peer has lost the session that was to go on over a new link. */
  | "session-lost"
  /** The operating system refused to move bytes. */
  | "io"
  /** The peer broke the protocol. */
  | "protocol"
  /** The two sides have no protocol version in common. */
  | "version-mismatch"
  /** The handshake could not be completed: the peer is not who it must be, or bytes were changed. */
  | "handshake-failed"
  /** A packet did not open: it was changed, replayed, or sealed with another key. */
  | "open-failed"
  /** One side does not accept the other's identity. */
  | "not-authorised"
  /** A message or packet is over the limit that applies to it. */
  | "packet-too-large"
  /** A queue with a hard bound is full. */
  | "backpressure"
  /** So many dials have failed that none is tried for a while. */
  | "unavailable"
  /** A bounded table is full: connections, half-open handshakes, streams. */
  | "limit"
  /** Nothing at the peer has that name: no handler of a request or of a type of messages. */
  | "not-found"
  /** The peer's application answered with an error, which is in `remote`. */
  | "remote"
  /** Bytes that should decode do not. */
  | "serialization"
  /** Compressed bytes that are damaged, or larger than they may be. */
  | "compression"
  /** The peer gave up a direction of a stream; `streamCode` says why, in its own numbers. */
  | "stream-reset"
  /** A key has sealed as many packets as it may. */
  | "exhausted"
  /** The TLS layer refused; `reason` says why. */
  | "tls"
  /** The WebSocket layer refused. */
  | "websocket"
  /** The QUIC layer refused. */
  | "quic"
  /** The WebRTC layer refused. */
  | "webrtc";

/** Why TLS refused: the `reason` of an error with the code `tls`. */
export type TlsRefusal =
  /** The peer's certificate is no longer valid. */
  | "expired"
  /** The peer's certificate is not valid yet, or our clock is wrong. */
  | "not-yet-valid"
  /** The peer's certificate is for other names than the one that was dialled. */
  | "wrong-name"
  /** Nobody whom we trust has issued the peer's certificate: it is self-signed, or its authority is not known. */
  | "unknown-issuer"
  /** The peer's certificate is not for what the peer does with it: one of a client shown by a server. */
  | "wrong-usage"
  /** The key of the peer's certificate is none of the pinned ones. */
  | "pin-mismatch"
  /** The client showed no certificate, and the listener demands one. Both ends are told so. */
  | "no-certificate"
  /** The peer refuses our certificate. */
  | "own-certificate"
  /** The two sides have no TLS version or cipher suite in common. */
  | "version"
  /** The two sides have no application protocol in common (ALPN). */
  | "alpn"
  /** What the peer sent is no TLS, or broke it; or the handshake took too long. */
  | "handshake";

/** One thing that is wrong with a value, as a schema says it. */
export interface SchemaIssue {
  /** A sentence for people. */
  readonly message: string;
  /** The way to what is wrong, from the outside in: `["user", "emails", 0]`. */
  readonly path: readonly (string | number)[];
}

/** An error of the peer's application, as it was told. */
export interface RemoteFailure {
  /** What went wrong, in a word of that application; `internal` if it gave none. */
  readonly code: string;
  /** A sentence for people. */
  readonly message: string;
  /** What else the application told of it. Nothing says that it has the shape that you expect. */
  readonly data: unknown;
}

/** Options of a {@linkcode HawserError}. */
export interface HawserErrorOptions {
  /** What caused it, kept as `error.cause`. */
  cause?: unknown;
  /** Whether the same call may succeed later; by default what the code usually means. */
  retryable?: boolean;
  /** Which refusal of TLS it is. */
  reason?: TlsRefusal;
  /** What the peer's application answered. */
  remote?: RemoteFailure;
  /** What a schema finds wrong with a value. */
  issues?: readonly SchemaIssue[];
  /** What a peer said when it gave up a stream, or what it is to be told. */
  streamCode?: number;
}

const RETRYABLE: ReadonlySet<HawserErrorCode> = new Set([
  "connection-refused",
  "timeout",
  "closed",
  "io",
  "backpressure",
  "limit",
  "unavailable",
]);

/**
 * Every failure that is not the caller's own mistake.
 *
 * The message says what happened and what to do about it; `code` is for programs.
 *
 * @example
 * ```ts
 * import { HawserError } from "@hawser/hawser";
 *
 * const error = new HawserError("timeout", "the peer was silent for 20 s; check the network");
 * if (error.code === "timeout" && error.retryable) console.log("try again");
 * ```
 */
export class HawserError extends Error {
  /** What went wrong, in one word. */
  readonly code: HawserErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** Why TLS refused, where the code is `tls`; otherwise undefined. */
  readonly reason: TlsRefusal | undefined;
  /** What the peer's application answered, where the code is `remote`; otherwise undefined. */
  readonly remote: RemoteFailure | undefined;
  /** What a schema of a contract found wrong, where that is what happened; otherwise undefined. */
  readonly issues: readonly SchemaIssue[] | undefined;
  /** The peer's number for why it gave up a stream, where the code is `stream-reset`; otherwise undefined. */
  readonly streamCode: number | undefined;

  /** Makes an error with a code, a sentence for people, and its cause. */
  constructor(code: HawserErrorCode, message: string, options: HawserErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "HawserError";
    this.code = code;
    this.retryable = options.retryable ?? RETRYABLE.has(code);
    this.reason = options.reason;
    this.remote = options.remote;
    this.issues = options.issues;
    this.streamCode = options.streamCode;
  }
}
