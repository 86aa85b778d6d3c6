/**
 * noise-handshake, on libsodium. It has BLAKE2b only.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import { x25519PublicKey } from "../../../src/noise/mod.ts";
import { randomBytes } from "../../../src/random.ts";
import { batchesOf, type CreateBatch } from "./responding.ts";

interface NoiseHandshake {
  readonly hash: Uint8Array;
  initialise(prologue: Uint8Array): void;
  send(): Uint8Array;
  recv(message: Uint8Array): void;
}

type CreateNoiseHandshake = new (
  pattern: string,
  initiator: boolean,
  keyPair: { publicKey: Uint8Array; secretKey: Uint8Array },
) => NoiseHandshake;

/** Handshakes of noise-handshake. */
export function createBatches(): CreateBatch {
  const Noise: CreateNoiseHandshake = createRequire(import.meta.url)("noise-handshake");
  const keyPairs = [randomBytes(32), randomBytes(32)].map((secret) => ({
    publicKey: Buffer.from(x25519PublicKey(secret)),
    secretKey: Buffer.from(secret),
  }));
  return batchesOf((initiator) => {
    const state = new Noise("XX", initiator, keyPairs[initiator ? 0 : 1]);
    state.initialise(Buffer.alloc(0));
    return {
      write: () => state.send(),
      read: (message) => void state.recv(message),
      end: () => state.hash,
    };
  });
}
