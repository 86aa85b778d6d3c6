/**
 * The AEADs and LZ4 libraries that we are measured against, behind one shape each.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, getCiphers } from "node:crypto";
import { createRequire } from "node:module";
import { chacha20poly1305, xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import sodium from "libsodium-wrappers";

/** Bytes of a tag. */
export const TAG_BYTES = 16;

const NO_AAD = new Uint8Array(0);

/** An AEAD under one key. Results lie in `output` where the library can write there. */
export interface AeadPeer {
  readonly name: string;
  encrypt(text: Uint8Array, nonce: Uint8Array, output: Uint8Array, aad?: Uint8Array): Uint8Array;
  decrypt(sealed: Uint8Array, nonce: Uint8Array, output: Uint8Array, aad?: Uint8Array): Uint8Array;
}

/** Compresses and decompresses LZ4 blocks, in the library's own format. */
export interface Lz4Peer {
  readonly name: string;
  compress(text: Uint8Array): Uint8Array;
  decompress(block: Uint8Array, size: number): Uint8Array;
  /** Makes of a bare block what `decompress` takes. */
  wrap(block: Uint8Array, size: number): Uint8Array;
}

await sodium.ready;

/** @noble/ciphers; the length of the nonce decides which cipher it is. */
export function noble(key: Uint8Array): AeadPeer {
  const aead = (nonce: Uint8Array, aad?: Uint8Array) =>
    nonce.length === 12 ? chacha20poly1305(key, nonce, aad) : xchacha20poly1305(key, nonce, aad);
  return {
    name: "@noble/ciphers",
    encrypt: (text, nonce, output, aad) =>
      aead(nonce, aad).encrypt(text, output.subarray(0, text.length + TAG_BYTES)),
    decrypt: (sealed, nonce, output, aad) =>
      aead(nonce, aad).decrypt(sealed, output.subarray(0, sealed.length - TAG_BYTES)),
  };
}

/** libsodium-wrappers: ChaCha20-Poly1305 with 12 bytes of nonce. */
export function libsodium(key: Uint8Array): AeadPeer {
  return {
    name: "libsodium-wrappers",
    encrypt: (text, nonce, _output, aad = NO_AAD) =>
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(text, aad, null, nonce, key),
    decrypt: (sealed, nonce, _output, aad = NO_AAD) =>
      sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, sealed, aad, nonce, key),
  };
}

/** libsodium-wrappers: XChaCha20-Poly1305 with 24 bytes of nonce. */
export function libsodiumExtended(key: Uint8Array): AeadPeer {
  return {
    name: "libsodium-wrappers",
    encrypt: (text, nonce, _output, aad = NO_AAD) =>
      sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(text, aad, null, nonce, key),
    decrypt: (sealed, nonce, _output, aad = NO_AAD) =>
      sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, sealed, aad, nonce, key),
  };
}

/** node:crypto, where it has the cipher. */
export function native(key: Uint8Array): AeadPeer[] {
  if (!getCiphers().includes("chacha20-poly1305")) return [];
  const options = { authTagLength: TAG_BYTES };
  return [{
    name: "node:crypto",
    encrypt(text, nonce, _output, aad) {
      const cipher = createCipheriv("chacha20-poly1305", key, nonce, options);
      if (aad !== undefined) cipher.setAAD(aad, { plaintextLength: text.length });
      return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    },
    decrypt(sealed, nonce, _output, aad) {
      const decipher = createDecipheriv("chacha20-poly1305", key, nonce, options);
      if (aad !== undefined) decipher.setAAD(aad, { plaintextLength: sealed.length - TAG_BYTES });
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
    },
  }];
}

// CommonJS without types: what is used of each.
interface Lz4Napi {
  compressSync(text: Uint8Array): Uint8Array;
  uncompressSync(block: Uint8Array): Uint8Array;
}
interface Lz4Wasm {
  compress(text: Uint8Array): Uint8Array;
  decompress(block: Uint8Array): Uint8Array;
}
interface Lz4Js {
  compressBound(size: number): number;
  compressBlock(text: Uint8Array, to: Uint8Array, at: number, size: number, table: Uint32Array): number;
  decompressBlock(block: Uint8Array, to: Uint8Array, at: number, size: number, toAt: number): number;
}

/** lz4-napi and lz4-wasm (both Rust's lz4_flex), and lz4js. */
export function lz4Peers(): [napi: Lz4Peer, wasm: Lz4Peer, js: Lz4Peer] {
  const require = createRequire(import.meta.url);
  const napi = require("lz4-napi") as Lz4Napi;
  const wasm = require("lz4-wasm-nodejs") as Lz4Wasm;
  return [
    {
      name: "lz4-napi",
      compress: napi.compressSync,
      decompress: (block) => napi.uncompressSync(block),
      wrap: withSize,
    },
    { name: "lz4-wasm", compress: wasm.compress, decompress: wasm.decompress, wrap: withSize },
    lz4js(require("lz4js") as Lz4Js),
  ];
}

function lz4js(library: Lz4Js): Lz4Peer {
  const table = new Uint32Array(65_536);
  return {
    name: "lz4js",
    compress(text) {
      const output = new Uint8Array(library.compressBound(text.length));
      table.fill(0);
      const length = library.compressBlock(text, output, 0, text.length, table);
      return length === 0 ? text : output.subarray(0, length); // 0: it did not get smaller.
    },
    decompress(block, size) {
      const output = new Uint8Array(size);
      return output.subarray(0, library.decompressBlock(block, output, 0, block.length, 0));
    },
    wrap: (block) => block,
  };
}

/** The size of the text in four bytes, little-endian, and the block. */
function withSize(block: Uint8Array, size: number): Uint8Array {
  const wrapped = Buffer.alloc(4 + block.length);
  wrapped.writeUInt32LE(size);
  wrapped.set(block, 4);
  return wrapped;
}
