/**
 * The control: what no responder can do without, one new key pair and three key agreements.
 *
 * @module
 */

import { createKeyPair } from "../../../src/noise/mod.ts";
import { randomBytes } from "../../../src/random.ts";
import type { CreateBatch } from "./responding.ts";

/** Key agreements alone. */
export function createBatches(): CreateBatch {
  const [ours, theirs, theirEphemeral] = [0, 1, 2].map(() => createKeyPair(randomBytes(32)));
  return (count) => {
    let isSecondStep = false;
    return {
      initiate() {},
      respond() {
        if (isSecondStep) return;
        isSecondStep = true;
        for (let at = 0; at < count; at++) {
          const ephemeral = createKeyPair(randomBytes(32));
          ephemeral.dh(theirEphemeral.publicKey);
          ours.dh(theirEphemeral.publicKey);
          ephemeral.dh(theirs.publicKey);
        }
      },
      end() {},
    };
  };
}
