/**
 * What every codec offers: the WebAssembly core and the readable reference beside it.
 *
 * Two halves. The primitives take and return plain `Uint8Array`s. The packet
 * half is what sessions use: a body is composed in `plaintext`, one call seals
 * it into a send buffer; arriving bytes go into a reader, one call opens a
 * packet into `opened`. Both are regions of the codec's own memory, shared by
 * all sessions: whoever writes there must seal, and whoever reads must be done,
 * before control returns to anybody else.
 *
 * @module
 */

/** Seals and opens with one key and nonce. Ciphertext is the text followed by the 16-byte tag. */
export interface Aead {
  /** Returns the ciphertext, in `output` if given (at least 16 bytes longer than the text; its head is returned). */
  encrypt(plaintext: Uint8Array, output?: Uint8Array): Uint8Array;
  /**
   * Returns the text, in `output` if given.
   * @throws {HawserError} `open-failed` on a bad tag; `output` is then untouched.
   */
  decrypt(ciphertext: Uint8Array, output?: Uint8Array): Uint8Array;
}

/** How the body of a packet may be compressed. */
export type CompressionName = "lz4" | "zstd" | "gzip";

/** An algorithm beside LZ4, which the codec has itself. */
export interface Compressor {
  /** Which one it is: both sides mean the same by it. */
  readonly name: Exclude<CompressionName, "lz4">;
  /**
   * Puts what the first `length` bytes of `codec.plaintext` become in their place, and returns its bytes; 0 where nothing
   * is won, and nothing has changed then. `undefined` if it can only unpack.
   */
  readonly pack: ((codec: PacketCodec, length: number) => number) | undefined;
  /**
   * Puts the text of the first `length` bytes of `codec.opened` in their place, and returns its bytes: at most
   * `BODY_BYTES_MAX`, whatever the peer sent.
   * @throws {HawserError} `compression` for a body that is damaged or too large.
   */
  readonly unpack: (codec: PacketCodec, length: number) => number;
}

/** How one packet is sealed. */
export interface SealOptions {
  /** Try LZ4. */
  readonly compress: boolean;
  /** The body has been packed: the two bits to mark it with, 2 for zstd and 3 for gzip. */
  readonly packed?: number;
  /** Session id of a datagram lane, as two halves (big-endian order); undefined on ordered lanes. */
  readonly sessionId?: readonly [high: number, low: number];
}

/** The sending half of a lane: one key per epoch, one sequence number per packet. */
export interface Sealer {
  /** Epoch: the upper half of the 64-bit sequence number. */
  readonly epoch: number;
  /** Lower half of the sequence number that the next packet will have; 2^32 when none is left. */
  readonly sequence: number;
  /**
   * Seals the first `length` bytes of `codec.plaintext` into one packet (header
   * included), written to `target` at `at`. Returns the bytes written, at most
   * `length + PACKET_OVERHEAD_MAX`.
   * @throws {HawserError} `exhausted` when the epoch has no sequence number left.
   */
  seal(length: number, options: SealOptions, target: Uint8Array, at: number): number;
  /**
   * Starts the next epoch with a new key; the old one is wiped. The sequence starts at (epoch + 1) * 2^32.
   * @throws {HawserError} `exhausted` after the last epoch, 2^32 - 1.
   */
  rekey(key: Uint8Array): void;
  /** Wipes the key and frees its memory. Safe to call twice. */
  dispose(): void;
}

/** The receiving half of a lane. A failed open changes nothing. */
export interface Opener {
  /** Epoch: the upper half of the 64-bit sequence number. */
  readonly epoch: number;
  /** Ordered lanes: lower half of the next sequence number. Datagram lanes: the highest seen. */
  readonly sequence: number;
  /** Datagram lanes: packets that were refused because they had been seen, or were too old. */
  readonly replays: number;
  /**
   * Gives the key of the next epoch. Ordered lanes switch at once and wipe the old key. Datagram lanes switch
   * with the first authentic packet of that epoch, and keep the old key for late packets until `forget`. A
   * second key before that switches to the first one at once.
   * @throws {HawserError} `exhausted` after the last epoch, 2^32 - 1.
   */
  rekey(key: Uint8Array): void;
  /** Datagram lanes: wipes the key of the epoch before, kept for late packets. */
  forget(): void;
  /** Wipes the keys and frees their memory. Safe to call twice. */
  dispose(): void;
}

/** Finds packets in what arrives, and opens them. One per link. */
export interface PacketReader {
  /**
   * Takes the next bytes of the link. Stream and message links: in any split.
   * Datagram links: exactly one datagram, and what is left of the one before is dropped.
   */
  push(piece: Uint8Array): void;
  /**
   * Moves to the next whole packet; `false` when more bytes are needed.
   * @throws {HawserError} `protocol`, `version-mismatch` or `packet-too-large` for a header that lies. On
   * stream links the reader is then of no more use.
   */
  next(): boolean;
  /** Bytes that came and belong to packets that are not whole yet. */
  readonly unread: number;
  /** Flags byte of the current packet. */
  readonly flags: number;
  /** Body length of the current packet. */
  readonly length: number;
  /** A copy of the current packet's body as it is: for handshake packets. */
  body(): Uint8Array;
  /** Session id of the current packet, if it is sequenced: the upper half. */
  readonly sessionIdHigh: number;
  /** The lower half of the session id. */
  readonly sessionIdLow: number;
  /** Epoch of the current packet, if it is sequenced: the upper half of its sequence number. */
  readonly packetEpoch: number;
  /**
   * Opens the current packet: the text lies in `codec.opened` from 0, and its length is returned.
   * @throws {HawserError} `open-failed` for a changed, replayed or foreign packet; `protocol` for flags that do
   * not fit the lane; `exhausted` on an ordered lane without a sequence number left; `compression` for a bad
   * LZ4 body: that packet was authentic, so its sequence number is used up. Bodies that are compressed in another
   * way, as `flags` says, are left as they are.
   */
  open(opener: Opener): number;
  /**
   * Reads the current packet, which is unsealed: its body lies in `codec.opened` from 0, and its length is returned.
   * @throws {HawserError} `protocol` for a packet with any flag.
   */
  read(): number;
}

/** A complete message, or what became of a fragment. */
export type ReassemblyResult = Uint8Array | "incomplete" | "duplicate" | "dropped";

/** Joins fragments into messages; everything it holds is bounded. One per session. */
export interface Reassembler {
  /** Bytes reserved for incomplete messages. */
  readonly bytes: number;
  /** Incomplete messages. */
  readonly messages: number;
  /** Messages given up so far: too old, too many pieces, or pushed out. */
  readonly dropped: number;
  /**
   * Takes one fragment: `data` lies in `source` at `at`, and is copied.
   * Bytes that were already there win over later ones.
   * @throws {HawserError} `protocol` for a fragment that contradicts itself or an earlier one (length over the
   * total, another total); `packet-too-large` for a total over the limit.
   */
  push(
    id: number,
    total: number,
    offset: number,
    source: Uint8Array,
    at: number,
    length: number,
    now: number,
  ): ReassemblyResult;
  /** Gives up messages whose first fragment is older than the limit. */
  expire(now: number): void;
  /** When `expire` has something to do next; `Infinity` if nothing waits. */
  deadline(): number;
  /** Gives up everything. */
  dispose(): void;
}

/** Bounds of a reassembler. */
export interface ReassemblyLimits {
  /** The largest message, in bytes. */
  readonly messageBytesMax: number;
  /** Bytes reserved for incomplete messages together. */
  readonly bytesMax: number;
  /** Incomplete messages at once. */
  readonly messagesMax: number;
  /** Separate runs of bytes within one incomplete message. */
  readonly runsMax: number;
  /** How long a message may stay incomplete, in milliseconds. */
  readonly ageMsMax: number;
}

/** The pure functions of a codec: what `@hawser/hawser/codec` exports. */
export interface Primitives {
  /** ChaCha20-Poly1305 (RFC 8439): 32-byte key, 12-byte nonce. */
  chacha20poly1305(key: Uint8Array, nonce: Uint8Array, aad?: Uint8Array): Aead;
  /** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): 32-byte key, 24-byte nonce. */
  xchacha20poly1305(key: Uint8Array, nonce: Uint8Array, aad?: Uint8Array): Aead;
  /** Compresses into one LZ4 block, in `output` if given. */
  lz4CompressBlock(source: Uint8Array, output?: Uint8Array): Uint8Array;
  /** Decompresses one LZ4 block of at most `sizeMax` bytes, in `output` if given, which has room for as many. */
  lz4DecompressBlock(block: Uint8Array, sizeMax: number, output?: Uint8Array): Uint8Array;
  /** Compresses into the LZ4 frame format, with checksums. */
  lz4CompressFrame(source: Uint8Array): Uint8Array;
  /** Decompresses one or more LZ4 frames of at most `sizeMax` bytes together. */
  lz4DecompressFrame(frame: Uint8Array, sizeMax: number): Uint8Array;
}

/** How a lane is made: its key, its id, and what kind of link it runs over. */
export interface LaneOptions {
  /** 32 bytes; copied. */
  readonly key: Uint8Array;
  /** Lane id, below 2^53. 0 is the main lane, 1 the datagram lane. */
  readonly lane: number;
  /** Datagram lanes carry session id and sequence in every packet, and have a replay window. */
  readonly datagram: boolean;
  /** First epoch, 0 by default. For tests of the end of the range. */
  readonly epoch?: number;
  /** First counter of that epoch, 0 by default. */
  readonly sequence?: number;
}

/** What a session needs of a byte engine: packets, and the cipher of the handshake. */
export interface PacketCodec {
  /** Which one it is. */
  readonly kind: "wasm" | "reference";
  /** Why it is this one, in words: the build that was chosen, or why WebAssembly could not be used. */
  readonly choice: string;
  /** Where a body is composed before `seal`; `BODY_BYTES_MAX` long. Read this property anew for every packet. */
  readonly plaintext: Uint8Array;
  /** Where `open` leaves the text. Read this property anew for every packet. */
  readonly opened: Uint8Array;
  /** ChaCha20-Poly1305 (RFC 8439) of short texts, up to 64 KiB at least. */
  chacha20poly1305(key: Uint8Array, nonce: Uint8Array, aad?: Uint8Array): Aead;
  /** Writes an unsealed packet: header and body. `flags` is 16 for the handshake's. */
  writePacket(flags: number, body: Uint8Array): Uint8Array;
  /**
   * Makes an unsealed packet without flags of the first `length` bytes of `plaintext`, written to `target` at `at`.
   * Returns the bytes written.
   */
  pack(length: number, target: Uint8Array, at: number): number;
  /**
   * How many bytes each fragment of a message of `total` bytes carries, the last one perhaps fewer, where each may
   * carry up to `room`: as few fragments as possible, all nearly the same size.
   */
  fragmentBytes(total: number, room: number): number;
  /** Makes the sending half of a lane. */
  createSealer(options: LaneOptions): Sealer;
  /** Makes the receiving half of a lane. */
  createOpener(options: LaneOptions): Opener;
  /**
   * `packetBytesMax` bounds the body, which has at most `BODY_BYTES_MAX` bytes beside its tag and sequence in any
   * case; `datagram` readers take one packet per push.
   */
  createReader(options: { readonly datagram: boolean; readonly packetBytesMax: number }): PacketReader;
  /** Makes a reassembler within `limits`. */
  createReassembler(limits: ReassemblyLimits): Reassembler;
}

/** A byte engine. */
export interface Codec extends PacketCodec, Primitives {}
