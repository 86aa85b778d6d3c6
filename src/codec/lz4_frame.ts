/**
 * The LZ4 frame format over any block engine.
 *
 * Format: doc/lz4_Frame_format.md of the LZ4 project, version 1.6.
 *
 * ```text
 *  magic 4 | FLG 1 | BD 1 | content size 8? | dictionary id 4? | HC 1     descriptor
 *  size 4 (high bit: stored as it is) | data | checksum 4?                any number of blocks
 *  00 00 00 00 | content checksum 4?                                      end
 * ```
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { checkBytes } from "./arguments.ts";
import {
  checkSizeMax,
  LZ4_OFFSET_MAX,
  LZ4_TOO_LARGE,
  lz4Damaged,
  lz4DecodedBytesMax,
  type Lz4Engine,
  lz4TooLarge,
} from "./lz4_block.ts";

const MAGIC = 0x184d2204;
const MAGIC_LEGACY = 0x184c2102;
/** The last four bits of a skippable frame's magic are its owner's. */
const MAGIC_SKIPPABLE = 0x184d2a50;

const FLAG_VERSION = 0b01_000000;
const FLAG_VERSION_MASK = 0b11_000000;
const FLAG_INDEPENDENT = 0b100000;
const FLAG_BLOCK_CHECKSUM = 0b10000;
const FLAG_CONTENT_SIZE = 0b1000;
const FLAG_CONTENT_CHECKSUM = 0b100;
const FLAG_RESERVED = 0b10;
const FLAG_DICTIONARY = 0b1;

/** Block sizes by the code in BD: 4 is 64 KiB, 5 is 256 KiB, 6 is 1 MiB, 7 is 4 MiB. */
const BLOCK_CODE_MIN = 4;
const BLOCK_CODE_MAX = 7;
const BLOCK_STORED = 0x80000000;

/** What Hawser writes: blocks of 64 KiB, small enough for the core's fixed arenas. */
const WRITTEN_BLOCK_CODE = 4;
const WRITTEN_BLOCK_BYTES = 65536;
/** Magic 4, FLG, BD, content size 8, HC. */
const WRITTEN_HEADER_BYTES = 15;

/** What a frame's descriptor says. */
interface Descriptor {
  readonly independent: boolean;
  readonly blockChecksums: boolean;
  readonly contentChecksum: boolean;
  readonly contentBytes: number | undefined;
  readonly blockBytesMax: number;
}

/** A frame that is being read: its output lies between two places. */
interface Frame extends Descriptor {
  readonly start: number;
  /** Where the content size says that it ends, else where the limit is. */
  readonly endMax: number;
}

/**
 * Compresses `source` into one frame: independent blocks of 64 KiB, content size and content checksum.
 *
 * The `lz4` command and every implementation of the frame format read it.
 */
export function lz4CompressFrame(engine: Lz4Engine, source: Uint8Array): Uint8Array {
  checkBytes("source", source);
  const blocks = Math.ceil(source.length / WRITTEN_BLOCK_BYTES);
  const frame = new Uint8Array(WRITTEN_HEADER_BYTES + 4 * blocks + source.length + 8);
  const view = new DataView(frame.buffer);
  view.setUint32(0, MAGIC, true);
  frame[4] = FLAG_VERSION | FLAG_INDEPENDENT | FLAG_CONTENT_SIZE | FLAG_CONTENT_CHECKSUM;
  frame[5] = WRITTEN_BLOCK_CODE << 4;
  view.setBigUint64(6, BigInt(source.length), true);
  frame[14] = headerChecksum(engine, frame.subarray(4, 14));

  let out = WRITTEN_HEADER_BYTES;
  for (let at = 0; at < source.length; at += WRITTEN_BLOCK_BYTES) {
    const piece = source.subarray(at, at + WRITTEN_BLOCK_BYTES);
    // One byte of room less than the piece has: a block that saves nothing is stored as it is.
    const length = engine.compressBlock(piece, frame.subarray(out + 4, out + 4 + piece.length - 1));
    if (length === 0) frame.set(piece, out + 4);
    view.setUint32(out, length === 0 ? BLOCK_STORED + piece.length : length, true);
    out += 4 + (length === 0 ? piece.length : length);
  }
  view.setUint32(out, 0, true);
  view.setUint32(out + 4, engine.xxh32(source), true);
  return frame.slice(0, out + 8);
}

/**
 * Decompresses one or more frames, one after the other; skippable frames are passed over. Every checksum that
 * is there is verified.
 *
 * Memory grows with what arrives, never with what a descriptor claims.
 *
 * @throws {HawserError} `compression` for damage, a wrong checksum, bytes that are no frame, a dictionary, a
 * legacy frame, or content of more than `sizeMax` bytes.
 */
export function lz4DecompressFrame(engine: Lz4Engine, frame: Uint8Array, sizeMax: number): Uint8Array {
  checkBytes("frame", frame);
  checkSizeMax(sizeMax);
  if (frame.length === 0) throw lz4Damaged("there is no frame");
  const input = new Input(frame);
  const output = new Output(sizeMax);
  while (input.rest > 0) readFrame(engine, input, output);
  return output.finish();
}

/** The frame's bytes, read from front to back; reading beyond the end is damage. */
class Input {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes are left. */
  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  #advance(length: number): number {
    if (length > this.rest) throw lz4Damaged("the frame is cut short");
    this.#at += length;
    return this.#at - length;
  }
}

/** What has been decompressed so far, never more than `sizeMax` bytes. */
class Output {
  readonly sizeMax: number;
  bytes: Uint8Array = new Uint8Array(0);
  length = 0;

  constructor(sizeMax: number) {
    this.sizeMax = sizeMax;
  }

  /** Makes place for `size` more bytes, which do not pass `sizeMax`; grows by doubling. */
  reserve(size: number): void {
    const needed = this.length + size;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.min(this.sizeMax, Math.max(needed, 2 * this.bytes.length)));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  finish(): Uint8Array {
    return this.length === this.bytes.length ? this.bytes : this.bytes.slice(0, this.length);
  }
}

function readFrame(engine: Lz4Engine, input: Input, output: Output): void {
  const magic = input.uint32();
  if ((magic & 0xfffffff0) >>> 0 === MAGIC_SKIPPABLE) {
    input.take(input.uint32());
    return;
  }
  if (magic === MAGIC_LEGACY) {
    throw new HawserError("compression", "this is a legacy LZ4 frame; compress it anew in the frame format");
  }
  if (magic !== MAGIC) throw lz4Damaged("no frame starts where one should");

  const frame = openFrame(readDescriptor(engine, input), input, output);
  for (let size = input.uint32(); size !== 0; size = input.uint32()) {
    readBlock(engine, frame, size, input, output);
  }
  const content = output.bytes.subarray(frame.start, output.length);
  if (frame.contentBytes !== undefined && frame.contentBytes !== content.length) {
    throw lz4Damaged(`the frame holds ${content.length} bytes but says ${frame.contentBytes}`);
  }
  if (frame.contentChecksum && input.uint32() !== engine.xxh32(content)) {
    throw lz4Damaged("the content checksum is wrong");
  }
}

function readDescriptor(engine: Lz4Engine, input: Input): Descriptor {
  const [flags, blockDescriptor] = input.take(2);
  if ((flags & FLAG_VERSION_MASK) !== FLAG_VERSION) throw lz4Damaged("the frame has an unknown version");
  if ((flags & FLAG_RESERVED) !== 0 || (blockDescriptor & 0b1000_1111) !== 0) {
    throw lz4Damaged("a reserved bit of the frame descriptor is set");
  }
  const sizeBytes = input.take((flags & FLAG_CONTENT_SIZE) === 0 ? 0 : 8);
  const dictionaryBytes = input.take((flags & FLAG_DICTIONARY) === 0 ? 0 : 4);
  const checked = new Uint8Array([flags, blockDescriptor, ...sizeBytes, ...dictionaryBytes]);
  if (input.take(1)[0] !== headerChecksum(engine, checked)) {
    throw lz4Damaged("the checksum of the frame descriptor is wrong");
  }
  if (dictionaryBytes.length > 0) {
    throw new HawserError("compression", "the LZ4 frame needs a dictionary; compress it without one");
  }
  const blockCode = blockDescriptor >>> 4;
  if (blockCode < BLOCK_CODE_MIN || blockCode > BLOCK_CODE_MAX) {
    throw lz4Damaged("the frame has an unknown block size");
  }
  return {
    independent: (flags & FLAG_INDEPENDENT) !== 0,
    blockChecksums: (flags & FLAG_BLOCK_CHECKSUM) !== 0,
    contentChecksum: (flags & FLAG_CONTENT_CHECKSUM) !== 0,
    contentBytes: sizeBytes.length === 0 ? undefined : readUint64(sizeBytes),
    blockBytesMax: 1 << (8 + 2 * blockCode),
  };
}

/** A size over 2^53 loses its last bits, but not that it is too large. */
function readUint64(bytes: Uint8Array): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
}

/** One allocation for an honest frame; a liar gets no more than its bytes could decompress to. */
function openFrame(descriptor: Descriptor, input: Input, output: Output): Frame {
  const { contentBytes } = descriptor;
  const start = output.length;
  if (contentBytes === undefined) return { ...descriptor, start, endMax: output.sizeMax };
  if (contentBytes > output.sizeMax - start) throw lz4TooLarge(output.sizeMax);
  output.reserve(Math.min(contentBytes, lz4DecodedBytesMax(input.rest)));
  return { ...descriptor, start, endMax: start + contentBytes };
}

function readBlock(engine: Lz4Engine, frame: Frame, size: number, input: Input, output: Output): void {
  const stored = size >= BLOCK_STORED;
  const length = stored ? size - BLOCK_STORED : size;
  if (length > frame.blockBytesMax) throw lz4Damaged("a block is larger than its frame allows");
  const data = input.take(length);
  if (frame.blockChecksums && input.uint32() !== engine.xxh32(data)) {
    throw lz4Damaged("a block checksum is wrong");
  }
  const start = output.length;
  const room = frame.endMax - start;
  if (stored) {
    if (length > room) throw overfull(frame, output);
    output.reserve(length);
    output.bytes.set(data, start);
    output.length += length;
    return;
  }
  const sizeMax = Math.min(frame.blockBytesMax, room, lz4DecodedBytesMax(length));
  output.reserve(sizeMax);
  const history = frame.independent ? 0 : Math.min(start - frame.start, LZ4_OFFSET_MAX);
  const written = engine.decompressBlock(data, output.bytes, start - history, start, sizeMax);
  if (written === LZ4_TOO_LARGE && sizeMax === room) throw overfull(frame, output);
  if (written < 0) throw lz4Damaged("a block is not whole, or holds more than its frame allows");
  output.length += written;
}

function overfull({ contentBytes }: Frame, output: Output): HawserError {
  return contentBytes === undefined
    ? lz4TooLarge(output.sizeMax)
    : lz4Damaged(`the frame holds more than the ${contentBytes} bytes that it says`);
}

/** HC: the second byte of the checksum. */
function headerChecksum(engine: Lz4Engine, descriptor: Uint8Array): number {
  return (engine.xxh32(descriptor) >>> 8) & 0xff;
}
