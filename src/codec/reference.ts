/**
 * The readable codec, on @noble/ciphers: the oracle of the WebAssembly core, and what runs where
 * WebAssembly cannot be compiled. Packets are the same byte for byte, except that
 * compressed bodies may be compressed differently.
 *
 * @module
 */

import { BODY_BYTES_MAX } from "../limits.ts";
import { checkFragment } from "./arguments.ts";
import type {
  Codec,
  LaneOptions,
  Opener,
  PacketReader,
  Reassembler,
  ReassemblyLimits,
  Sealer,
} from "./codec.ts";
import { lz4CompressFrame, lz4DecompressFrame } from "./lz4_frame.ts";
import { LZ4_REFERENCE, lz4CompressBlock, lz4DecompressBlock } from "./lz4_reference.ts";
import { packUnsealed, unsealedPacket } from "./packet_header.ts";
import { MessageReassembler } from "./reassembler.ts";
import { referenceChacha20poly1305, referenceXchacha20poly1305 } from "./reference_aead.ts";
import { ReferenceOpener, ReferenceSealer } from "./reference_lane.ts";
import { ReferenceReader } from "./reference_reader.ts";
import { ReferenceRuns } from "./reference_runs.ts";

/** The codec that needs no WebAssembly. */
export class ReferenceCodec implements Codec {
  readonly kind = "reference";
  readonly choice: string;
  readonly plaintext: Uint8Array = new Uint8Array(BODY_BYTES_MAX);
  readonly opened: Uint8Array = new Uint8Array(BODY_BYTES_MAX);

  readonly chacha20poly1305: Codec["chacha20poly1305"] = referenceChacha20poly1305;
  readonly xchacha20poly1305: Codec["xchacha20poly1305"] = referenceXchacha20poly1305;
  readonly lz4CompressBlock: Codec["lz4CompressBlock"] = lz4CompressBlock;
  readonly lz4DecompressBlock: Codec["lz4DecompressBlock"] = lz4DecompressBlock;

  /** Makes a codec; `why` says why it is this one. */
  constructor(why: string) {
    this.choice = `reference: ${why}`;
  }

  lz4CompressFrame(source: Uint8Array): Uint8Array {
    return lz4CompressFrame(LZ4_REFERENCE, source);
  }

  lz4DecompressFrame(frame: Uint8Array, sizeMax: number): Uint8Array {
    return lz4DecompressFrame(LZ4_REFERENCE, frame, sizeMax);
  }

  writePacket(flags: number, body: Uint8Array): Uint8Array {
    return unsealedPacket(flags, body);
  }

  pack(length: number, target: Uint8Array, at: number): number {
    return packUnsealed(this.plaintext, length, target, at);
  }

  fragmentBytes(total: number, room: number): number {
    checkFragment(total, room);
    return total <= room ? total : Math.ceil(total / Math.ceil(total / room));
  }

  createSealer(options: LaneOptions): Sealer {
    return new ReferenceSealer(this.plaintext, options);
  }

  createOpener(options: LaneOptions): Opener {
    return new ReferenceOpener(this.opened, options);
  }

  createReader(options: { readonly datagram: boolean; readonly packetBytesMax: number }): PacketReader {
    return new ReferenceReader(this.opened, options);
  }

  createReassembler(limits: ReassemblyLimits): Reassembler {
    return new MessageReassembler(limits, createRuns);
  }
}

function createRuns(runsMax: number): ReferenceRuns {
  return new ReferenceRuns(runsMax);
}
