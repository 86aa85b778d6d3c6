/**
 * What a contract needs of a connection, and of a server.
 *
 * @module
 */

import type { Peer } from "../../session/config.ts";

/** Text that goes along with a call. */
export type CallHeaders = Readonly<Record<string, string>>;

/** How to call. */
export interface CallOptions {
  /** How long the answer may take. Default: what requests have by default. */
  readonly deadlineMs?: number;
  /** Gives up when it aborts, and tells the other side. */
  readonly signal?: AbortSignal;
  /** What goes along with it. */
  readonly headers?: CallHeaders;
  /** From 0 to 255, the most urgent. Default: 128. */
  readonly priority?: number;
}

/** What is known of a call to those who answer it. */
export interface CallContext {
  /** Aborts when the caller gives up, its deadline passes, or the connection ends. */
  readonly signal: AbortSignal;
  /** What is left of the caller's time. */
  readonly deadlineMs: number;
  /** What goes along with it. */
  readonly headers: CallHeaders;
  /** Who calls. */
  readonly peer: Peer;
}

/** What is known of an event beside its value. */
export interface EventContext {
  /** What goes along with it. */
  readonly headers: CallHeaders;
  /** Who told us. */
  readonly peer: Peer;
}

/** How to tell. */
export type EventOptions = Pick<CallOptions, "headers" | "priority">;

/** What arrives at those who subscribed, until they have heard enough. */
export interface EventSource<Info> extends AsyncIterable<{ readonly value: unknown; readonly info: Info }> {
  /** No more. */
  unsubscribe(): unknown;
}

/** Who asks: a connection. */
export interface Caller extends Publisher, Subscriber {
  /** The other side. */
  readonly peer: Peer;
  /** Asks, and waits for the answer. */
  request(name: string, value: unknown, options?: CallOptions): Promise<unknown>;
  /** Asks, and waits for each of the answers. */
  requestMany(name: string, value: unknown, options?: CallOptions): AsyncIterable<unknown>;
}

/** Who answers: a connection. */
export interface Answerer extends Publisher, Subscriber {
  /** Answers questions of that name from now on. */
  handle(name: string, handler: ((value: unknown, context: CallContext) => unknown) | undefined): void;
}

/** Who tells: a connection, or a server with all of its connections. */
export interface Publisher {
  /** Tells whoever subscribed. */
  publish(subject: string, value: unknown, options?: EventOptions): unknown;
}

/** Who hears: a connection. */
export interface Subscriber {
  /** Hears what is told on a subject. */
  subscribe(subject: string, options?: SubscribeOptions): EventSource<EventContext>;
}

/** What happens when events come faster than they are taken. */
export interface SubscribeOptions {
  /** What to do then. */
  readonly onSlow?: "block" | "drop-oldest" | "drop-newest" | "close";
  /** How many wait. */
  readonly queueMax?: number;
}
