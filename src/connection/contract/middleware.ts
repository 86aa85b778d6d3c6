/**
 * What surrounds every call of a contract: on the side that asks, on the side that answers, or on both.
 *
 * @module
 */

import type { MessageHeaders } from "../../message/envelope.ts";
import type { Peer } from "../../session/mod.ts";

/** A call on its way, as middleware sees it. */
export interface Call {
  /** A request, a stream, or an event that a client tells or a service hears. */
  readonly kind: "request" | "stream" | "event";
  /** The name in the contract, with dots where contracts hold contracts. */
  readonly name: string;
  /** What it is called with, not checked yet; of an event that arrived, checked already. */
  readonly input: unknown;
  /** What goes along with it. */
  readonly headers: MessageHeaders;
  /** How long it may take; undefined where that is left to the default, and for events. */
  readonly deadlineMs: number | undefined;
  /** Aborts when the caller gives up; undefined where it cannot. */
  readonly signal: AbortSignal | undefined;
  /** The other side. */
  readonly peer: Peer;
}

/**
 * Does something before and after a call. It calls `next` with the call, or a changed one; or it does not, and answers
 * by itself or throws. What comes back is the answer, of a stream the iterable, of an event nothing.
 */
export type Middleware = (call: Call, next: (call: Call) => Promise<unknown>) => Promise<unknown>;

/** Hears of what cannot be told to anybody else: an event that does not fit, or a handler of one that throws. */
export type ErrorHandler = (error: unknown, event: { readonly name: string; readonly peer?: Peer }) => void;

/** Options of both sides of a contract. */
export interface ContractOptions {
  /**
   * Surrounds every call, the first outermost: of a client what leaves, of a service what arrives, where only changes of
   * input and headers count. What a client hears of events it subscribed to is no call, nor what a service tells.
   */
  readonly use?: readonly Middleware[];
  /** Hears of events that were dropped: they did not fit, or their handler threw. */
  readonly onError?: ErrorHandler;
}

/** Sends a call through `use`, from the place `at` on, and at last to `end`. */
export async function run(
  use: readonly Middleware[],
  call: Call,
  end: (call: Call) => unknown,
  at = 0,
): Promise<unknown> {
  return at === use.length
    ? await end(call)
    : await use[at](call, (changed) => run(use, changed, end, at + 1));
}
