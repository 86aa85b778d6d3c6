/**
 * What a contract needs of a connection, and of a server.
 *
 * @module
 */

import type { MessageHeaders } from "../../message/envelope.ts";
import type { SlowOptions } from "../../message/slow_queue.ts";
import type { Peer } from "../../session/mod.ts";
import type { RequestHandler } from "../answers.ts";
import type { RequestOptions } from "../requests.ts";

/** Who asks: a connection. */
export interface Caller extends Publisher, Subscriber {
  /** The other side. */
  readonly peer: Peer;
  /** Asks, and waits for the answer. */
  request(name: string, value: unknown, options: RequestOptions): Promise<unknown>;
  /** Asks, and waits for each of the answers. */
  requestMany(name: string, value: unknown, options: RequestOptions): AsyncIterable<unknown>;
}

/** Who answers: a connection. */
export interface Answerer extends Publisher, Subscriber {
  /** The other side. */
  readonly peer: Peer;
  /** Answers questions of that name from now on. */
  handle(name: string, handler: RequestHandler | undefined): void;
}

/** Who tells: a connection, or a server with all of its connections. */
export interface Publisher {
  /** Tells whoever subscribed. Returns whether there is room for more. */
  publish(subject: string, value: unknown, options: EventOptions): boolean;
  /** Resolves when there is room again. */
  drained(): Promise<void>;
}

/** How to tell. */
export type EventOptions = Pick<RequestOptions, "headers" | "priority" | "format">;

/** Who hears: a connection. */
export interface Subscriber {
  /** Hears what is told on a subject. */
  subscribe(subject: string, options?: SlowOptions): EventSource;
}

/** What is told, until `unsubscribe`. A loop over it that is left unsubscribes. */
export interface EventSource extends AsyncIterable<{ readonly value: unknown; readonly info: EventContext }> {
  /** No more. */
  unsubscribe(): void;
}

/** What is known of an event beside its value. */
export interface EventContext {
  /** What came with it. */
  readonly headers: MessageHeaders;
  /** Who told us. */
  readonly peer: Peer;
}
