/**
 * The topics of one connection: what we subscribed to, and what the peer did.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { Interests } from "../message/interests.ts";
import type { SlowOptions } from "../message/slow_queue.ts";
import { SubjectTrie } from "../message/subject_trie.ts";
import { checkPattern, faultOfPattern } from "../message/subjects.ts";
import { SUBSCRIPTIONS_MAX } from "../topic_limits.ts";
import { type EventHandler, type Hold, Subscription } from "./subscription.ts";

/** What topics ask of their connection. */
export interface TopicsPort {
  /** Tells the peer that we want the events of a pattern from now on. Does nothing when the connection has ended. */
  sendSubscribe(pattern: string): void;
  /** Tells the peer that we want them no more. Does nothing when the connection has ended. */
  sendUnsubscribe(pattern: string): void;
  /** The peer may send so many bytes more. */
  release(bytes: number): void;
  /** The application's handler threw. */
  handleFailure(cause: unknown): void;
}

/** Who gets which events of one connection. */
export class Topics<E, P extends TopicsPort = TopicsPort> {
  readonly #port: P;
  readonly #interests: Interests<P>;
  readonly #subscriptions: SubjectTrie<Subscription<E>> = new SubjectTrie();
  readonly #all: Set<Subscription<E>> = new Set();
  #patterns = 0;
  // Until the peer has said what it wants, it may be about to.
  #isPeerHeard = false;
  #isPeerTold = false;

  /** The connections of a server share `interests`. */
  constructor(port: P, interests: Interests<P> = new Interests()) {
    this.#port = port;
    this.#interests = interests;
  }

  /** How many patterns the peer asked for. */
  get interestCount(): number {
    return this.#interests.count(this.#port);
  }

  /**
   * Subscribes.
   * @throws {TypeError} for what is no pattern or no policy; {RangeError} for a bound that is none;
   * {HawserError} `limit` for too many patterns at once.
   */
  subscribe(pattern: string, options: SlowOptions, handler?: EventHandler<E>): Subscription<E> {
    checkPattern(pattern);
    const port = this.#port;
    const subscription: Subscription<E> = new Subscription({
      pattern,
      options,
      handler,
      onEnd: () => this.#handleEnd(subscription),
      onFailure: (cause) => port.handleFailure(cause),
    });
    this.#all.add(subscription);
    if (!this.#subscriptions.add(pattern, subscription)) return subscription;
    if (this.#patterns >= SUBSCRIPTIONS_MAX) {
      this.#subscriptions.delete(pattern, subscription);
      this.#all.delete(subscription);
      throw new HawserError(
        "limit",
        `at most ${SUBSCRIPTIONS_MAX} patterns at once: use "*" and ">", or unsubscribe`,
      );
    }
    this.#patterns++;
    this.#isPeerTold = true;
    port.sendSubscribe(pattern);
    return subscription;
  }

  /** Whether an event should be sent to the peer: it asked for it, or has not said anything yet. */
  isWanted(subject: string): boolean {
    return !this.#isPeerHeard || this.#interests.has(this.#port, subject);
  }

  /**
   * The peer wants a pattern from now on.
   * @throws {HawserError} `protocol` for what is no pattern, or for too many.
   */
  handleSubscribe(pattern: string): void {
    this.#isPeerHeard = true;
    const fault = faultOfPattern(pattern);
    if (fault !== undefined) {
      throw new HawserError("protocol", `the peer subscribed to what it may not: ${fault}`);
    }
    if (this.#interests.add(this.#port, pattern) !== "full") return;
    throw new HawserError("protocol", `the peer subscribed to more than ${SUBSCRIPTIONS_MAX} patterns`);
  }

  /** The peer wants a pattern no more; one that it never asked for says that it wants nothing else. */
  handleUnsubscribe(pattern: string): void {
    this.#isPeerHeard = true;
    this.#interests.delete(this.#port, pattern);
  }

  /** An event of so many bytes arrived, of which `read` makes what subscribers get. Returns whether anybody wanted it. */
  handleEvent(subject: string, bytes: number, read: () => E): boolean {
    const found = this.#subscriptions.match(subject);
    if (found.length === 0) {
      this.#port.release(bytes);
      this.#tellPeer();
      return false;
    }
    const event = read();
    const hold = new BytesHold(this.#port, bytes);
    // A handler may subscribe or unsubscribe.
    for (const subscription of found.flatMap((some) => [...some])) subscription.deliver(event, bytes, hold);
    hold.drop();
    return true;
  }

  /** The connection has ended. */
  handleEnd(error: HawserError | undefined): void {
    this.#interests.deletePeer(this.#port);
    for (const subscription of [...this.#all]) subscription.finish(error);
  }

  #handleEnd(subscription: Subscription<E>): void {
    this.#all.delete(subscription);
    if (!this.#subscriptions.delete(subscription.pattern, subscription)) return;
    this.#patterns--;
    this.#port.sendUnsubscribe(subscription.pattern);
  }

  // A peer that was never told anything sends everything.
  #tellPeer(): void {
    if (this.#isPeerTold) return;
    this.#isPeerTold = true;
    this.#port.sendUnsubscribe(">");
  }
}

/** Bytes that the peer may not replace yet. Whoever makes it holds it first. */
class BytesHold implements Hold {
  readonly #port: TopicsPort;
  readonly #bytes: number;
  #holders = 1;

  constructor(port: TopicsPort, bytes: number) {
    this.#port = port;
    this.#bytes = bytes;
  }

  keep(): void {
    this.#holders++;
  }

  drop(): void {
    if (--this.#holders === 0) this.#port.release(this.#bytes);
  }
}
