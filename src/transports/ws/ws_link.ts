/**
 * What all WebSocket links have in common: binary messages only, none too large, and close codes that mean something.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { LINK_EARLY_BYTES_MAX, LINK_MESSAGE_BYTES, WS_MESSAGE_BYTES_MAX } from "../../limits.ts";
import type { LinkTraits, TransportOptions } from "../../link.ts";
import { BaseLink } from "../base_link.ts";

/** The largest message taken from the peer, in bytes. */
export function messageBytesMaxOf(options: TransportOptions): number {
  const bytes = options.messageBytesMax ?? WS_MESSAGE_BYTES_MAX;
  if (!Number.isSafeInteger(bytes) || bytes < 1) {
    throw new RangeError(`messageBytesMax must be a whole number of bytes from 1, not ${bytes}`);
  }
  return bytes;
}

/** A link over one WebSocket; adapters move the messages. */
export abstract class WsLink extends BaseLink {
  readonly traits: LinkTraits;
  readonly #messageBytesMax: number;
  // What arrived before the start; undefined once that was delivered.
  #early: Uint8Array[] | undefined = [];
  #earlyBytes = 0;

  constructor(localAddress: string, remoteAddress: string, messageBytesMax: number) {
    super(localAddress, remoteAddress);
    this.#messageBytesMax = messageBytesMax;
    this.traits = {
      kind: "message",
      reliable: true,
      ordered: true,
      mtu: messageBytesMax,
      encrypted: remoteAddress.startsWith("wss:"),
      nativeStreams: false,
    };
  }

  protected begin(): void {
    queueMicrotask(() => {
      const early = this.#early ?? [];
      this.#early = undefined;
      for (const bytes of early) this.receiver?.onReceive(bytes);
    });
  }

  /** A binary message arrived. */
  protected received(bytes: Uint8Array): void {
    if (bytes.length > this.#messageBytesMax) {
      this.oversized();
    } else if (this.#early === undefined) {
      this.receiver?.onReceive(bytes);
    } else if (this.#earlyBytes > LINK_EARLY_BYTES_MAX) {
      this.finish(
        new HawserError("backpressure", `${this.remoteAddress} sent too much before the link was started`),
      );
    } else {
      this.#early.push(bytes);
      this.#earlyBytes += bytes.length + LINK_MESSAGE_BYTES;
    }
  }

  /** A text message arrived. */
  protected receivedText(): void {
    this.refuse(
      new HawserError("websocket", `${this.remoteAddress} sent text; Hawser takes binary messages only`),
      { code: 1003, reason: "binary messages only" },
    );
  }

  /** A message over the limit arrived, or began to. */
  protected oversized(): void {
    this.refuse(this.#tooLarge(), { code: 1009, reason: `at most ${this.#messageBytesMax} bytes` });
  }

  /** The WebSocket is closed: with the code and reason of the peer, or 1006 (0 in Deno) where the connection broke. */
  protected closed(code: number, reason: string): void {
    if (this.closing || code === 1000 || code === 1001 || code === 1005) return this.finish();
    if (code === 0 || code === 1006) {
      return this.fail(new Error(reason === "" ? "the connection broke" : reason));
    }
    const said = `${code}${reason === "" ? "" : ` (${reason})`}`;
    const byApplication = code >= 3000 && code < 5000;
    this.finish(
      new HawserError(
        byApplication ? "closed" : "websocket",
        `${this.remoteAddress} closed the WebSocket with code ${said}`,
        { cause: { code, reason }, retryable: byApplication },
      ),
    );
  }

  #tooLarge(): HawserError {
    return new HawserError(
      "packet-too-large",
      `${this.remoteAddress} sent a message of more than ${this.#messageBytesMax} bytes; raise messageBytesMax`,
    );
  }
}
