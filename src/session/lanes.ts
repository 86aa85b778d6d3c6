/**
 * The two lanes of a session, one per direction, and the schedule of their keys.
 *
 * The key of an epoch is derived from the one before (HKDF-SHA256), and the one
 * before is wiped: who steals a key can read nothing that was sent earlier.
 *
 * @module
 */

import type { LaneOptions, Opener, PacketCodec, PacketReader, Sealer, SealOptions } from "../codec/codec.ts";
import { COMPRESSION_BITS, FLAG_COMPRESSION } from "../codec/packet_header.ts";
import { HawserError } from "../errors.ts";
import { EPOCH_PACKETS_MIN } from "../handshake_limits.ts";
import type { SessionLimits } from "../limits.ts";
import { deriveKey } from "../noise/key_derivation.ts";
import { type Compression, compressionName } from "./config.ts";
import { Slab } from "./slab.ts";
import type { ReceiveLaneSnapshot, SendLaneSnapshot } from "./snapshot.ts";

/** The id of the lane of ordered links. */
export const MAIN_LANE = 0;
/** The id of the lane of datagram links. */
export const DATAGRAM_LANE = 1;

const NEXT_KEY_LABEL = "hawser next epoch";

const KEYS_SLAB_BYTES = 4_096;

// Keys live as long as their connection: an array of its own would cost each eight times its bytes.
const keys = new Slab(KEYS_SLAB_BYTES);

const NOTHING: readonly Compression[] = [];

// Shared by all ordered lanes, of which there may be many.
const ORDERED: readonly [plain: SealOptions, compressed: SealOptions] = sealOptions(undefined);

/** What else the sending half of a lane may be told. */
export interface SendLaneOptions {
  /** What compresses bodies. Default: nothing but LZ4. */
  readonly compression?: Compression;
  /** Where it stood when it was frozen. */
  readonly from?: SendLaneSnapshot;
  /** Its id on ordered links. Default: the main lane. */
  readonly lane?: number;
}

/** What else the receiving half of a lane may be told. */
export interface ReceiveLaneOptions {
  /** How the peer may have compressed bodies. Default: not at all. */
  readonly accepts?: readonly Compression[];
  /** Where it stood when it was frozen. */
  readonly from?: ReceiveLaneSnapshot;
  /** Its id on ordered links. Default: the main lane. */
  readonly lane?: number;
}

/** What we send with. */
export interface SendLane {
  /** Epochs begun after the first. */
  readonly rekeys: number;
  /** Makes a packet of the body in `codec.plaintext`, in `target` at `at`; returns its bytes. */
  seal(length: number, compress: boolean, target: Uint8Array, at: number): number;
  /** Whether this key has done its share. */
  isRekeyDue(now: number): boolean;
  /** Starts the next epoch. */
  rekey(now: number): void;
  /** Where it stands; `undefined` for lanes that cannot be made anew from it. */
  freeze(): SendLaneSnapshot | undefined;
  /** Wipes the keys. */
  dispose(): void;
}

/** What we receive with. */
export interface ReceiveLane {
  /** Epochs begun after the first. */
  readonly rekeys: number;
  /** Packets that came twice, or too late. */
  readonly replays: number;
  /**
   * Opens the reader's current packet into `codec.opened`; returns the length of its text.
   * @throws {HawserError} as {@linkcode PacketReader.open}; nothing has changed then.
   */
  open(reader: PacketReader, now: number): number;
  /** Ordered lanes: the peer said that its next packet is of the next epoch. */
  advance(): void;
  /** When `handleTimeout` has something to do. */
  deadline(): number;
  /** Wipes the key for late packets when its time is over. */
  handleTimeout(now: number): void;
  /** Where it stands; `undefined` for lanes that cannot be made anew from it. */
  freeze(): ReceiveLaneSnapshot | undefined;
  /** Wipes the keys. */
  dispose(): void;
}

/** Seals what we send. */
export class SealedSendLane implements SendLane {
  readonly #sealer: Sealer;
  readonly #limits: SessionLimits;
  readonly #plain: SealOptions;
  readonly #compressed: SealOptions;
  readonly #datagram: boolean;
  // Where bodies are not compressed by the codec itself.
  readonly #packer: Packer | undefined;
  #key: Uint8Array;
  #packets: number;
  #bytes: number;
  #since: number;
  rekeys = 0;

  /** Takes ownership of the key. `sessionId` is given for datagram lanes. */
  constructor(
    codec: PacketCodec,
    key: Uint8Array,
    sessionId: Uint8Array | undefined,
    limits: SessionLimits,
    now: number,
    { compression, from, lane }: SendLaneOptions = {},
  ) {
    this.#datagram = sessionId !== undefined;
    this.#sealer = codec.createSealer(laneOptions(key, this.#datagram, from, lane));
    this.#packets = from?.packets ?? 0;
    this.#bytes = from?.bytes ?? 0;
    this.#key = keep(key);
    this.#limits = limits;
    this.#since = now;
    [this.#plain, this.#compressed] = sessionId === undefined ? ORDERED : sealOptions(sessionId);
    if (typeof compression === "object") this.#packer = packerOf(compression, codec, this.#plain);
  }

  seal(length: number, compress: boolean, target: Uint8Array, at: number): number {
    const bytes = compress && this.#packer !== undefined
      ? this.#sealPacked(this.#packer, length, target, at)
      : this.#sealer.seal(length, compress ? this.#compressed : this.#plain, target, at);
    this.#packets++;
    this.#bytes += bytes;
    return bytes;
  }

  #sealPacked({ pack, codec, options }: Packer, length: number, target: Uint8Array, at: number): number {
    const packed = pack(codec, length);
    return packed === 0
      ? this.#sealer.seal(length, this.#plain, target, at)
      : this.#sealer.seal(packed, options, target, at);
  }

  isRekeyDue(now: number): boolean {
    return this.#packets >= this.#limits.rekeyPacketsMax || this.#bytes >= this.#limits.rekeyBytesMax ||
      (this.#packets >= (this.#datagram ? EPOCH_PACKETS_MIN : 1) &&
        now - this.#since >= this.#limits.rekeyMsMax);
  }

  rekey(now: number): void {
    this.#key = advance(this.#key);
    this.#sealer.rekey(this.#key);
    this.#packets = this.#bytes = 0;
    this.#since = now;
    this.rekeys++;
  }

  freeze(): SendLaneSnapshot | undefined {
    if (this.#datagram) return undefined;
    const { epoch, sequence } = this.#sealer;
    return { key: new Uint8Array(this.#key), epoch, sequence, packets: this.#packets, bytes: this.#bytes };
  }

  dispose(): void {
    this.#sealer.dispose();
    this.#key.fill(0);
  }
}

/** Opens what the peer sealed. */
export class SealedReceiveLane implements ReceiveLane {
  /** What opens the packets. */
  readonly opener: Opener;
  readonly #datagram: boolean;
  readonly #codec: PacketCodec;
  readonly #accepts: readonly Compression[];
  readonly #lateKeyMsMax: number;
  #key: Uint8Array;
  // Datagram lanes: the epoch that the opener's newest key is for, and when the oldest is wiped.
  #keyEpoch = 0;
  #openedEpoch = 0;
  #forgetAt = Infinity;

  /** Takes ownership of the key. */
  constructor(
    codec: PacketCodec,
    key: Uint8Array,
    datagram: boolean,
    limits: SessionLimits,
    { accepts = NOTHING, from, lane }: ReceiveLaneOptions = {},
  ) {
    this.#codec = codec;
    this.#accepts = accepts;
    this.opener = codec.createOpener(laneOptions(key, datagram, from, lane));
    this.#datagram = datagram;
    this.#key = keep(key);
    this.#lateKeyMsMax = limits.lateKeyMsMax;
  }

  get rekeys(): number {
    return this.opener.epoch;
  }

  get replays(): number {
    return this.opener.replays;
  }

  open(reader: PacketReader, now: number): number {
    this.#prepare(reader.packetEpoch);
    const length = reader.open(this.opener);
    this.#handleOpened(now);
    const compression = reader.flags & FLAG_COMPRESSION;
    return compression === 0 ? length : this.#expand(compression, length);
  }

  // The codec has expanded LZ4 itself.
  #expand(bits: number, length: number): number {
    const compression = this.#accepts.find((each) => COMPRESSION_BITS[compressionName(each)] === bits);
    if (compression === undefined) {
      throw new HawserError("compression", "the peer compressed a packet in a way that was not agreed on");
    }
    return compression === "lz4" ? length : compression.unpack(this.#codec, length);
  }

  advance(): void {
    this.#key = advance(this.#key);
    this.opener.rekey(this.#key);
  }

  // Datagram lanes: the next epoch's key is made when it is first needed.
  #prepare(epoch: number): void {
    if (!this.#datagram || epoch !== this.opener.epoch + 1 || this.#keyEpoch === epoch) return;
    this.#key = advance(this.#key);
    this.#keyEpoch = epoch;
    this.opener.rekey(this.#key);
  }

  #handleOpened(now: number): void {
    if (!this.#datagram || this.opener.epoch === this.#openedEpoch) return;
    this.#openedEpoch = this.opener.epoch;
    this.#forgetAt = now + this.#lateKeyMsMax;
  }

  deadline(): number {
    return this.#forgetAt;
  }

  handleTimeout(now: number): void {
    if (now < this.#forgetAt) return;
    this.#forgetAt = Infinity;
    this.opener.forget();
  }

  freeze(): ReceiveLaneSnapshot | undefined {
    if (this.#datagram) return undefined;
    const { epoch, sequence } = this.opener;
    return { key: new Uint8Array(this.#key), epoch, sequence };
  }

  dispose(): void {
    this.opener.dispose();
    this.#key.fill(0);
  }
}

/** A session id as the two halves that the codec takes. */
export function sessionIdHalves(id: Uint8Array): [high: number, low: number] {
  const view = new DataView(id.buffer, id.byteOffset, 8);
  return [view.getUint32(0), view.getUint32(4)];
}

function sealOptions(id: Uint8Array | undefined): [plain: SealOptions, compressed: SealOptions] {
  const sessionId = id && sessionIdHalves(id);
  return [{ compress: false, sessionId }, { compress: true, sessionId }];
}

/** What packs bodies, and how the packets are then sealed. */
interface Packer {
  readonly pack: (codec: PacketCodec, length: number) => number;
  readonly codec: PacketCodec;
  readonly options: SealOptions;
}

function packerOf(
  { name, pack }: Exclude<Compression, "lz4">,
  codec: PacketCodec,
  { sessionId }: SealOptions,
): Packer | undefined {
  const options = { compress: false, packed: COMPRESSION_BITS[name], sessionId };
  return pack === undefined ? undefined : { pack, codec, options };
}

function laneOptions(
  key: Uint8Array,
  datagram: boolean,
  from?: ReceiveLaneSnapshot,
  lane: number = MAIN_LANE,
): LaneOptions {
  const { epoch, sequence } = from ?? {};
  return { key, lane: datagram ? DATAGRAM_LANE : lane, datagram, epoch, sequence };
}

function advance(key: Uint8Array): Uint8Array {
  const next = deriveKey(key, NEXT_KEY_LABEL);
  key.fill(0);
  return keep(next);
}

/** The key among the others; where it was it is wiped. */
function keep(key: Uint8Array): Uint8Array {
  const kept = keys.copy(key);
  key.fill(0);
  return kept;
}
