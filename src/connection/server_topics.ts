/**
 * What a server says to many at once: events to those who asked, values to all or some, and events of one client to others.
 *
 * @module
 */

import type { Envelope, ReceivedEnvelope } from "../message/envelope.ts";
import { encodeEnvelope, KIND_EVENT, KIND_VALUE } from "../message/envelope.ts";
import type { Formats } from "../message/formats.ts";
import type { SessionSendOptions } from "../session/mod.ts";
import { Interests } from "../message/interests.ts";
import type { SlowOptions } from "../message/slow_queue.ts";
import { SubjectTrie } from "../message/subject_trie.ts";
import { checkPattern, checkSubject } from "../message/subjects.ts";
import { RELAY_HOPS_MAX, SUBSCRIPTIONS_MAX } from "../topic_limits.ts";
import { HawserError } from "../errors.ts";
import { PATIENT, type PublishOptions } from "./events.ts";
import { Fanout, type FanoutPort, type Parcel } from "./fanout.ts";
import type { Hold } from "./subscription.ts";

const TYPED: SessionSendOptions = { typed: true };

/** A connection of the server. */
export interface ServerPort extends FanoutPort {
  /** Asks the peer for a pattern. */
  wantEvents(pattern: string): void;
  /** Takes that back. */
  unwantEvents(pattern: string): void;
}

/** Passes events on, until it is stopped. */
export interface Relay extends Disposable {
  /** Which. */
  readonly pattern: string;
  /** No more. Safe to call twice. */
  stop(): void;
}

/** The topics of all connections of a server. */
export class ServerTopics<P extends ServerPort> {
  /** Who asked for what. */
  readonly interests: Interests<P> = new Interests();
  readonly #connections: Iterable<P>;
  readonly #formats: Formats;
  readonly #fanout: Fanout<P>;
  readonly #relays: SubjectTrie<string> = new SubjectTrie();
  readonly #relayCounts: Map<string, number> = new Map();

  /** `connections` are the open ones. */
  constructor(connections: Iterable<P>, formats: Formats, slow: SlowOptions = {}) {
    this.#connections = connections;
    this.#formats = formats;
    this.#fanout = new Fanout(slow);
  }

  /** How much was dropped for peers that were slow. */
  get dropped(): number {
    return this.#fanout.dropped;
  }

  /** Whether a peer has not taken what was sent to it. */
  isSlow(connection: P): boolean {
    return this.#fanout.isSlow(connection);
  }

  /** Resolves when nobody keeps the others waiting. */
  drained(): Promise<void> {
    return this.#fanout.drained();
  }

  /** Sends an event to those who asked for it. Returns whether there is room for more. */
  publish(subject: string, value: unknown, options: PublishOptions): boolean {
    checkSubject(subject);
    return this.#publish(undefined, subject, () => this.#parcel(KIND_EVENT, subject, value, options));
  }

  /** Sends a value to some, and bytes of which nothing is said as they are. Returns whether there is room for more. */
  multicast(connections: Iterable<P>, value: unknown, options: PublishOptions): boolean {
    const parcel = value instanceof Uint8Array && isRaw(options)
      ? { bytes: value.slice(), options, format: undefined }
      : this.#parcel(KIND_VALUE, undefined, value, options);
    let hasRoom = true;
    // Once each, whoever is named twice.
    for (const connection of new Set(connections)) {
      hasRoom = this.#fanout.send(connection, parcel) && hasRoom;
    }
    return hasRoom;
  }

  /** Sends a value to all. Returns whether there is room for more. */
  broadcast(value: unknown, options: PublishOptions): boolean {
    return this.multicast(this.#connections, value, options);
  }

  /** Passes events of a pattern on from one client to others. */
  relay(pattern: string): Relay {
    checkPattern(pattern);
    const count = this.#relayCounts.get(pattern) ?? 0;
    if (count === 0 && this.#relayCounts.size >= SUBSCRIPTIONS_MAX) {
      throw new HawserError("limit", `a server relays at most ${SUBSCRIPTIONS_MAX} patterns`);
    }
    this.#relayCounts.set(pattern, count + 1);
    if (this.#relays.add(pattern, pattern)) {
      for (const connection of this.#connections) connection.wantEvents(pattern);
    }
    let isStopped = false;
    const stop = () => {
      if (isStopped) return;
      isStopped = true;
      this.#unrelay(pattern);
    };
    return { pattern, stop, [Symbol.dispose]: stop };
  }

  /** A connection opened. */
  handleOpen(connection: P): void {
    for (const pattern of this.#relayCounts.keys()) connection.wantEvents(pattern);
  }

  /** An event came from a client. Returns whether it is one of those that are passed on. */
  handleEvent(source: P, envelope: ReceivedEnvelope, hold: Hold): boolean {
    const { name: subject = "", ttl = RELAY_HOPS_MAX } = envelope;
    if (this.#relays.match(subject).length === 0) return false;
    if (ttl === 0) return true;
    const hasRoom = this.#publish(source, subject, () => parcelOf(passedOn(envelope, ttl - 1), PATIENT));
    if (hasRoom) return true;
    hold.keep();
    void this.#fanout.drained().then(() => hold.drop());
    return true;
  }

  #publish(source: P | undefined, subject: string, parcelFor: () => Parcel): boolean {
    let parcel: Parcel | undefined;
    let hasRoom = true;
    for (const connection of this.interests.match(subject)) {
      if (connection === source) continue;
      // Made once, and only if somebody wants it.
      parcel ??= parcelFor();
      hasRoom = this.#fanout.send(connection, parcel) && hasRoom;
    }
    return hasRoom;
  }

  #parcel(
    kind: number,
    name: string | undefined,
    value: unknown,
    { headers, ttl, format, ...rest }: PublishOptions,
  ): Parcel {
    const encoded = this.#formats.encode(value, format, this.#formats.capabilities);
    const sending = kind === KIND_EVENT ? PATIENT : TYPED;
    return parcelOf({ kind, name, headers, ttl, ...encoded }, { ...rest, ...sending });
  }

  #unrelay(pattern: string): void {
    const count = this.#relayCounts.get(pattern)!;
    if (count > 1) return void this.#relayCounts.set(pattern, count - 1);
    this.#relayCounts.delete(pattern);
    this.#relays.delete(pattern, pattern);
    for (const connection of this.#connections) connection.unwantEvents(pattern);
  }
}

// Bytes of its own, because they are sent to many, and later.
function parcelOf(envelope: Envelope, options: SessionSendOptions): Parcel {
  return { bytes: encodeEnvelope(envelope), options, format: envelope.format };
}

function passedOn({ kind, name, headers, format, payload }: ReceivedEnvelope, ttl: number): Envelope {
  return { kind, name, headers, ttl, format, payload };
}

function isRaw({ headers, ttl, format }: PublishOptions): boolean {
  return headers === undefined && ttl === undefined && format === undefined;
}
