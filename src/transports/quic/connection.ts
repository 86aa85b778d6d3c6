/**
 * What a runtime's QUIC must offer, and all that the rest of this folder knows of it.
 *
 * @module
 */

/** Close codes of an application (RFC 9000 §20.2), as links use them. Not 0: Bun does not tell that from silence. */
export const CLOSE_CODES = {
  /** The link ended in an orderly way: both sides have read the end of its stream. */
  done: 1n,
  /** Whoever held the link gave it up. */
  aborted: 2n,
  /** There is no room for one more, or nobody listens any more. */
  refused: 3n,
} as const;

/** One bidirectional stream. */
export interface QuicStream {
  /**
   * Sends all of `bytes`. They are valid until it returns, or until its promise is kept: there was no room then.
   * Rejects or throws when the stream is broken. Called again only after that.
   */
  write(bytes: Uint8Array): void | Promise<void>;
  /** Ends our side, once all is on its way. Nothing hangs on when the peer hears of it. */
  end(): void;
  /** Gives both sides up at once. Safe to call at any time. */
  reset(): void;
  /**
   * Waits for bytes, and delivers one or more pieces, each valid during that call only. Resolves to `false` when the
   * peer's side is finished, rejects when the stream is broken. Called again only after that.
   */
  read(deliver: (bytes: Uint8Array) => void): Promise<boolean>;
}

/** Who hears of a connection. None of these may throw. */
export interface QuicHandler {
  /** The peer opened a stream. Never before the handshake is complete. */
  onStream(stream: QuicStream): void;
  /** A datagram arrived, valid until the call returns. Never before the handshake is complete. */
  onDatagram(bytes: Uint8Array): void;
  /** The connection is gone, or never came to be; called once, with what the runtime says, which may be nothing. */
  onClose(cause: unknown): void;
}

/** One connection. */
export interface QuicConnection {
  /** Where this end is, as a `quic://` URL. */
  readonly localAddress: string;
  /** Where the other end is, as a `quic://` URL. */
  readonly remoteAddress: string;
  /** Who hears of it; the door first, then the link. */
  handler: QuicHandler;
  /** Opens a stream. Rejects with a `HawserError` `limit` when the peer allows no more of them. */
  openStream(): Promise<QuicStream>;
  /** The most bytes of a datagram that can be sent now; 0 where the peer takes none. */
  readonly datagramBytesMax: number;
  /** Sends a datagram, which is free for reuse when it returns. `false`: it was dropped, there is no room. */
  sendDatagram(bytes: Uint8Array): boolean;
  /** Ends the connection at once, and all of its streams. Safe to call twice. */
  close(code: bigint): void;
}
