/**
 * Events of one connection on their way in and out: what the peer publishes to us, and we to the peer.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { Fifo } from "../fifo.ts";
import {
  KIND_EVENT,
  KIND_SUBSCRIBE,
  KIND_UNSUBSCRIBE,
  type MessageHeaders,
  NO_HEADERS,
  type ReceivedEnvelope,
} from "../message/envelope.ts";
import type { SlowOptions } from "../message/slow_queue.ts";
import { checkSubject, faultOfSubject } from "../message/subjects.ts";
import type { Peer, SessionSendOptions } from "../session/mod.ts";
import { now } from "./clock.ts";
import type { Messenger, MessengerPart } from "./messenger.ts";
import type { EventHandler, Hold, Subscription } from "./subscription.ts";
import { type InterestBook, Topics } from "./topics.ts";

/** What is known of an event beside its value. */
export interface EventInfo {
  /** Names and values that go along. */
  readonly headers: MessageHeaders;
  /** How often it may still be passed on; `undefined` if nobody said. */
  readonly ttl: number | undefined;
  /** Who sent it to us: whoever published it, or a server that passed it on. */
  readonly peer: Peer;
}

/** An event, as subscribers get it. All of one connection get the same object. */
export interface TopicEvent {
  /** What it is about. */
  readonly subject: string;
  /** What it says. */
  readonly value: unknown;
  /** What else is known of it. */
  readonly info: EventInfo;
}

/** How to publish. */
export interface PublishOptions {
  /** From 0 to 255, 128 by default: what is urgent overtakes. Events of one priority stay in order. */
  readonly priority?: number;
  /** The name of a channel: its events stay in order, and do not wait for others. */
  readonly channel?: string;
  /** Names and values that go along. */
  readonly headers?: MessageHeaders;
  /** How often it may be passed on, 0 to 255. */
  readonly ttl?: number;
  /** The name of a format. Default: bytes and texts as they are, the rest as the connection prefers. */
  readonly format?: string;
  /** Try to compress it. Default true. */
  readonly compress?: boolean;
}

/** Passes an event of the peer on to others. Returns whether it is one of those that are passed on. */
export type RelayEvent = (envelope: ReceivedEnvelope, hold: Hold) => boolean;

/** Events may wait long for a slow subscriber: replies must come through meanwhile. */
export const PATIENT: SessionSendOptions = { typed: true, patient: true };

/** What events are made with. */
export interface EventParts {
  /** Where it is noted what the peer wants. */
  readonly book: InterestBook<unknown>;
  /** Of a server. */
  readonly relay?: RelayEvent;
}

interface Early {
  readonly envelope: ReceivedEnvelope;
  readonly bytes: number;
}

/** The events of one connection. */
export class Events implements MessengerPart {
  /** Who subscribed to what. */
  readonly topics: Topics<TopicEvent>;
  readonly #messenger: Messenger;
  readonly #relay: RelayEvent | undefined;
  // Events that came before the first subscription: an application that was just connected is about to subscribe.
  readonly #earlyMsMax: number;
  #early: Fifo<Early> | undefined;
  #earlyUntil: number | undefined;

  /** Serves events and what belongs to them. For `earlyMsMax` milliseconds events wait for the first subscription. */
  constructor(messenger: Messenger, { book, relay }: EventParts, earlyMsMax: number) {
    this.#messenger = messenger;
    this.#earlyMsMax = earlyMsMax;
    this.#relay = relay;
    this.topics = new Topics({
      sendSubscribe: (name) => messenger.trySend({ kind: KIND_SUBSCRIBE, name }),
      sendUnsubscribe: (name) => messenger.trySend({ kind: KIND_UNSUBSCRIBE, name }),
      release: (bytes) => messenger.release(bytes),
      handleFailure: (cause) => messenger.host.handleFailure(cause),
    }, book);
    messenger.add(this);
    messenger.on(KIND_EVENT, (envelope, bytes) => this.#handleEvent(envelope, bytes));
    messenger.on(KIND_SUBSCRIBE, ({ name = "" }) => this.topics.handleSubscribe(name));
    messenger.on(KIND_UNSUBSCRIBE, ({ name = "" }) => this.topics.handleUnsubscribe(name));
  }

  /** Publishes to the peer, if it wants that. Returns `false` above the high-water mark of the send queue. */
  publish(subject: string, value: unknown, options: PublishOptions = {}): boolean {
    checkSubject(subject);
    const messenger = this.#messenger;
    if (!this.topics.isWanted(subject)) return !messenger.isCongested;
    const { headers, ttl, format, ...rest } = options;
    const encoded = messenger.encode(value, format);
    const envelope = { kind: KIND_EVENT, name: subject, headers, ttl, ...encoded };
    return messenger.send(envelope, { ...rest, ...PATIENT });
  }

  /** Subscribes to what the peer publishes. */
  subscribe(
    pattern: string,
    options: SlowOptions,
    handler: EventHandler<TopicEvent> | undefined,
  ): Subscription<TopicEvent> {
    const subscription = this.topics.subscribe(pattern, options, handler);
    // Those that are made in one go all get them.
    if (this.#early !== undefined) queueMicrotask(() => this.#handleEarly());
    return subscription;
  }

  /** Asks for a pattern for the sake of others. */
  want(pattern: string): void {
    this.topics.want(pattern);
    this.#handleEarly();
  }

  get isIdle(): boolean {
    return !this.topics.isUsed && this.topics.interestCount === 0 && this.#early === undefined;
  }

  deadline(): number {
    return this.#early === undefined ? Infinity : this.#earlyUntil!;
  }

  handleTimeout(now: number): void {
    if (now >= this.deadline()) this.#handleEarly();
  }

  handleEnd(): void {
    this.topics.handleEnd(this.#messenger.host.failure());
  }

  #handleEvent(envelope: ReceivedEnvelope, bytes: number): boolean {
    const { name: subject = "" } = envelope;
    const fault = faultOfSubject(subject);
    if (fault !== undefined) {
      throw new HawserError("protocol", `the peer published what it may not: ${fault}`);
    }
    if (this.#mustWait()) (this.#early ??= new Fifo()).push({ envelope, bytes });
    else this.#deliver(envelope, subject, bytes);
    // Released by whoever holds it last.
    return true;
  }

  #deliver(envelope: ReceivedEnvelope, subject: string, bytes: number): void {
    const { headers = NO_HEADERS, ttl } = envelope;
    const messenger = this.#messenger;
    const relay = this.#relay;
    this.topics.handleEvent(
      subject,
      bytes,
      () => ({
        subject,
        value: messenger.decode(envelope),
        info: { headers, ttl, peer: messenger.host.peer },
      }),
      relay === undefined ? undefined : (hold) => relay(envelope, hold),
    );
  }

  #mustWait(): boolean {
    if (this.#early !== undefined) return true;
    if (this.topics.isUsed || this.#earlyUntil !== undefined) return false;
    this.#earlyUntil = now() + this.#earlyMsMax;
    this.#messenger.arm(this.#earlyUntil);
    return true;
  }

  #handleEarly(): void {
    const early = this.#early;
    this.#early = undefined;
    for (let next = early?.shift(); next !== undefined; next = early?.shift()) {
      this.#deliver(next.envelope, next.envelope.name!, next.bytes);
    }
  }
}
