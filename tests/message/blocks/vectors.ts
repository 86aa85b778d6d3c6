// One block whose hashes are known in both binary layouts: the secret key is 00..1f, the payload "hello".

import { blockSigner, createBlock } from "../../../src/message/blocks/mod.ts";

/** Whoever signs in the tests. */
export const signer = blockSigner(Uint8Array.from({ length: 32 }, (_, index) => index));

/** The payload of the block. */
export const HELLO = new TextEncoder().encode("hello");

/** Its time, in seconds. */
export const SECONDS = 1_700_000_000;

/** The known block in one byte order. */
export function knownBlock(byteOrder: "big" | "little" = "big") {
  return createBlock({
    signer,
    payload: HELLO,
    payloadType: 0x8000,
    nowMs: SECONDS * 1_000 + 999,
    byteOrder,
  });
}

/** So many blocks in a row, a second apart. */
export function chainOf(length: number, byteOrder: "big" | "little" = "big") {
  const chain = [knownBlock(byteOrder)];
  while (chain.length < length) {
    const nowMs = (SECONDS + chain.length) * 1_000;
    chain.push(createBlock({ signer, payload: Uint8Array.of(chain.length), nowMs, previous: chain.at(-1) }));
  }
  return chain;
}

/** Bytes in hexadecimal. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
