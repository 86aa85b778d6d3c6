/**
 * What all links have in common: they start once, end once, and never call back from inside a call.
 *
 * @module
 */

import { Deferred } from "../deferred.ts";
import { HawserError } from "../errors.ts";
import { LINK_CLOSE_MS_MAX } from "../limits.ts";
import type { Link, LinkCloseOptions, LinkHandler, LinkTraits } from "../link.ts";
import { failure } from "./failure.ts";

/**
 * The life of a link: open, then closing (accepted bytes are still on their way), then over.
 *
 * An adapter says how to `begin` delivery, how to `write`, how to `end` in an orderly way and how to `release` the
 * socket at once, and calls `finish` or `fail` when the socket is gone.
 */
export abstract class BaseLink implements Link {
  abstract readonly traits: LinkTraits;
  readonly localAddress: string;
  readonly remoteAddress: string;
  #handler: LinkHandler | undefined;
  #state: "open" | "closing" | "over" = "open";
  #error: HawserError | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #gone: Deferred<void> = new Deferred();

  constructor(localAddress: string, remoteAddress: string) {
    this.localAddress = localAddress;
    this.remoteAddress = remoteAddress;
  }

  /** Who is to hear of what arrives; `undefined` before the start, while closing, and when all is over. */
  protected get receiver(): LinkHandler | undefined {
    return this.#state === "open" ? this.#handler : undefined;
  }

  /** Whether `close` was called and accepted bytes are still on their way. */
  protected get closing(): boolean {
    return this.#state === "closing";
  }

  /** Whether the link is gone. */
  protected get over(): boolean {
    return this.#state === "over";
  }

  start(handler: LinkHandler): void {
    if (this.#handler !== undefined) throw new TypeError("a link can be started only once");
    this.#handler = handler;
    if (this.#state === "over") queueMicrotask(() => handler.onClose(this.#error));
    else if (this.#state === "open") this.begin();
  }

  send(bytes: Uint8Array): boolean {
    return this.#state === "open" && this.write(bytes);
  }

  close(options: LinkCloseOptions = {}): Promise<void> {
    if (options.abort && this.#state !== "over") {
      this.finish();
    } else if (this.#state === "open") {
      this.#close(options);
    }
    return this.#gone.promise;
  }

  /** Begins to deliver, or to keep for later what arrives. */
  protected abstract begin(): void;
  /** Sends, as `Link.send` says, on a link that is open. */
  protected abstract write(bytes: Uint8Array): boolean;
  /** Ends in an orderly way once all that was accepted is on its way; `finish` follows. */
  protected abstract end(options: LinkCloseOptions): void;
  /** Lets go of the socket at once. The promise, if any, says when it is gone. */
  protected abstract release(): void | Promise<void>;
  /** Bytes that were accepted and are still here. */
  protected abstract get pending(): number;

  /** There is room again after a `send` that returned `false`. */
  protected drained(): void {
    this.receiver?.onDrain();
  }

  /** The peer did what it must not: ends the link in an orderly way, but with an error for our user. */
  protected refuse(error: HawserError, options: LinkCloseOptions): void {
    if (this.#state !== "open") return;
    this.#error = error;
    this.#close(options);
  }

  /** The link is gone. Only the first call counts. */
  protected finish(error: HawserError | undefined = this.#error): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#error = error;
    clearTimeout(this.#timer);
    const released = this.release();
    // Never from inside a call of the user: the end is told in a turn of its own.
    queueMicrotask(() => this.#handler?.onClose(error));
    Promise.resolve(released).then(() => this.#gone.resolve());
  }

  /** The link broke: `cause` is what the runtime said. While closing with nothing left to send, that is an end as good as any. */
  protected fail(cause: unknown): void {
    if (this.closing && this.pending === 0) this.finish();
    else this.finish(failure(cause, `the link to ${this.remoteAddress} broke`));
  }

  #close(options: LinkCloseOptions): void {
    this.#state = "closing";
    this.#timer = setTimeout(() => this.finish(this.#error ?? this.unfinished()), LINK_CLOSE_MS_MAX);
    this.end(options);
  }

  /** The error of a close that could not send everything in time, if there is one. */
  protected unfinished(): HawserError | undefined {
    if (this.pending === 0) return undefined;
    return new HawserError(
      "timeout",
      `the link to ${this.remoteAddress} was closed with ${this.pending} bytes unsent: ` +
        `the peer read nothing for ${LINK_CLOSE_MS_MAX} ms`,
    );
  }

  /** The error of a user who never waits for `onDrain`. */
  protected overrun(): HawserError {
    return new HawserError(
      "backpressure",
      `${this.pending} bytes wait on the link to ${this.remoteAddress}: wait for onDrain when send returns false`,
    );
  }
}
