/**
 * Handshakes that a quantum computer of the future cannot open: X25519 and ML-KEM-768 (FIPS 203) together, so whoever
 * records today's packets needs to break both.
 *
 * Needs the package `@noble/post-quantum`.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@hawser/hawser";
 * import { postQuantum } from "@hawser/hawser/post-quantum";
 *
 * await using server = await listen("tcp://127.0.0.1:0", { postQuantum });
 * await using connection = await connect(server.urls, { postQuantum });
 * console.log(connection.peer.handshake); // XXhfs
 * ```
 *
 * @module
 */

import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import type { Kem } from "./kem.ts";

export type { Kem } from "./kem.ts";

/** ML-KEM-768 (FIPS 203), for the option `postQuantum` of both sides. */
export const postQuantum: Kem = {
  name: "MLKEM768",
  publicKeyBytes: 1_184,
  ciphertextBytes: 1_088,
  seedBytes: 64,
  randomBytes: 32,
  generate: (seed) => ml_kem768.keygen(seed),
  encapsulate(publicKey, random) {
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, random);
    return { ciphertext: cipherText, sharedSecret };
  },
  decapsulate: (ciphertext, secretKey) => ml_kem768.decapsulate(ciphertext, secretKey),
};
