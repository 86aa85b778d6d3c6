/**
 * The topics of one connection: what we subscribed to, and what the peer did.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import type { Interests } from "../message/interests.ts";
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

/** Where it is noted what a peer wants, and under which name. */
export interface InterestBook<P> {
  readonly interests: Interests<P>;
  readonly peer: P;
}

/** Who gets which events of one connection. */
export class Topics<E, P = unknown> {
  readonly #port: TopicsPort;
  readonly #book: InterestBook<P>;
  readonly #subscriptions: SubjectTrie<Subscription<E>> = new SubjectTrie();
  readonly #all: Set<Subscription<E>> = new Set();
  // Who gets events of the subject that came last: most are followed by another of the same.
  #lastSubject: string | undefined;
  #lastFound: readonly Subscription<E>[] = [];
  // How many on this side want a pattern.
  readonly #wanted: Map<string, number> = new Map();
  // Until the peer has said what it wants, it may be about to.
  #isPeerHeard = false;
  #isPeerTold = false;

  /** The connections of a server share the interests of `book`. */
  constructor(port: TopicsPort, book: InterestBook<P>) {
    this.#port = port;
    this.#book = book;
  }

  /** Whether anything was ever wanted on this side. */
  get isUsed(): boolean {
    return this.#isPeerTold;
  }

  /** How many patterns the peer asked for. */
  get interestCount(): number {
    return this.#book.interests.count(this.#book.peer);
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
    this.want(pattern);
    this.#all.add(subscription);
    this.#subscriptions.add(pattern, subscription);
    this.#lastSubject = undefined;
    return subscription;
  }

  /**
   * Asks the peer for a pattern, which must be a good one, unless others on this side have.
   * @throws {HawserError} `limit` for too many patterns at once.
   */
  want(pattern: string): void {
    const count = this.#wanted.get(pattern) ?? 0;
    if (count === 0 && this.#wanted.size >= SUBSCRIPTIONS_MAX) {
      const hint = 'use "*" and ">", or unsubscribe';
      throw new HawserError("limit", `at most ${SUBSCRIPTIONS_MAX} patterns at once: ${hint}`);
    }
    this.#wanted.set(pattern, count + 1);
    if (count > 0) return;
    this.#isPeerTold = true;
    this.#port.sendSubscribe(pattern);
  }

  /** Takes one `want` back. */
  unwant(pattern: string): void {
    const count = this.#wanted.get(pattern) ?? 0;
    if (count > 1) this.#wanted.set(pattern, count - 1);
    else if (this.#wanted.delete(pattern)) this.#port.sendUnsubscribe(pattern);
  }

  /** Whether an event should be sent to the peer: it asked for it, or has not said anything yet. */
  isWanted(subject: string): boolean {
    return !this.#isPeerHeard || this.#book.interests.has(this.#book.peer, subject);
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
    if (this.#book.interests.add(this.#book.peer, pattern) !== "full") return;
    throw new HawserError("protocol", `the peer subscribed to more than ${SUBSCRIPTIONS_MAX} patterns`);
  }

  /** The peer wants a pattern no more; one that it never asked for says that it wants nothing else. */
  handleUnsubscribe(pattern: string): void {
    this.#isPeerHeard = true;
    this.#book.interests.delete(this.#book.peer, pattern);
  }

  /**
   * An event of so many bytes arrived, of which `read` makes what subscribers get; what it throws is told the application.
   * `relay` passes it on if somebody wants that, and returns whether. Returns whether anybody wanted it.
   */
  handleEvent(subject: string, bytes: number, read: () => E, relay?: (hold: Hold) => boolean): boolean {
    const hold = new BytesHold(this.#port, bytes);
    try {
      const isRelayed = relay?.(hold) ?? false;
      const found = this.#find(subject);
      if (found.length > 0) this.#deliver(found, bytes, read, hold);
      else if (!isRelayed) this.#tellPeer();
      return isRelayed || found.length > 0;
    } finally {
      hold.drop();
    }
  }

  /** The connection has ended. */
  handleEnd(error: HawserError | undefined): void {
    this.#book.interests.deletePeer(this.#book.peer);
    for (const subscription of [...this.#all]) subscription.finish(error);
  }

  #find(subject: string): readonly Subscription<E>[] {
    if (subject !== this.#lastSubject) {
      this.#lastFound = this.#subscriptions.match(subject).flatMap((some) => [...some]);
      this.#lastSubject = subject;
    }
    return this.#lastFound;
  }

  // A handler may subscribe or unsubscribe: that makes another list, and this one stays as it is.
  #deliver(found: readonly Subscription<E>[], bytes: number, read: () => E, hold: Hold): void {
    let event: E;
    try {
      event = read();
    } catch (error) {
      return this.#port.handleFailure(error);
    }
    for (const subscription of found) subscription.deliver(event, bytes, hold);
  }

  #handleEnd(subscription: Subscription<E>): void {
    this.#all.delete(subscription);
    this.#subscriptions.delete(subscription.pattern, subscription);
    this.#lastSubject = undefined;
    this.unwant(subscription.pattern);
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
