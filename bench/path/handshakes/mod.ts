/**
 * Everybody's handshakes. Only what takes part is loaded.
 *
 * @module
 */

import type { Figures } from "../loads.ts";
import type { Contender } from "../measures.ts";
import { type CreateBatch, measureResponders } from "./responding.ts";

/** Returns a function that measures handshakes for so many milliseconds of processor time. */
export async function handshakeDriver(contender: Contender): Promise<(ms: number) => Promise<Figures>> {
  const createBatch = await batchesOf(contender);
  return (ms) => measureResponders(createBatch, ms);
}

async function batchesOf(contender: Contender): Promise<CreateBatch> {
  switch (contender) {
    case "hawser":
      return (await import("./hawser.ts")).createBatches();
    case "key agreement":
      return (await import("./key_agreement.ts")).createBatches();
    case "js-libp2p":
      return await (await import("./libp2p.ts")).createBatches();
    case "noise-c.wasm":
      return await (await import("./noise_c.ts")).createBatches();
    case "noise-handshake":
      return (await import("./noise_handshake.ts")).createBatches();
    default:
      throw new Error(`${contender} has no handshake`);
  }
}
