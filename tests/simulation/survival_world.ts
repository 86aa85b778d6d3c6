// Two sessions that outlive their links, a clock that is a number, and links that die where the seed or the test says.

import { assert, assertEquals } from "@std/assert";
import { pickCodec } from "../../src/codec/pick.ts";
import { HawserError } from "../../src/errors.ts";
import { BODY_BYTES_MAX, SESSION_LIMITS, type SessionLimits } from "../../src/limits.ts";
import { REPLAY_COST_BYTES } from "../../src/resume_limits.ts";
import {
  CLOSE_SESSION_UNKNOWN,
  type CloseInfo,
  createKeyPair,
  Session,
  type SessionConfig,
} from "../../src/session/mod.ts";
import { Random } from "./random.ts";
import { watch } from "./world.ts";

/** What may differ between worlds. */
export interface SurvivalOptions {
  readonly limits?: Partial<SessionLimits>;
  readonly mtu?: number;
  /** How long bytes are under way at most. */
  readonly delayMsMax?: number;
  /** What a link takes before it wants a pause. */
  readonly linkBytesMax?: number;
  /** Somebody who has the keys and no manners: changes what the initiator is about to seal. */
  readonly mangle?: (body: Uint8Array) => void;
  /** Where all randomness of the two comes from. */
  readonly random?: (length: number) => Uint8Array;
}

/** How a link dies. */
export interface Death {
  /** Of what is under way to the initiator and to the responder, how much still arrives, from 0 to 1. */
  readonly arrives: readonly [number, number];
  /** When the two hear of it, in milliseconds from then; `Infinity`: only by silence. */
  readonly heardMs: readonly [number, number];
}

/** A death that both hear of at once, and of which nothing arrives. */
export const SUDDEN: Death = { arrives: [0, 0], heardMs: [0, 0] };

/** One of the two. */
export class Survivor {
  readonly name: string;
  readonly config: SessionConfig;
  /** The session that goes on. */
  session: Session;
  /** The end of the link that it has; `undefined` while it is suspended. */
  end: End | undefined;
  /** How it ended. */
  info: CloseInfo | undefined;
  /** How often it went on, and how many packets it said again. */
  resumed = 0;
  replayed = 0;

  constructor(name: string, config: SessionConfig) {
    this.name = name;
    this.config = config;
    this.session = new Session(config, 0);
  }
}

/** One end of a link, and the session that has it now. */
class End {
  readonly side: Survivor;
  session: Session;
  /** Bytes on their way to here. */
  readonly flights: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  /** When this end hears that the link is gone. */
  heardAt = Infinity;
  isGone = false;
  other!: End;

  constructor(side: Survivor, session: Session) {
    this.side = side;
    this.session = session;
  }
}

/** Everything of one run. */
export class SurvivalWorld {
  readonly random: Random;
  readonly nonces: Set<string> = new Set();
  readonly initiator: Survivor;
  readonly responder: Survivor;
  now = 0;
  /** Packets that any link was given so far. */
  packets = 0;
  /** Links that were opened so far. */
  links = 0;
  /** Hears of every packet that a link has just been given: the test may cut it. */
  onPacket: ((count: number) => void) | undefined;
  readonly #options: SurvivalOptions;
  #ends: End[] = [];
  #isCut = false;
  #dialAt = Infinity;
  // Responders that have not decided yet.
  readonly #decisions: { readonly at: number; readonly end: End }[] = [];

  constructor(seed: number, options: SurvivalOptions = {}) {
    this.random = new Random(seed);
    this.#options = options;
    this.initiator = new Survivor("initiator", this.#config("initiator"));
    this.responder = new Survivor("responder", this.#config("responder"));
    this.#open(this.initiator.session, this.responder.session);
    [this.initiator.end, this.responder.end] = this.#ends;
  }

  /** The two. */
  get sides(): readonly [Survivor, Survivor] {
    return [this.initiator, this.responder];
  }

  /** Whether messages flow both ways. */
  get isOpen(): boolean {
    return this.sides.every(({ session, end }) => session.state === "open" && end !== undefined);
  }

  /** The newest link dies. Nothing happens if it is dead already. */
  cut({ arrives, heardMs }: Death = SUDDEN): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#ends.slice(-2).forEach((end, index) => {
      end.flights.length = Math.floor(end.flights.length * arrives[index]);
      end.heardAt = Math.max(this.now + heardMs[index], end.flights.at(-1)?.at ?? 0);
    });
  }

  /** Runs until `until` holds, nothing is left to happen, or `msMax` have passed on its clock. */
  run(until: () => boolean, msMax: number): void {
    const last = this.now + msMax;
    this.settle();
    while (!until()) {
      const next = this.#next();
      if (next === Infinity || next > last) {
        this.now = last;
        return;
      }
      this.now = Math.max(this.now, next);
      for (const end of [...this.#ends]) this.#deliver(end);
      this.#decide();
      if (this.now >= this.#dialAt) this.#dial();
      for (const session of this.#sessions()) session.handleTimeout(this.now);
      this.settle();
    }
  }

  /** Takes what has happened, and hands what is to be sent to the links. */
  settle(): void {
    for (const side of this.sides) checkBounds(side);
    for (const end of [...this.#ends]) this.#settle(end);
    for (const side of this.sides) this.#takeEvents(side.session, side, undefined);
    this.#ends = this.#ends.filter((end) =>
      !end.isGone || !end.other.isGone || end.session.state !== "closed"
    );
    if (this.#ends.length > 12) {
      this.#ends = this.#ends.filter((_, index) => index >= this.#ends.length - 4);
    }
  }

  #sessions(): Set<Session> {
    return new Set([
      ...this.sides.map(({ session }) => session),
      ...this.#ends.map(({ session }) => session),
    ]);
  }

  #next(): number {
    let next = this.#dialAt;
    for (const { at } of this.#decisions) next = Math.min(next, at);
    for (const session of this.#sessions()) next = Math.min(next, session.deadline());
    for (const { flights, heardAt, isGone } of this.#ends) {
      if (!isGone) next = Math.min(next, heardAt, flights[0]?.at ?? Infinity);
    }
    return next;
  }

  #deliver(end: End): void {
    while (!end.isGone && end.flights.length > 0 && end.flights[0].at <= this.now) {
      this.#receive(end, end.flights.shift()!.bytes);
    }
    if (!end.isGone && this.now >= end.heardAt) this.#lose(end);
  }

  // This end of a link is gone; the other hears of it soon.
  #lose(end: End): void {
    if (end.isGone) return;
    end.isGone = true;
    end.other.heardAt = Math.min(end.other.heardAt, this.now + 50);
    end.session.handleLinkClosed(undefined, this.now);
    this.#settle(end);
  }

  #receive(end: End, bytes: Uint8Array | undefined): void {
    let isMore = end.session.handleReceive(bytes, this.now);
    this.#settle(end);
    while (isMore) {
      // A link may die between two turns of what came over it.
      if (this.random.chance(0.02)) this.#lose(end);
      isMore = end.session.handleReceive(undefined, this.now);
      this.#settle(end);
    }
  }

  #settle(end: End): void {
    this.#takeEvents(end.session, end.side, end);
    const { linkBytesMax = Infinity } = this.#options;
    while (!end.isGone && waiting(end.other) < linkBytesMax) {
      const size = end.session.packetBytesMax;
      if (size === 0) break;
      const packet = new Uint8Array(size);
      const length = end.session.transmit(packet, 0, this.now);
      if (length === 0) break;
      this.#carry(end, packet.subarray(0, length));
    }
    this.#takeEvents(end.session, end.side, end);
  }

  #carry({ other }: End, packet: Uint8Array): void {
    if (!this.#isCut || !this.#ends.slice(-2).includes(other)) this.#schedule(other, packet);
    this.packets++;
    this.onPacket?.(this.packets);
  }

  #schedule(to: End, packet: Uint8Array): void {
    if (to.isGone || to.heardAt < Infinity) return;
    const { delayMsMax = 0 } = this.#options;
    const at = Math.max(this.now + 1 + this.random.next() * delayMsMax, to.flights.at(-1)?.at ?? 0);
    const cut = this.random.between(0, packet.length);
    for (const bytes of [packet.subarray(0, cut), packet.subarray(cut)]) to.flights.push({ at, bytes });
  }

  #takeEvents(session: Session, side: Survivor, end: End | undefined): void {
    for (let event = session.takeEvent(); event !== undefined; event = session.takeEvent()) {
      if (event.type === "peer") this.#handlePeer(session, side, end!);
      if (event.type === "suspended") this.#handleSuspended(side);
      if (event.type === "admitted") this.#handleAdmitted(session, side, end!, event.received);
      if (event.type === "closed") this.#handleClosed(session, side, end, event.info);
    }
  }

  // Whoever has given up meanwhile gives up the attempt, too.
  #handleAdmitted(session: Session, side: Survivor, end: End, received: number): void {
    if (side.session.state === "suspended") this.#resume(side, end, received);
    else session.abort(new HawserError("closed", "the attempt was given up"));
  }

  #handlePeer(session: Session, side: Survivor, end: End): void {
    if (side === this.initiator) return session.accept(this.now);
    const isSlow = this.random.chance(0.2) && session.claim !== undefined;
    this.#decisions.push({ at: this.now + (isSlow ? this.random.next() * 200 : 0), end });
    this.#decide();
  }

  // As a listener does: whoever claims a session that is known goes on with it.
  #decide(): void {
    for (const decision of this.#decisions.filter(({ at }) => at <= this.now)) {
      this.#decisions.splice(this.#decisions.indexOf(decision), 1);
      const { end } = decision;
      const { session, side } = end;
      if (session.state !== "deciding") continue;
      if (session.claim === undefined) session.accept(this.now);
      else if (side.session.admits(session.claim)) this.#resume(side, end, session.claim.received);
      else session.refuseClaim(this.now);
    }
  }

  #resume(side: Survivor, end: End, received: number): void {
    if (side.end !== undefined && side.end !== end) side.end.isGone = true;
    const replayed = side.session.resume(end.session, received, this.now);
    end.session = side.session;
    side.end = end;
    side.resumed++;
    side.replayed += replayed;
    this.#receive(end, undefined);
  }

  #handleSuspended(side: Survivor): void {
    if (side.end !== undefined) side.end.isGone = true;
    side.end = undefined;
    if (side === this.initiator) this.#dialAt = this.now + 1 + this.random.next() * 50;
  }

  #handleClosed(session: Session, side: Survivor, end: End | undefined, info: CloseInfo): void {
    if (session === side.session) {
      side.info = info;
      this.#dialAt = Infinity;
      if (end !== undefined) end.heardAt = Math.min(end.heardAt, this.now + 50);
      return;
    }
    if (side === this.responder || end!.session !== session) return;
    if (info.code === CLOSE_SESSION_UNKNOWN) {
      this.initiator.session.abort(
        new HawserError("session-lost", "the responder does not know the session"),
      );
    } else if (this.initiator.session.state === "suspended") {
      this.#dialAt = this.now + 1 + this.random.next() * 50;
    }
  }

  #dial(): void {
    this.#dialAt = Infinity;
    const { session } = this.initiator;
    if (session.state !== "suspended") return;
    const { claim } = session.survival.resumption!;
    this.#open(
      new Session({ ...this.initiator.config, claim }, this.now),
      new Session(this.responder.config, this.now),
    );
  }

  #open(near: Session, far: Session): void {
    this.links++;
    this.#isCut = false;
    const ends = [new End(this.initiator, near), new End(this.responder, far)];
    [ends[0].other, ends[1].other] = [ends[1], ends[0]];
    this.#ends.push(...ends);
  }

  #config(role: "initiator" | "responder"): SessionConfig {
    const isInitiator = role === "initiator";
    return {
      role,
      traits: { kind: "stream", mtu: this.#options.mtu },
      codec: watch(pickCodec(), this.nonces, isInitiator ? this.#options.mangle : undefined),
      staticKey: createKeyPair(this.random.bytes(32)),
      terms: { patterns: ["XX"] },
      random: this.#options.random ?? ((length) => this.random.bytes(length)),
      metadata: {},
      compression: this.random.chance(0.7) ? [] : ["lz4"],
      resume: true,
      plain: false,
      limits: { ...SESSION_LIMITS, ...this.#options.limits },
    };
  }
}

function checkBounds({ session, config: { limits } }: Survivor): void {
  assert(session.queuedBytes <= limits.sendQueueBytesMax, "the send queue is over its bound");
  const log = session.survival.resumption?.log;
  if (log === undefined) return;
  // The last packet may begin below the bound.
  const bytesMax = limits.replayBytesMax + BODY_BYTES_MAX + REPLAY_COST_BYTES;
  assert(log.bytes <= bytesMax, `${log.bytes} bytes are kept to be said again`);
  assert(log.count - log.acknowledged <= log.bytes, "packets without bytes are kept");
}

/** At the end of all: nothing is kept that the peer has, and both know the session by the same token. */
export function assertQuiet(world: SurvivalWorld): void {
  const [one, other] = world.sides.map(({ session }) => session.survival.resumption!);
  for (const [from, to] of [[one, other], [other, one]]) {
    assertEquals(from.log.count, to.received, "both count the same packets");
    assertEquals([from.log.bytes, from.log.toReplay], [0, 0], "what was heard is not kept");
  }
  assertEquals(one.tokens.at(-1), other.tokens.at(-1));
}

function waiting({ flights }: End): number {
  return flights.reduce((bytes, flight) => bytes + flight.bytes.length, 0);
}
