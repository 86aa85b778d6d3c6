/**
 * LZ4 frames written by hand and taken apart (lz4_Frame_format.md of the LZ4 project), with every flag and every lie.
 *
 * @module
 */

import { xxh32 } from "../../src/codec/xxhash32_reference.ts";
import { joined } from "./lz4_texts.ts";

/** One block: compressed, or stored as it is. */
export interface FrameBlock {
  readonly data: Uint8Array;
  readonly stored?: boolean;
}

/** A frame to be written; what is missing is as plain as the format allows. */
export interface FrameParts {
  readonly blocks: readonly FrameBlock[];
  /** The text, for the content checksum; none is written without it. */
  readonly checksumOf?: Uint8Array;
  readonly contentBytes?: number | bigint;
  readonly dictionaryId?: number;
  readonly blockChecksums?: boolean;
  readonly linked?: boolean;
  /** 4 to 7: 64 KiB, 256 KiB, 1 MiB, 4 MiB. */
  readonly blockCode?: number;
  /** Bits that are flipped in FLG and BD; the header checksum is right for them. */
  readonly flipped?: readonly [flags: number, blockDescriptor: number];
}

/** The bytes of a frame. */
export function frameOf(parts: FrameParts): Uint8Array {
  const { blocks, checksumOf, contentBytes, dictionaryId, blockChecksums, linked, blockCode = 4 } = parts;
  const [flipFlags, flipBlock] = parts.flipped ?? [0, 0];
  const flags = 0x40 | (linked ? 0 : 0x20) | (blockChecksums ? 0x10 : 0) |
    (contentBytes === undefined ? 0 : 8) |
    (checksumOf === undefined ? 0 : 4) | (dictionaryId === undefined ? 0 : 1);
  const descriptor = joined(
    Uint8Array.of(flags ^ flipFlags, (blockCode << 4) ^ flipBlock),
    contentBytes === undefined ? new Uint8Array(0) : word64(BigInt(contentBytes)),
    dictionaryId === undefined ? new Uint8Array(0) : word32(dictionaryId),
  );
  return joined(
    word32(0x184d2204),
    descriptor,
    Uint8Array.of((xxh32(descriptor) >>> 8) & 0xff),
    ...blocks.flatMap(({ data, stored }) => [
      word32(data.length + (stored ? 0x80000000 : 0)),
      data,
      blockChecksums ? word32(xxh32(data)) : new Uint8Array(0),
    ]),
    word32(0),
    checksumOf === undefined ? new Uint8Array(0) : word32(xxh32(checksumOf)),
  );
}

/** A skippable frame; `owner` is 0 to 15. */
export function skippableFrame(owner: number, data: Uint8Array): Uint8Array {
  return joined(word32(0x184d2a50 + owner), word32(data.length), data);
}

/** Four bytes, the lowest first. */
export function word32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function word64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}
