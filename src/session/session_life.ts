/**
 * The life of a session: the handshake, the decision, the loss of a link and the next, the end.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import {
  CLOSE_ERROR,
  CLOSE_NOT_AUTHORISED,
  CLOSE_SESSION_UNKNOWN,
  type CloseInfo,
  errorOfClose,
  type Peer,
  type SessionConfig,
  type SessionEvent,
} from "./config.ts";
import { Fifo } from "../fifo.ts";
import type { EarlyData } from "./early_guard.ts";
import { Incoming } from "./incoming.ts";
import type { IncomingHandler } from "./received_frames.ts";
import { Lifetime } from "./lifetime.ts";
import { compressionNameTo } from "./negotiation.ts";
import { Opening } from "./opening.ts";
import { Outgoing } from "./outgoing.ts";
import { Pings } from "./pings.ts";
import type { Claim } from "./resumption.ts";
import { SessionStreams } from "./session_streams.ts";
import type { SessionSnapshot } from "./snapshot.ts";
import { nextState, type SessionState, type Transition } from "./states.ts";
import { type LinkState, Survival } from "./survival.ts";

/** A session without what travels in it. */
export abstract class SessionLife implements IncomingHandler {
  /** Its streams. */
  readonly streams: SessionStreams;
  /** What lets it outlive its link. */
  readonly survival: Survival;
  protected readonly config: SessionConfig;
  protected readonly opening: Opening;
  protected readonly incoming: Incoming;
  protected readonly outgoing: Outgoing;
  protected readonly lifetime: Lifetime;
  protected readonly pings: Pings = new Pings();
  protected readonly events: Fifo<SessionEvent> = new Fifo();
  /** Code and reason, once we want to close. */
  protected closing: { readonly code: number; readonly reason: string } | undefined;
  readonly #datagram: boolean;
  #state: SessionState;

  /** An initiator has its first packet ready at once; a responder waits. With a snapshot, what was frozen goes on. */
  constructor(config: SessionConfig, now: number, from?: SessionSnapshot) {
    const { role, traits, limits } = config;
    this.config = config;
    this.#datagram = traits.kind === "datagram";
    this.#state = role === "initiator" ? "await-response" : "await-init";
    this.lifetime = new Lifetime(limits, now);
    this.outgoing = new Outgoing(config, now);
    this.streams = new SessionStreams(config, this.outgoing, () => this.events.push({ type: "streams" }));
    this.incoming = new Incoming(config, this, this.outgoing, this.streams, now, from);
    this.survival = new Survival(config, this.outgoing, this.incoming);
    this.opening = new Opening(config, now, from !== undefined);
    if (from !== undefined) this.#thaw(from, now);
  }

  /** What it takes to go on elsewhere; `undefined` unless it is open, on a sealed ordered lane, with nothing under way. */
  freeze(): SessionSnapshot | undefined {
    const [outgoing, incoming] = [this.outgoing.freeze(), this.incoming.freeze()];
    // What a session that outlives its link keeps and counts goes with its memory.
    const isAtRest = this.#state === "open" && this.events.length === 0 &&
      this.survival.resumption === undefined;
    if (!isAtRest || outgoing === undefined || incoming === undefined) return undefined;
    return { ...outgoing, ...incoming, peer: this.peer! };
  }

  /** Where it stands. */
  get state(): SessionState {
    return this.#state;
  }

  /** Who the peer is, once it has proved it. */
  get peer(): Peer | undefined {
    return this.opening.peer;
  }

  /** The peer is welcome, and what it sent along with its first packet is taken or not. Only after the event `peer`. */
  accept(now: number, takesEarly = false): void {
    if (this.#state !== "deciding" || this.peer === undefined) return;
    try {
      this.#move(this.opening.accept(this.outgoing, this.incoming, now, takesEarly));
      this.survival.handleLanes(this.opening.token);
      this.streams.laneKeys = this.opening.laneKeys;
      // What rides on the network's own streams would be lost with it.
      if (this.survival.resumption !== undefined) this.streams.leaveLink();
      this.openIfDue(now);
    } catch (error) {
      this.handleFault(error);
    }
  }

  /** The peer is not welcome. Only after the event `peer`. */
  refuse(reason: string, now: number): void {
    this.#turnAway(CLOSE_NOT_AUTHORISED, new HawserError("not-authorised", reason), now);
  }

  /** The peer claims a session that is not known. Only after the event `peer`. */
  refuseClaim(now: number): void {
    this.#turnAway(
      CLOSE_SESSION_UNKNOWN,
      new HawserError("session-lost", "the peer claims a session that is over"),
      now,
    );
  }

  /** Asks for an orderly end: what is queued goes out first. Safe to call twice. */
  close(code: number, reason: string, now: number): void {
    if (this.#state === "closed" || this.#state === "closing") return;
    if (this.#state !== "open") return this.end({ code, reason, by: "local" });
    this.#move("close");
    this.closing = { code, reason };
    this.lifetime.close(now);
    this.outgoing.farewell.prepare(code, reason);
  }

  /** Ends at once; the peer hears of it if the link still carries one packet. Safe to call twice. */
  abort(error: HawserError): void {
    this.#fail(error);
  }

  /** The link is gone. */
  handleLinkClosed(error: HawserError | undefined, now: number): void {
    if (this.#state === "closed" || this.#state === "suspended") return;
    if (this.#state === "closing" && this.outgoing.farewell.isSaid) {
      return this.end({ ...this.closing, by: "local" });
    }
    this.handleLost(error ?? new HawserError("closed", "the link ended without a word of the peer"), now);
  }

  /** What an initiator asks for that has been proved: to go on with an earlier session. Only after the event `peer`. */
  get claim(): Claim | undefined {
    return this.opening.claim;
  }

  /** Whether who makes this claim, and has proved to be the peer, may go on with this session: it lives, and knows the token. */
  admits({ token }: Claim): boolean {
    const isAlive = this.#state === "open" || this.#state === "suspended";
    return isAlive && this.survival.resumption?.admits(token) === true;
  }

  /** What came along with an initiator's first packet, which may only have been recorded. Only after the event `peer`. */
  get early(): EarlyData | undefined {
    return this.#state === "deciding" ? this.opening.early : undefined;
  }

  /** Initiators: whether the responder took what went along with the first packet. */
  get isEarlyTaken(): boolean {
    return this.opening.isEarlyTaken;
  }

  /**
   * Goes on over the link of `other`, which is over then. An initiator after the event `admitted` of the other, a
   * responder instead of accepting the other, if this one `admits` its claim. The peer has heard `received` packets.
   * Returns how many are said again.
   * @throws {HawserError} `protocol` if the peer did not want the other to be resumed; nothing has changed here then.
   */
  resume(other: SessionLife, received: number, now: number): number {
    const link = other.handOver(now);
    if (this.#state === "open") this.#suspend(now);
    this.#move("resume");
    this.lifetime.handleReceive(now);
    try {
      const replayed = this.survival.resume(link, received);
      this.incoming.frames.sayWindow();
      return replayed;
    } catch (error) {
      this.handleFault(error);
      return 0;
    }
  }

  /** Gives the link away to the session that goes on, and is over. */
  protected handOver(now: number): LinkState {
    const isResponder = this.config.role === "responder";
    const claimed = isResponder ? this.claim?.token : undefined;
    if (isResponder) {
      this.opening.accept(this.outgoing, this.incoming, now);
      this.survival.handleLanes(this.opening.token);
    }
    const compress = compressionNameTo(this.config, this.peer!) !== undefined;
    const link = this.survival.handOver(compress, claimed);
    this.#move("end");
    this.opening.dispose();
    return link;
  }

  #turnAway(code: number, error: HawserError, now: number): void {
    if (this.#state !== "deciding" || this.peer === undefined) return;
    try {
      this.opening.refuse(this.outgoing, this.incoming, now);
    } catch (error) {
      return this.handleFault(error);
    }
    this.outgoing.farewell.prepare(code, "");
    this.end({ code, by: "local", error });
  }

  #suspend(now: number): void {
    this.#move("suspend");
    this.survival.suspend(now);
    this.streams.leaveLink();
  }

  /** A link that is lost ends no session that can do with another. */
  protected handleLost(error: HawserError, now: number): void {
    if (this.#state !== "open" || this.survival.resumption === undefined) return this.#fail(error);
    this.#suspend(now);
    this.events.push({ type: "suspended", error });
  }

  /** Wipes the keys that the last word needed: nothing leaves any more. Only once it is closed; safe to call twice. */
  dispose(): void {
    this.outgoing.dispose();
    this.opening.dispose();
  }

  /** The next event; `undefined` if nothing happened. */
  takeEvent(): SessionEvent | undefined {
    return this.events.shift();
  }

  handleHandshake(body: Uint8Array, now: number): void {
    const awaited = this.#state;
    const outcome = this.opening.handle(body, now);
    if (outcome === "answer" && awaited === "await-init") this.#move("init");
    // The initiator has not heard ACCEPT, which was lost: say it again.
    if (outcome === "repeated" && this.#state === "open") this.outgoing.controls.accept = true;
    if (outcome !== "identified") return;

    const { roundTripMs } = this.opening;
    if (roundTripMs !== undefined) this.pings.handleSample(roundTripMs);
    this.#move(this.config.role === "initiator" ? "response" : "confirm");
    this.events.push({ type: "peer", peer: this.peer! });
  }

  handleAuthentic(now: number): void {
    this.lifetime.handleReceive(now);
    if (this.opening.handleAuthentic()) this.#move("prove");
  }

  #thaw(from: SessionSnapshot, now: number): void {
    this.opening.thaw(from, this.outgoing, this.incoming, now);
    if (from.streams !== undefined) this.streams.make(from.streams);
    this.#state = "open";
    this.#handleOpen(now);
  }

  #handleOpen(now: number): void {
    this.lifetime.open(now);
    this.opening.handleOpen();
    this.events.push({ type: "open" });
  }

  handleResumed(received: number): void {
    const isClaimed = this.config.claim !== undefined && this.survival.resumption !== undefined;
    if (this.#state !== "await-accept" || !isClaimed) {
      throw new HawserError("protocol", "the peer goes on with a session that nobody claimed");
    }
    this.events.push({ type: "admitted", received });
  }

  handleAccept(): void {
    // An initiator repeats it over datagrams, until it hears something.
    if (this.#datagram && this.config.role === "responder") this.outgoing.controls.accept = true;
    if (this.#state !== "await-accept") return;
    this.opening.stopResending();
    this.#move("accepted");
  }

  // Over datagrams ACCEPT may be lost or late, and beside streams of the network late; messages say as much.
  handleData(): void {
    if (this.#state === "await-accept" && (this.#datagram || this.streams.isNative)) this.handleAccept();
    if (this.#state !== "open" && this.#state !== "closing") {
      throw new HawserError("protocol", "the peer sent messages before it was admitted");
    }
  }

  handleClose(code: number, reason: string): void {
    if (this.closing !== undefined && this.outgoing.farewell.isSaid) {
      return this.end({ ...this.closing, by: "local" });
    }
    this.end({ code, reason, by: "peer", error: errorOfClose(code) });
    this.outgoing.farewell.prepare(code, "");
  }

  /** Tells once that messages may flow. */
  protected openIfDue(now: number): void {
    if (this.#state === "open" && this.lifetime.openedAt === undefined) this.#handleOpen(now);
  }

  /** What goes wrong on our side of the link ends the session, and never reaches whoever called. */
  protected handleFault(error: unknown): void {
    if (!(error instanceof HawserError)) throw error;
    this.#fail(error);
  }

  #fail(error: HawserError): void {
    if (this.#state === "closed") return;
    this.outgoing.farewell.prepare(CLOSE_ERROR, "");
    this.end({ code: CLOSE_ERROR, by: "failure", error });
  }

  /** It is over. */
  protected end(
    { code = CLOSE_ERROR, reason = "", by, error }: Partial<CloseInfo> & Pick<CloseInfo, "by">,
  ): void {
    this.#move("end");
    const unsentMessages = this.outgoing.outbox.clear();
    this.outgoing.controls.clear();
    this.incoming.dispose();
    this.survival.dispose();
    this.opening.dispose();
    this.streams.handleClosed(error);
    this.events.push({ type: "closed", info: { code, reason, by, error, unsentMessages } });
  }

  #move(transition: Transition): void {
    const next = nextState(this.#state, transition);
    if (next === undefined) {
      throw new HawserError("protocol", `${transition} may not happen in ${this.#state}`);
    }
    this.#state = next;
  }

  /** A ping was answered. */
  abstract handlePong(token: number, now: number): void;
}
