/**
 * The two lanes of a session whose packets stay unsealed, because they never leave the memory of this machine.
 *
 * There is no key, so there is none to exchange or to wipe.
 *
 * @module
 */

import type { PacketCodec, PacketReader } from "../codec/codec.ts";
import { HawserError } from "../errors.ts";
import type { ReceiveLane, SendLane } from "./lanes.ts";

/** Frames what we send. */
export class PlainSendLane implements SendLane {
  readonly rekeys = 0;
  readonly #codec: PacketCodec;

  /** Takes bodies from `codec.plaintext`. */
  constructor(codec: PacketCodec) {
    this.#codec = codec;
  }

  seal(length: number, _compress: boolean, target: Uint8Array, at: number): number {
    return this.#codec.pack(length, target, at);
  }

  isRekeyDue(): boolean {
    return false;
  }

  rekey(): void {}

  freeze(): undefined {}

  dispose(): void {}
}

/** Reads what the peer framed. */
export class PlainReceiveLane implements ReceiveLane {
  readonly rekeys = 0;
  readonly replays = 0;

  open(reader: PacketReader): number {
    return reader.read();
  }

  /** @throws {HawserError} `protocol`: there is no next key. */
  advance(): void {
    throw new HawserError("protocol", "the peer sent REKEY on a lane without keys");
  }

  deadline(): number {
    return Infinity;
  }

  handleTimeout(): void {}

  freeze(): undefined {}

  dispose(): void {}
}
