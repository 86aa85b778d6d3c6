/**
 * Drives one session over one link: the only place where a session meets a clock, a timer and a socket.
 *
 * @module
 */

import { Deferred } from "../deferred.ts";
import { HawserError } from "../errors.ts";
import { LINK_CLOSE_MS_MAX, SLAB_BYTES } from "../limits.ts";
import type { Link, LinkHandler } from "../link.ts";
import {
  isPaced,
  type Peer,
  Session,
  type SessionConfig,
  type SessionEvent,
  type SessionSnapshot,
  Slab,
  type StreamLane,
} from "../session/mod.ts";
import { nextTurn } from "../transports/turn.ts";
import { DeadlineTimer, now } from "./clock.ts";
import { NativeStreams } from "./native_streams.ts";
import { PacketLoans } from "./packet_pool.ts";
import type { PumpHandler } from "./pump_handler.ts";

const slab = new Slab(SLAB_BYTES);

// Packets that follow each other faster than any peer could answer belong to one turn of the event loop.
const BURST_MS_MAX = 0.012;
// From half a packet on there is nothing to gain by waiting.
const BURST_BYTES_MAX = 32 * 1024;
// Below this a packet is a view of a slab.
const LENT_BYTES_MIN = SLAB_BYTES / 4;

// RFC 6455 §7.4.1: what WebSockets say when all is well.
const LINK_CLOSE_NORMAL = 1000;

/** Bytes of the link go into the session, what the session has to say goes out. */
export class Pump implements LinkHandler {
  /** The protocol. */
  readonly session: Session;
  /** The network; another one once the session has gone on over a new link. */
  link: Link;
  /** Whether messages come no faster than at a rate: who takes one says when. */
  readonly isPaced: boolean;
  readonly #handler: PumpHandler;
  readonly #timer: DeadlineTimer = new DeadlineTimer(() => this.#handleDeadline());
  readonly #onWake = () => this.#settle();
  readonly #ended: Deferred<void> = new Deferred();
  #isEnding = false;
  #isWritable = true;
  #isLinkGone = false;
  // Whose link it is now, if not its own, and who has taken over its own.
  #source: Pump | undefined;
  #successor: Pump | undefined;
  // Invariant: true while a microtask will call `#settle`, or `#settle` is under way.
  #isAwake = false;
  // What is said last still has to leave, until then at most.
  #hasLastWord = false;
  #lastWordUntil = Infinity;
  // When the link had taken the last packet.
  #flushedAt = -Infinity;
  // Defined while what just arrived is looked after.
  #receivedAt: number | undefined;
  #natives: NativeStreams | undefined;
  // Only of those that have sent a large packet.
  #loans: PacketLoans | undefined;
  // Invariant: true while a flush waits for the end of the turn.
  #isLate = false;
  readonly #batchDelayMs: number;
  // When small messages that wait for others leave at the latest; Infinity while none do.
  #batchUntil = Infinity;

  /** Starts both at once. */
  constructor(
    link: Link,
    config: Omit<SessionConfig, "traits">,
    handler: PumpHandler,
    snapshot?: SessionSnapshot,
  ) {
    this.link = link;
    this.#handler = handler;
    this.isPaced = isPaced(config.rates);
    this.#batchDelayMs = config.batchDelayMs ?? 0;
    this.session = new Session({ ...config, traits: link.traits }, now(), snapshot);
  }

  /** Begins: from here on the handler is called. */
  start(): void {
    this.link.start(this);
    this.wake();
  }

  /** Resolves when the link is gone, after `handleClosed`. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Something was put into the session: it is looked after within this turn of the event loop. */
  wake(): void {
    if (this.#isAwake) return;
    this.#isAwake = true;
    queueMicrotask(this.#onWake);
  }

  /** Bytes arrived. */
  onReceive(bytes: Uint8Array): void {
    const holder = this.#holder;
    if (holder !== undefined) holder.#receive(bytes);
  }

  /** The link takes more. */
  onDrain(): void {
    const holder = this.#holder;
    if (holder !== undefined) holder.#handleDrain();
  }

  /** The link is gone. */
  onClose(error?: HawserError): void {
    const holder = this.#holder;
    if (holder !== undefined) holder.#handleLinkClosed(error);
  }

  // Who has the link that calls this one; nobody once it was left for another.
  get #holder(): Pump | undefined {
    const successor = this.#successor;
    if (successor === undefined) return this.#source === undefined ? this : undefined;
    return successor.#source === this ? successor : undefined;
  }

  /**
   * The session goes on over the link of `other`, whose own session is over; the peer has heard `received` packets.
   * Returns how many are said again.
   * @throws {HawserError} `protocol` if the peer did not want its session to be resumed; nothing has changed then.
   */
  takeOver(other: Pump, received: number): number {
    const replayed = this.session.resume(other.session, received, now());
    const left = this.#isLinkGone ? undefined : this.link;
    this.link = other.link;
    this.#source = other;
    this.#loans = undefined;
    this.#isLinkGone = other.#isLinkGone;
    this.#isWritable = other.#isWritable;
    other.#leaveTo(this);
    // Whatever it still says is heard by nobody.
    void left?.close({ abort: true });
    // The new link may have brought more than the handshake.
    this.#receive(undefined);
    if (this.#isLinkGone) this.#handleLinkClosed();
    return replayed;
  }

  #leaveTo(successor: Pump): void {
    this.#successor = successor;
    this.#isEnding = true;
    this.#timer.clear();
    this.session.dispose();
    this.#ended.resolve();
  }

  #receive(bytes: Uint8Array | undefined): void {
    const at = now();
    this.#receivedAt = at;
    let isMore = this.session.handleReceive(bytes, at);
    this.#settle();
    this.#receivedAt = undefined;
    // The peer hears of the first packets while the next are opened.
    while (isMore) {
      isMore = this.session.handleReceive(undefined, now());
      this.#settle();
    }
  }

  /** The peer opened a stream of the network. */
  onStream(stream: Link): void {
    this.#nativeStreams.handleStream(stream);
  }

  /**
   * A stream of the network for a stream that is about to be opened, and what lets it ride there; `undefined` where it has
   * to travel beside the messages: the network has no streams, or the peer allows no more of them for now.
   */
  async openNative(): Promise<((streamId: number) => StreamLane) | undefined> {
    if (!this.session.streams.isNative) return undefined;
    try {
      const link = await this.link.openStream?.();
      if (this.session.state === "open") {
        return link && ((streamId) => this.#nativeStreams.carry(link, streamId));
      }
      void link?.close({ abort: true });
    } catch {
      // The peer allows no more for now, or the link is gone, of which the session hears.
    }
    return undefined;
  }

  get #nativeStreams(): NativeStreams {
    return this.#natives ??= new NativeStreams(this.session, () => this.wake());
  }

  #handleDrain(): void {
    this.#isWritable = true;
    this.#settle();
  }

  #handleLinkClosed(error?: HawserError): void {
    this.#isLinkGone = true;
    this.session.handleLinkClosed(error, now());
    this.#settle();
  }

  /** Sends what can leave now. */
  flush(): void {
    if (this.#isBurst()) return this.#flushLater();
    this.#natives?.flush();
    if (this.#batchDelayMs > 0 && this.#isBatch()) return;
    while (this.#isWritable && !this.#isLinkGone) {
      const bytesMax = this.session.packetBytesMax;
      if (bytesMax === 0) return;
      const packet = bytesMax > LENT_BYTES_MIN && this.link.isFlushed !== undefined
        ? this.#transmitLent()
        : this.#transmit(bytesMax);
      if (packet === undefined) return;
      this.#isWritable = this.link.send(packet);
      this.#flushedAt = now();
    }
  }

  #transmit(bytesMax: number): Uint8Array | undefined {
    slab.reserve(bytesMax);
    const length = this.session.transmit(slab.target, slab.at, now());
    return length === 0 ? undefined : slab.take(length);
  }

  #transmitLent(): Uint8Array | undefined {
    const loans = this.#loans ??= new PacketLoans();
    if (this.link.isFlushed) loans.giveBack();
    const packet = loans.lend();
    const length = this.session.transmit(packet, 0, now());
    return length === 0 ? undefined : packet.subarray(0, length);
  }

  /** Ends at once. */
  abort(error: HawserError): void {
    this.#lastWordUntil = now();
    this.session.abort(error);
    this.wake();
  }

  #handleDeadline(): void {
    this.session.handleTimeout(now());
    this.#settle();
  }

  #settle(): void {
    this.#isAwake = true;
    try {
      this.#handleEvents();
      this.#handler.handleMessages();
      this.flush();
      this.#handleEvents();
    } finally {
      this.#isAwake = false;
    }
    if (this.#successor !== undefined) return;
    this.#timer.set(Math.min(this.session.deadline(), this.#batchUntil));
    if (this.session.state === "closed") this.#end();
    this.#handler.handleSettled();
  }

  #handleEvents(): void {
    let event = this.session.takeEvent();
    while (event !== undefined) {
      this.#handleEvent(event);
      event = this.session.takeEvent();
    }
  }

  #handleEvent(event: SessionEvent): void {
    switch (event.type) {
      case "peer":
        return void this.#decide(event.peer);
      case "open":
        return this.#handler.handleOpen();
      case "drained":
        return this.#handler.handleDrained();
      case "pong":
        return this.#handler.handlePong(event.token, event.roundTripMs);
      case "streams":
        return this.#handler.handleStreams();
      case "suspended":
        if (!this.#isLinkGone) void this.link.close({ abort: true });
        this.#isLinkGone = true;
        return this.#handler.handleSuspended?.(event.error);
      case "admitted":
        return this.#handler.handleAdmitted?.(event.received);
      case "closed":
        this.#hasLastWord = this.session.packetBytesMax > 0;
        this.#lastWordUntil = Math.min(this.#lastWordUntil, now() + LINK_CLOSE_MS_MAX);
        return this.#handler.handleClosed(event.info);
    }
  }

  async #decide(peer: Peer): Promise<void> {
    let reason = `the peer ${peer.id} is not one that may be talked to`;
    let welcome = false;
    try {
      const decision = this.#handler.handlePeer(peer);
      welcome = typeof decision === "boolean" ? decision : await decision;
    } catch (cause) {
      reason = cause instanceof HawserError
        ? cause.message
        : `whether the peer ${peer.id} is welcome could not be decided: ${cause}`;
    }
    if (welcome) this.#admit();
    else this.session.refuse(reason, now());
    this.wake();
  }

  #admit(): void {
    // The link may have been lost while it was decided.
    if (this.session.state !== "deciding") return;
    const { claim, early } = this.session;
    if (claim === undefined) {
      const takesEarly = early !== undefined && this.#handler.handleEarly?.(early) === true;
      return this.session.accept(now(), takesEarly);
    }
    try {
      if (this.#handler.handleClaim?.(claim) !== true) this.session.refuseClaim(now());
    } catch (error) {
      if (!(error instanceof HawserError)) throw error;
      this.session.abort(error);
    }
  }

  // Many small packets arrive one by one in one turn of the event loop; what answers them can share one packet.
  #isBurst(): boolean {
    const { session, link } = this;
    return link.traits.inMemory !== true && session.state === "open" && session.queuedBytes > 0 &&
      session.queuedBytes < BURST_BYTES_MAX &&
      (this.#receivedAt ?? now()) - this.#flushedAt < BURST_MS_MAX;
  }

  // With a delay that the user wants, small messages wait for others, and what answers the peer waits with them.
  #isBatch(): boolean {
    const { queuedBytes, state } = this.session;
    const isSmall = state === "open" && queuedBytes > 0 && queuedBytes < BURST_BYTES_MAX;
    const time = now();
    if (isSmall && this.#batchUntil === Infinity) this.#batchUntil = time + this.#batchDelayMs;
    if (isSmall && time < this.#batchUntil) return true;
    this.#batchUntil = Infinity;
    return false;
  }

  #flushLater(): void {
    if (this.#isLate) return;
    this.#isLate = true;
    nextTurn(() => {
      this.#isLate = false;
      this.#flushedAt = -Infinity;
      if (!this.#isEnding) this.#settle();
    });
  }

  // A stranger to whom nothing is said is cut off, and a link that does not take the last word in time.
  #end(): void {
    if (this.#isEnding) return;
    const isUnsaid = this.#hasLastWord && !this.#isLinkGone && this.session.packetBytesMax > 0;
    if (isUnsaid && now() < this.#lastWordUntil) return this.#timer.set(this.#lastWordUntil);
    this.#isEnding = true;
    this.session.dispose();
    this.#natives?.close();
    this.#timer.clear();
    const abort = isUnsaid || !this.#hasLastWord;
    void this.link.close({ abort, code: LINK_CLOSE_NORMAL }).then(() => this.#ended.resolve());
  }
}
