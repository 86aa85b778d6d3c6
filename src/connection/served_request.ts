/**
 * One request of the peer while it is being answered.
 *
 * @module
 */

import type { HawserError } from "../errors.ts";
import type { Call } from "../message/call_table.ts";
import { type MessageHeaders, NO_HEADERS, type ReceivedEnvelope } from "../message/envelope.ts";
import type { Peer } from "../session/mod.ts";
import { now } from "./clock.ts";
import type { MessengerHost } from "./messenger.ts";

/** What a handler may know of a request. */
export interface RequestContext {
  /** The name that was asked for. */
  readonly name: string;
  /** A number of its own among the peer's requests that are under way. */
  readonly id: number;
  /** Names and texts that came with it; without a prototype. */
  readonly headers: MessageHeaders;
  /** Who asks. */
  readonly peer: Peer;
  /** Aborts when whoever asks gives up, the deadline passes, or the connection ends. */
  readonly signal: AbortSignal;
  /** How many milliseconds are left; `Infinity` without a deadline. Give it to requests that this one needs. */
  readonly deadlineMs: number;
  /** Whether several replies are welcome. */
  readonly isMany: boolean;
}

/** A request, from its arrival to its last reply. */
export class ServedRequest implements RequestContext, Call {
  readonly id: number;
  readonly name: string;
  readonly headers: MessageHeaders;
  readonly due: number;
  place = -1;
  /** What it counts against the bytes that may be under way. */
  readonly bytes: number;
  /** The format that it came in. */
  readonly format: number;
  /** Called when nobody wants the answer any more. */
  onCancel: (() => void) | undefined;
  readonly #host: MessengerHost;
  #controller: AbortController | undefined;
  #reason: HawserError | undefined;
  #isOver = false;
  #credit: number | undefined;
  #onCredit: ((isWanted: boolean) => void) | undefined;

  /** It arrived at `now`, on the driver's clock, with id and name. */
  constructor(host: MessengerHost, envelope: ReceivedEnvelope, now: number) {
    this.#host = host;
    this.id = envelope.id!;
    this.name = envelope.name!;
    this.headers = envelope.headers ?? NO_HEADERS;
    this.due = envelope.deadlineMs === undefined ? Infinity : now + envelope.deadlineMs;
    this.bytes = envelope.payload.length;
    this.format = envelope.format;
    this.#credit = envelope.number;
  }

  get peer(): Peer {
    return this.#host.peer;
  }

  get deadlineMs(): number {
    return this.due === Infinity ? Infinity : Math.max(0, this.due - now());
  }

  get isMany(): boolean {
    return this.#credit !== undefined;
  }

  // Most handlers never ask for it.
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Whether nothing may be sent for it any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** It was answered. */
  end(): void {
    this.#isOver = true;
  }

  /** Nobody wants the answer any more. */
  cancel(reason: HawserError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reason = reason;
    this.#onCredit?.(false);
    this.#controller?.abort(reason);
    this.onCancel?.();
  }

  /** Resolves when another reply may be sent; with `false` if none is wanted. */
  credit(): boolean | Promise<boolean> {
    if (this.#isOver) return false;
    if (this.#credit! > 0) return true;
    return new Promise((resolve) => this.#onCredit = resolve);
  }

  /** A reply was sent. */
  spendCredit(bytes: number): void {
    this.#credit! -= bytes;
  }

  /** The peer takes so many bytes more. */
  addCredit(bytes: number): void {
    if (this.#credit === undefined) return;
    this.#credit += bytes;
    if (this.#credit <= 0) return;
    this.#onCredit?.(true);
    this.#onCredit = undefined;
  }
}
