/**
 * The face of a server to many peers at once.
 *
 * @module
 */

import type { Formats } from "../message/formats.ts";
import type { SlowOptions } from "../message/slow_queue.ts";
import type { CloseOptions } from "./base_connection.ts";
import type { Connection } from "./connection.ts";
import type { PublishOptions } from "./events.ts";
import { type Relay, ServerTopics } from "./server_topics.ts";

export type { Relay } from "./server_topics.ts";

/** A peer of a server, and how it stands. */
export interface PeerStatus {
  /** Its id. One with several connections is there several times. */
  readonly id: string;
  /** Its connection. */
  readonly connection: Connection;
  /** Whether it keeps up with what is published to it. */
  readonly status: "open" | "slow";
  /** Where it is. */
  readonly address: string;
  /** Patterns that it subscribed to. */
  readonly subscriptions: number;
  /** Bytes that wait to be sent to it. */
  readonly queuedBytes: number;
}

/** A server that publishes to its peers, and knows them. */
export abstract class PublishingServer {
  /** @ignore The open connections. */
  protected readonly open: Set<Connection> = new Set();
  /** @ignore What they subscribed to. */
  protected readonly topics: ServerTopics<Connection>;

  /** @ignore Values are written with `formats`; `slow` says what happens to slow peers. */
  constructor(formats: Formats, slow: SlowOptions | undefined) {
    this.topics = new ServerTopics(this.open, formats, slow);
  }

  /** The open connections. */
  get connections(): Connection[] {
    return [...this.open];
  }

  /** The peers of the open connections, and how each stands. */
  peers(): PeerStatus[] {
    return [...this.open].map((connection) => ({
      id: connection.peer.id,
      connection,
      status: this.topics.isSlow(connection) ? "slow" : "open",
      address: connection.remoteAddress,
      subscriptions: connection.interestCount,
      queuedBytes: connection.queuedBytes,
    }));
  }

  /**
   * Publishes an event to all who subscribed to its subject. It is encoded once. Who is slow loses events, as
   * `slowSubscribers` says, and nobody waits for it. Returns `false` only where that is `block` and somebody is slow: then
   * `await drained()` before the next.
   * @throws {TypeError} for what is no subject. {HawserError} `serialization` if the value cannot be encoded.
   */
  publish(subject: string, value: unknown, options: PublishOptions = {}): boolean {
    return this.topics.publish(subject, value, options);
  }

  /**
   * Sends a value to all open connections, encoded once: to their `onValue`, and a `Uint8Array` without options to their
   * `onMessage`. Who is slow is treated as by `publish`.
   * @throws {HawserError} `serialization` if the value cannot be encoded.
   */
  broadcast(value: unknown, options: PublishOptions = {}): boolean {
    return this.topics.broadcast(value, options);
  }

  /** The same to some connections of this server, once each. */
  multicast(connections: Iterable<Connection>, value: unknown, options: PublishOptions = {}): boolean {
    return this.topics.multicast(connections, value, options);
  }

  /** Resolves when nobody keeps whoever publishes waiting: at once unless `slowSubscribers` says `block`. */
  drained(): Promise<void> {
    return this.topics.drained();
  }

  /**
   * Passes events whose subjects match a pattern on from one client to all others that subscribed to them, but never back,
   * and a hop less each time. Hold it with `using`, or call its `stop`.
   * @throws {TypeError} for what is no pattern. {HawserError} `limit` for too many patterns.
   */
  relay(pattern: string): Relay {
    return this.topics.relay(pattern);
  }

  /** Closes the connections of a peer in order. Resolves when they are gone, with how many there were. */
  async disconnect(peerId: string, options?: CloseOptions): Promise<number> {
    const connections = [...this.open].filter(({ peer }) => peer.id === peerId);
    await Promise.all(connections.map((connection) => connection.close(options)));
    return connections.length;
  }
}
