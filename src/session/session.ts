/**
 * The protocol state machine of two peers.
 *
 * Bytes come in through `handleReceive`, time through `handleTimeout`; what is
 * to be sent is drained with `transmit`, what has arrived with `takeMessage`,
 * what has happened with `takeEvent`. Nothing here reads a clock, holds a
 * timer, or touches a socket. Times are milliseconds on the driver's clock.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import {
  CLOSE_ERROR,
  CLOSE_NOT_AUTHORISED,
  type CloseInfo,
  errorOfClose,
  type Peer,
  type SessionConfig,
  type SessionEvent,
  type SessionSendOptions,
} from "./config.ts";
import { Fifo } from "../fifo.ts";
import type { ApplicationFrame } from "./inbox.ts";
import { Incoming, type IncomingHandler } from "./incoming.ts";
import { Lifetime } from "./lifetime.ts";
import { compressionNameTo, isPlain } from "./negotiation.ts";
import { Opening } from "./opening.ts";
import { Outgoing } from "./outgoing.ts";
import { Pings } from "./pings.ts";
import { SessionStreams } from "./session_streams.ts";
import type { SessionSnapshot } from "./snapshot.ts";
import { nextState, notOpen, type SessionState, type Transition } from "./states.ts";
import { flowStats, type SessionStats, timeStats } from "./stats.ts";

/** One side of a conversation. */
export class Session implements IncomingHandler {
  /** Its streams. */
  readonly streams: SessionStreams;
  readonly #config: SessionConfig;
  readonly #datagram: boolean;
  readonly #opening: Opening;
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  readonly #lifetime: Lifetime;
  readonly #pings: Pings = new Pings();
  readonly #events: Fifo<SessionEvent> = new Fifo();
  #state: SessionState;
  #closing: { readonly code: number; readonly reason: string } | undefined;

  /** An initiator has its first packet ready at once; a responder waits. With a snapshot, what was frozen goes on. */
  constructor(config: SessionConfig, now: number, from?: SessionSnapshot) {
    const { role, traits, limits } = config;
    this.#config = config;
    this.#datagram = traits.kind === "datagram";
    this.#state = role === "initiator" ? "await-response" : "await-init";
    this.#lifetime = new Lifetime(limits, now);
    this.#outgoing = new Outgoing(config, now);
    this.streams = new SessionStreams(config, this.#outgoing, () => this.#events.push({ type: "streams" }));
    this.#incoming = new Incoming(config, this, this.#outgoing, this.streams, now, from);
    this.#opening = new Opening(config, now, from !== undefined);
    if (from !== undefined) this.#thaw(from, now);
  }

  /** What it takes to go on elsewhere; `undefined` unless it is open, on a sealed ordered lane, with nothing under way. */
  freeze(): SessionSnapshot | undefined {
    const [outgoing, incoming] = [this.#outgoing.freeze(), this.#incoming.freeze()];
    const isAtRest = this.#state === "open" && this.#events.length === 0;
    if (!isAtRest || outgoing === undefined || incoming === undefined) return undefined;
    return { ...outgoing, ...incoming, peer: this.peer! };
  }

  /** Where it stands. */
  get state(): SessionState {
    return this.#state;
  }

  /** Who the peer is, once it has proved it. */
  get peer(): Peer | undefined {
    return this.#opening.peer;
  }

  /** Bytes that wait to be sent. */
  get queuedBytes(): number {
    return this.#outgoing.outbox.state.bytes;
  }

  /** Whether the queue is above the high-water mark, and `drained` will follow. */
  get isCongested(): boolean {
    return this.#outgoing.isCongested;
  }

  /** How hard it is to send, from 0 (nothing waits) to 1: how full the queue is, or the peer's window. */
  get pressure(): number {
    return this.#outgoing.pressure;
  }

  /** The largest message that travels in one packet of this link. */
  get wholeMessageBytesMax(): number {
    return this.#outgoing.wholeMessageBytesMax;
  }

  /**
   * Queues a message; its bytes must stay as they are until they have left, or `keepLast` has a copy of them. Returns
   * `false` when the queue is now above its high-water mark.
   * @throws {HawserError} `closed`, `packet-too-large` or `backpressure`; nothing is queued then.
   */
  send(message: Uint8Array, options?: SessionSendOptions): boolean {
    if (this.#state !== "open") throw notOpen(this.#state);
    this.#outgoing.push(message, options);
    return !this.#outgoing.isCongested;
  }

  /** Puts a copy in place of the message that was sent last, if any of it still waits. */
  keepLast(copy: () => Uint8Array): void {
    this.#outgoing.outbox.keepLast(copy);
  }

  /**
   * Queues a frame of one of the application's own types; returns as `send` does.
   * @throws {HawserError} as `send`.
   */
  sendFrame(type: number, bytes: Uint8Array): boolean {
    if (this.#state !== "open") throw notOpen(this.#state);
    this.#outgoing.pushFrame(type, bytes);
    return !this.#outgoing.isCongested;
  }

  /** Frames of these types wait for `takeFrame`; all others are passed over. */
  set frameTypes(types: Pick<ReadonlySet<number>, "has"> | undefined) {
    this.#incoming.frameTypes = types;
  }

  /** The next frame of a type that is wanted; `undefined` if none waits. */
  takeFrame(): ApplicationFrame | undefined {
    const frame = this.#incoming.inbox.takeFrame();
    if (frame !== undefined) this.#updateWindow();
    return frame;
  }

  /** Sends a ping; its pong comes as an event with the same token. */
  ping(now: number): number {
    const token = this.#pings.next(now);
    this.#outgoing.controls.ping = token;
    return token;
  }

  /** The peer is welcome. Only after the event `peer`. */
  accept(now: number): void {
    if (this.#state !== "deciding" || this.peer === undefined) return;
    try {
      this.#move(this.#opening.accept(this.#outgoing, this.#incoming, now));
      this.#openIfDue(now);
    } catch (error) {
      this.#handleFault(error);
    }
  }

  /** The peer is not welcome. Only after the event `peer`. */
  refuse(reason: string, now: number): void {
    if (this.#state !== "deciding" || this.peer === undefined) return;
    try {
      this.#opening.refuse(this.#outgoing, this.#incoming, now);
    } catch (error) {
      return this.#handleFault(error);
    }
    this.#outgoing.close(CLOSE_NOT_AUTHORISED, "");
    this.#end({ code: CLOSE_NOT_AUTHORISED, by: "local", error: new HawserError("not-authorised", reason) });
  }

  /** Asks for an orderly end: what is queued goes out first. Safe to call twice. */
  close(code: number, reason: string, now: number): void {
    if (this.#state === "closed" || this.#state === "closing") return;
    if (this.#state !== "open") return this.#end({ code, reason, by: "local" });
    this.#move("close");
    this.#closing = { code, reason };
    this.#lifetime.close(now);
    this.#outgoing.close(code, reason);
  }

  /** Ends at once; the peer hears of it if the link still carries one packet. Safe to call twice. */
  abort(error: HawserError): void {
    this.#fail(error);
  }

  /**
   * Bytes of the link arrived; they may be reused when this returns. Without bytes: goes on with those that came before.
   * Returns whether there may be more to go on with, once the application has taken its messages.
   */
  handleReceive(bytes: Uint8Array | undefined, now: number): boolean {
    if (this.#state === "closed") return false;
    let isMore = false;
    try {
      isMore = bytes === undefined ? this.#incoming.handleRest(now) : this.#incoming.receive(bytes, now);
      this.#openIfDue(now);
    } catch (error) {
      this.#handleFault(error);
    }
    this.#updateWindow(now);
    return isMore;
  }

  /** The link is gone. */
  handleLinkClosed(error: HawserError | undefined): void {
    if (this.#state === "closed") return;
    if (this.#state === "closing" && this.#outgoing.isCloseSent) {
      return this.#end({ ...this.#closing, by: "local" });
    }
    this.#fail(error ?? new HawserError("closed", "the link ended without a word of the peer"));
  }

  /** Time has passed: does what is due. Safe to call early or twice. */
  handleTimeout(now: number): void {
    if (this.#state === "closed") return;
    try {
      this.#incoming.handleTimeout(now);
      this.#updateWindow(now);
      this.#outgoing.handleTimeout(now);
      this.#updateCongestion();
      if (this.#opening.handleTimeout(now)) this.#outgoing.controls.accept = true;
      if (this.#closing !== undefined && this.#outgoing.isCloseExhausted) {
        return this.#end({ ...this.#closing, by: "local" });
      }
      if (this.#lifetime.handleTimeout(now)) this.ping(now);
      this.#openIfDue(now);
    } catch (error) {
      this.#handleFault(error);
    }
  }

  /** When `handleTimeout` has something to do; `Infinity` if never. */
  deadline(): number {
    if (this.#state === "closed") return Infinity;
    return Math.min(
      this.#opening.deadline(),
      this.#lifetime.deadline(),
      this.#incoming.deadline(),
      this.#outgoing.deadline(),
    );
  }

  /** How large the buffer for the next packet must be; 0 if nothing waits. */
  get packetBytesMax(): number {
    return this.#opening.pendingBytes || this.#outgoing.packetBytesMax;
  }

  /** Writes the next packet into `target`, which has `packetBytesMax` bytes from `at` on; returns its length, or 0 if nothing can leave. */
  transmit(target: Uint8Array, at: number, now: number): number {
    const body = this.#opening.takePending();
    if (body !== undefined) return this.#outgoing.transmitHandshake(body, target, at);
    const bytes = this.#outgoing.transmit(target, at, now);
    if (this.#outgoing.isCongested) this.#updateCongestion();
    return bytes;
  }

  /** Wipes the keys that the last word needed: nothing leaves any more. Only once it is closed; safe to call twice. */
  dispose(): void {
    this.#outgoing.dispose();
    this.#opening.dispose();
  }

  /** The next message for the application; `undefined` if none waits, or a rate says that it is too soon. */
  takeMessage(now?: number): Uint8Array | undefined {
    const message = this.#incoming.take(now);
    if (message !== undefined) this.#updateWindow(now);
    return message;
  }

  /** The next message for the message layer, which says with `releaseTyped` when it is done with it; `undefined` if none waits. */
  takeTyped(now?: number): Uint8Array | undefined {
    return this.#incoming.takeTyped(now);
  }

  /** The message layer is done with a message of `length` bytes: to be called once for each that it took. */
  releaseTyped(length: number): void {
    this.#incoming.inbox.releaseTyped(length);
    this.#updateWindow();
  }

  /** The next event; `undefined` if nothing happened. */
  takeEvent(): SessionEvent | undefined {
    return this.#events.shift();
  }

  /** What was counted so far. */
  stats(now: number): SessionStats {
    return {
      ...flowStats(this.#outgoing, this.#incoming, now),
      ...timeStats(this.#lifetime, now),
      roundTripMs: this.#pings.roundTripMs,
      codec: this.#config.codec.choice,
      compression: this.peer && compressionNameTo(this.#config, this.peer),
      sealed: this.peer !== undefined && !isPlain(this.peer),
    };
  }

  handleHandshake(body: Uint8Array, now: number): void {
    const awaited = this.#state;
    const outcome = this.#opening.handle(body, now);
    if (outcome === "answer" && awaited === "await-init") this.#move("init");
    // The initiator has not heard ACCEPT, which was lost: say it again.
    if (outcome === "repeated" && this.#state === "open") this.#outgoing.controls.accept = true;
    if (outcome !== "identified") return;

    const { roundTripMs } = this.#opening;
    if (roundTripMs !== undefined) this.#pings.handleSample(roundTripMs);
    this.#move(this.#config.role === "initiator" ? "response" : "confirm");
    this.#events.push({ type: "peer", peer: this.peer! });
  }

  handleAuthentic(now: number): void {
    this.#lifetime.handleReceive(now);
    if (this.#opening.handleAuthentic()) this.#move("prove");
  }

  #thaw(from: SessionSnapshot, now: number): void {
    this.#opening.thaw(from, this.#outgoing, this.#incoming, now);
    if (from.streams !== undefined) this.streams.make(from.streams);
    this.#state = "open";
    this.#handleOpen(now);
  }

  #handleOpen(now: number): void {
    this.#lifetime.open(now);
    this.#opening.handleOpen();
    this.#events.push({ type: "open" });
  }

  handleAccept(): void {
    // An initiator repeats it over datagrams, until it hears something.
    if (this.#datagram && this.#config.role === "responder") this.#outgoing.controls.accept = true;
    if (this.#state !== "await-accept") return;
    this.#opening.stopResending();
    this.#move("accepted");
  }

  // Over datagrams ACCEPT may be lost or late; messages say as much.
  handleData(): void {
    if (this.#state === "await-accept" && this.#datagram) this.handleAccept();
    if (this.#state !== "open" && this.#state !== "closing") {
      throw new HawserError("protocol", "the peer sent messages before it was admitted");
    }
  }

  handlePong(token: number, now: number): void {
    const roundTripMs = this.#pings.handlePong(token, now);
    if (roundTripMs !== undefined) this.#events.push({ type: "pong", token, roundTripMs });
  }

  handleClose(code: number, reason: string): void {
    if (this.#closing !== undefined && this.#outgoing.isCloseSent) {
      return this.#end({ ...this.#closing, by: "local" });
    }
    this.#end({ code, reason, by: "peer", error: errorOfClose(code) });
    this.#outgoing.close(code, "");
  }

  #updateWindow(now?: number): void {
    if (this.#lifetime.openedAt !== undefined) this.#incoming.updateWindow(now);
  }

  #updateCongestion(): void {
    if (this.#outgoing.takeDrained()) this.#events.push({ type: "drained" });
  }

  #openIfDue(now: number): void {
    if (this.#state === "open" && this.#lifetime.openedAt === undefined) this.#handleOpen(now);
  }

  // What goes wrong on our side of the link ends the session, and never reaches whoever called.
  #handleFault(error: unknown): void {
    if (!(error instanceof HawserError)) throw error;
    this.#fail(error);
  }

  #fail(error: HawserError): void {
    if (this.#state === "closed") return;
    this.#outgoing.close(CLOSE_ERROR, "");
    this.#end({ code: CLOSE_ERROR, by: "failure", error });
  }

  #end({ code = CLOSE_ERROR, reason = "", by, error }: Partial<CloseInfo> & Pick<CloseInfo, "by">): void {
    this.#move("end");
    const unsentMessages = this.#outgoing.outbox.clear();
    this.#outgoing.controls.clear();
    this.#incoming.dispose();
    this.#opening.dispose();
    this.streams.handleClosed(error);
    this.#events.push({ type: "closed", info: { code, reason, by, error, unsentMessages } });
  }

  #move(transition: Transition): void {
    const next = nextState(this.#state, transition);
    if (next === undefined) {
      throw new HawserError("protocol", `${transition} may not happen in ${this.#state}`);
    }
    this.#state = next;
  }
}
