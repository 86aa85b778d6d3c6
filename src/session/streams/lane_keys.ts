/**
 * Keys for streams that ride on streams of the network below: each is a lane of its own, in both directions.
 *
 * The key of a lane is derived from a secret of its direction by the lane's id, which also stands in every nonce. The secret
 * is derived from the first key of the main lane, and is never used to seal.
 *
 * @module
 */

import { deriveKey } from "../../noise/key_derivation.ts";
import type { Compression, SessionConfig } from "../config.ts";
import { type ReceiveLane, SealedReceiveLane, SealedSendLane, type SendLane } from "../lanes.ts";

const SECRET_LABEL = "hawser lanes of streams";
// Lane 0 is the main lane, 1 that of datagrams.
const FIRST_LANE = 2;

/** Makes the lanes of streams. */
export class LaneKeys {
  readonly #config: SessionConfig;
  readonly #send: Uint8Array;
  readonly #receive: Uint8Array;
  readonly #compression: Compression | undefined;
  readonly #accepts: readonly Compression[];

  /** Derives its secrets from the first keys of the main lane, which stay as they are. */
  constructor(
    config: SessionConfig,
    [sendKey, receiveKey]: readonly [Uint8Array, Uint8Array],
    compression: Compression | undefined,
    accepts: readonly Compression[],
  ) {
    this.#config = config;
    this.#send = deriveKey(sendKey, SECRET_LABEL);
    this.#receive = deriveKey(receiveKey, SECRET_LABEL);
    this.#compression = compression;
    this.#accepts = accepts;
  }

  /** Whether bodies are compressed. */
  get compresses(): boolean {
    return this.#compression !== undefined;
  }

  /** Both directions of the lane of one stream. To be made once for each: twice would seal twice under one nonce. */
  lanes(streamId: number, now: number): [SendLane, ReceiveLane] {
    const { codec, limits } = this.#config;
    const lane = FIRST_LANE + streamId;
    const label = `lane ${lane}`;
    return [
      new SealedSendLane(codec, deriveKey(this.#send, label), undefined, limits, now, {
        compression: this.#compression,
        lane,
      }),
      new SealedReceiveLane(codec, deriveKey(this.#receive, label), false, limits, {
        accepts: this.#accepts,
        lane,
      }),
    ];
  }

  /** Wipes the secrets. */
  dispose(): void {
    this.#send.fill(0);
    this.#receive.fill(0);
  }
}
