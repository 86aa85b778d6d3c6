// Two sessions, a clock that is a number, and a link that misbehaves by seed.

import { nativeCompressor } from "../../src/codec/body_compressor.ts";
import type { Codec, LaneOptions, Sealer, SealOptions } from "../../src/codec/codec.ts";
import { pickCodec } from "../../src/codec/pick.ts";
import { SESSION_LIMITS, type SessionLimits } from "../../src/limits.ts";
import { sessionIdFrom } from "../../src/session/datagram.ts";
import {
  type CloseInfo,
  createKeyPair,
  type EarlyData,
  type KeyPair,
  Session,
  type SessionConfig,
  type SessionEvent,
} from "../../src/session/mod.ts";
import type { HandshakeTerms } from "../../src/session/patterns.ts";
import type { SessionRates } from "../../src/session/throttle.ts";
import { Random } from "./random.ts";

/** What the link does to what it carries. Probabilities are per packet. */
export interface Weather {
  readonly kind: "stream" | "datagram";
  readonly mtu: number | undefined;
  readonly loss: number;
  readonly duplication: number;
  readonly corruption: number;
  readonly delayMsMax: number;
  /** Somebody in the middle: sees every packet to a side, and says what goes on instead. */
  readonly intercept?: (to: Side, packet: Uint8Array) => readonly Uint8Array[];
}

/** What else may differ between worlds. */
export interface WorldOptions {
  readonly limits?: Partial<SessionLimits>;
  /** The responder's byte engine; the initiator always has the best. */
  readonly responderCodec?: Codec;
  /** An initiator that has the keys and no manners: changes what it is about to seal. */
  readonly mangle?: (body: Uint8Array) => void;
  /** Who would leave packets unsealed: the initiator, the responder. */
  readonly plain?: readonly [boolean, boolean];
  /** Which handshakes the initiator and the responder want. Whoever needs the responder's key, and names none, has it. */
  readonly terms?: readonly [HandshakeTerms, HandshakeTerms];
  /** Whether the link claims to be in memory. */
  readonly inMemory?: boolean;
  /** Whether the link claims to have streams beside it. */
  readonly nativeStreams?: boolean;
  /** What the initiator and the responder compress with; by default one of several choices each, by the seed. */
  readonly compression?: readonly [SessionConfig["compression"], SessionConfig["compression"]];
  /** What the initiator sends along with INIT, and what its clock says then. */
  readonly early?: SessionConfig["early"];
  /** Decides whether the responder takes it. */
  readonly takesEarly?: (early: EarlyData, now: number) => boolean;
  /** What may pass, for the initiator and for the responder. */
  readonly rates?: readonly [SessionRates?, SessionRates?];
}

const ZSTD = nativeCompressor("zstd")!;
const GZIP = nativeCompressor("gzip")!;

/** Half of the worlds' sides compress nothing, most of the others with what is fast. */
const CHOICES: readonly SessionConfig["compression"][] = [
  [],
  [],
  [],
  [],
  [],
  ["lz4"],
  ["lz4"],
  ["lz4", ZSTD, GZIP],
  [ZSTD, "lz4"],
  [GZIP, "lz4", ZSTD],
];
const XX: HandshakeTerms = { patterns: ["XX"] };

/** A link that does nothing wrong. */
export const FAIR: Omit<Weather, "kind"> = {
  mtu: undefined,
  loss: 0,
  duplication: 0,
  corruption: 0,
  delayMsMax: 0,
};

/** One end of the simulated link. */
export interface Side {
  readonly name: string;
  session: Session;
  /** What the session was made of. */
  readonly config: SessionConfig;
  readonly received: Uint8Array[];
  /** What came along with INIT and was taken. */
  readonly early: Uint8Array[];
  readonly events: SessionEvent[];
  info: CloseInfo | undefined;
  /** Takes only some of its messages each time. */
  isSlow: boolean;
  /** Accepts its peer. */
  welcomes: boolean;
}

interface Delivery {
  readonly at: number;
  readonly order: number;
  readonly to: Side;
  readonly bytes: Uint8Array;
}

/** Everything of one run. */
export class World {
  readonly random: Random;
  readonly weather: Weather;
  readonly initiator: Side;
  readonly responder: Side;
  /** Every (key, lane, epoch, sequence) that sealed a packet; one that comes twice is the end of all secrets. */
  readonly nonces: Set<string> = new Set();
  now = 0;
  #deliveries: Delivery[] = [];
  #order = 0;
  readonly #responderKey: KeyPair = createKeyPair(new Uint8Array(32).fill(9));
  readonly #takesEarly: WorldOptions["takesEarly"];
  readonly #lastAt: Map<Side, number> = new Map();

  constructor(seed: number, weather: Weather, options: WorldOptions = {}) {
    const { responderCodec = pickCodec(), mangle } = options;
    this.random = new Random(seed);
    this.weather = weather;
    this.#takesEarly = options.takesEarly;
    this.initiator = this.#side("initiator", watch(pickCodec(), this.nonces, mangle), options);
    this.responder = this.#side("responder", watch(responderCodec, this.nonces), options);
  }

  /** Runs until `until` holds, nothing is left to happen, or `msMax` have passed on its clock. */
  run(until: () => boolean, msMax = 120_000): void {
    const end = this.now + msMax;
    this.settle();
    while (!until() && this.now < end) {
      const delivery = this.#deliveries[0];
      const deadline = Math.min(this.initiator.session.deadline(), this.responder.session.deadline());
      const next = Math.min(delivery?.at ?? Infinity, deadline);
      if (next === Infinity) return;
      this.now = Math.max(this.now, next);
      if (delivery !== undefined && delivery.at <= this.now) {
        this.#deliveries.shift();
        const { session } = delivery.to;
        for (let isMore = session.handleReceive(delivery.bytes, this.now); isMore;) {
          this.settle();
          isMore = session.handleReceive(undefined, this.now);
        }
      }
      this.initiator.session.handleTimeout(this.now);
      this.responder.session.handleTimeout(this.now);
      this.settle();
    }
  }

  /** Runs until messages may flow both ways. */
  open(): this {
    this.run(
      () => this.initiator.session.state === "open" && this.responder.session.state === "open",
      20_000,
    );
    return this;
  }

  /** Takes what has happened and arrived, and hands what is to be sent to the link. */
  settle(): void {
    this.#settle(this.initiator, this.responder);
    this.#settle(this.responder, this.initiator);
  }

  /** Hands bytes to a side, as an attacker would. */
  inject(to: Side, bytes: Uint8Array): void {
    this.#schedule(to, bytes);
  }

  #settle(side: Side, other: Side): void {
    this.#takeEvents(side);
    for (let size = side.session.packetBytesMax; size > 0; size = side.session.packetBytesMax) {
      const packet = new Uint8Array(size);
      const length = side.session.transmit(packet, 0, this.now);
      if (length === 0) break;
      this.#carry(other, packet.subarray(0, length));
    }
    this.#takeEvents(side);
    let taken = 0;
    while (!side.isSlow || taken++ < 2) {
      const message = side.session.takeMessage(this.now);
      if (message === undefined) break;
      side.received.push(message);
    }
  }

  #takeEvents(side: Side): void {
    for (let event = side.session.takeEvent(); event !== undefined; event = side.session.takeEvent()) {
      side.events.push(event);
      if (event.type === "peer" && side.welcomes) this.#accept(side);
      if (event.type === "peer" && !side.welcomes) side.session.refuse("not welcome", this.now);
      if (event.type === "closed") side.info = event.info;
    }
  }

  #accept(side: Side): void {
    const { early } = side.session;
    const takesEarly = early !== undefined && this.#takesEarly?.(early, this.now) === true;
    if (takesEarly) side.early.push(early.bytes);
    side.session.accept(this.now, takesEarly);
  }

  #carry(to: Side, packet: Uint8Array): void {
    for (const bytes of this.weather.intercept?.(to, packet.slice()) ?? [packet.slice()]) {
      this.#weather(to, bytes);
    }
  }

  #weather(to: Side, bytes: Uint8Array): void {
    const { kind, loss, duplication, corruption } = this.weather;
    if (this.random.chance(corruption)) {
      bytes[this.random.between(0, bytes.length - 1)] ^= 1 << this.random.between(0, 7);
    }
    if (kind === "stream") {
      const cut = this.random.between(0, bytes.length);
      this.#schedule(to, bytes.subarray(0, cut));
      return this.#schedule(to, bytes.subarray(cut));
    }
    if (!this.random.chance(loss)) this.#schedule(to, bytes);
    if (this.random.chance(duplication)) this.#schedule(to, bytes.slice());
  }

  #schedule(to: Side, bytes: Uint8Array): void {
    let at = this.now + 1 + this.random.next() * this.weather.delayMsMax;
    // A stream may be slow, but it keeps its order.
    if (this.weather.kind === "stream") at = Math.max(at, this.#lastAt.get(to) ?? 0);
    this.#lastAt.set(to, at);
    const delivery = { at, order: this.#order++, to, bytes };
    const place = this.#deliveries.findIndex((other) => other.at > at);
    if (place < 0) this.#deliveries.push(delivery);
    else this.#deliveries.splice(place, 0, delivery);
  }

  #side(role: "initiator" | "responder", codec: Codec, options: WorldOptions): Side {
    const { kind, mtu } = this.weather;
    const {
      limits = {},
      plain = [false, false],
      inMemory,
      nativeStreams,
      compression,
      rates,
      terms = [XX, XX],
    } = options;
    const isInitiator = role === "initiator";
    const responderKey = this.#responderKey.publicKey;
    const config: SessionConfig = {
      role,
      traits: { kind, mtu, inMemory, nativeStreams },
      codec,
      staticKey: role === "initiator" ? createKeyPair(this.random.bytes(32)) : this.#responderKey,
      terms: role === "initiator" ? { responderKey, ...terms[0] } : terms[1],
      random: (length) => this.random.bytes(length),
      metadata: { name: role },
      compression: compression?.[isInitiator ? 0 : 1] ?? CHOICES[this.random.between(0, CHOICES.length - 1)],
      plain: plain[isInitiator ? 0 : 1],
      limits: { ...SESSION_LIMITS, ...limits },
      early: isInitiator ? options.early : undefined,
      rates: rates?.[isInitiator ? 0 : 1],
      sessionId: role === "responder" && kind === "datagram"
        ? sessionIdFrom(this.random.bytes(8))
        : undefined,
    };
    const session = new Session(config, this.now);
    return {
      name: role,
      session,
      config,
      received: [],
      early: [],
      events: [],
      info: undefined,
      isSlow: false,
      welcomes: true,
    };
  }
}

/** A codec that notes every nonce it uses. */
export function watch(codec: Codec, seen: Set<string>, mangle?: WorldOptions["mangle"]): Codec {
  const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const record = (sealer: Sealer, options: LaneOptions): Sealer => {
    let key = hex(options.key);
    return {
      get epoch() {
        return sealer.epoch;
      },
      get sequence() {
        return sealer.sequence;
      },
      seal(length: number, how: SealOptions, target: Uint8Array, at: number): number {
        const nonce = `${key}/${options.lane}/${sealer.epoch}/${sealer.sequence}`;
        if (seen.has(nonce)) throw new Error(`sealed twice under ${nonce}`);
        seen.add(nonce);
        mangle?.(codec.plaintext.subarray(0, length));
        return sealer.seal(length, how, target, at);
      },
      rekey(next: Uint8Array): void {
        key = hex(next);
        sealer.rekey(next);
      },
      dispose: () => sealer.dispose(),
    };
  };
  return new Proxy(codec, {
    get(target, name) {
      if (name === "createSealer") {
        return (options: LaneOptions) => record(target.createSealer(options), options);
      }
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
