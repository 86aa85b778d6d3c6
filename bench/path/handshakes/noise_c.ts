/**
 * Noise-C, compiled to WebAssembly.
 *
 * @module
 */

import { createRequire } from "node:module";
import { randomBytes } from "../../../src/random.ts";
import { batchesOf, type CreateBatch } from "./responding.ts";

interface NoiseC {
  readonly constants: Record<string, number>;
  HandshakeState: new (name: string, role: number) => {
    Initialize(prologue: null, s: Uint8Array, rs: null, psk: null): void;
    WriteMessage(): Uint8Array;
    ReadMessage(message: Uint8Array, payloadNeeded: boolean): void;
    GetHandshakeHash(): Uint8Array;
    Split(): { free(): void }[];
  };
}

/** Handshakes of Noise-C. */
export async function createBatches(): Promise<CreateBatch> {
  const load = createRequire(import.meta.url)("noise-c.wasm");
  const { constants, HandshakeState } = await new Promise<NoiseC>((resolve) =>
    load({ printErr: () => {} }, resolve)
  );
  const { NOISE_ROLE_INITIATOR, NOISE_ROLE_RESPONDER } = constants;
  const keys = [randomBytes(32), randomBytes(32)];
  return batchesOf((initiator) => {
    const role = initiator ? NOISE_ROLE_INITIATOR : NOISE_ROLE_RESPONDER;
    const state = new HandshakeState("Noise_XX_25519_ChaChaPoly_SHA256", role);
    state.Initialize(null, keys[initiator ? 0 : 1], null, null);
    return {
      write: () => state.WriteMessage(),
      read: (message) => void state.ReadMessage(message, true),
      end() {
        const hash = state.GetHandshakeHash();
        state.Split().forEach((cipher) => cipher.free());
        return hash;
      },
    };
  });
}
