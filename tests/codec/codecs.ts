/**
 * The codecs that every test of this folder runs on, and packets made of them.
 *
 * @module
 */

import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { Codec, Opener, PacketReader, Sealer } from "../../src/codec/codec.ts";
import { ReferenceCodec } from "../../src/codec/reference.ts";
import { preferredBuild } from "../../src/codec/core_modules.ts";
import { WasmCodec } from "../../src/codec/wasm.ts";

/** A codec with a name for test titles. */
export interface NamedCodec {
  readonly name: string;
  readonly codec: Codec;
}

/** Makes fresh codecs: both builds of the core where the engine takes them, and the reference. */
export function freshCodecs(): NamedCodec[] {
  return [...freshWasmCodecs(), { name: "reference", codec: new ReferenceCodec("for tests") }];
}

/**
 * Makes fresh codecs of both builds; the relaxed one where the engine knows relaxed SIMD. The plain one does all by
 * itself, the other gives long texts to the runtime where that has the cipher.
 */
export function freshWasmCodecs(): { readonly name: string; readonly codec: WasmCodec }[] {
  const plain = { name: "plain", codec: new WasmCodec("plain", null) };
  return preferredBuild() === "plain"
    ? [plain]
    : [plain, { name: "relaxed", codec: new WasmCodec("relaxed") }];
}

/** The key of lanes in tests. */
export const KEY: Uint8Array = new Uint8Array(32).map((_, i) => 7 * i + 1);

/** Another key. */
export const KEY_2: Uint8Array = new Uint8Array(32).map((_, i) => 250 - i);

/** The session id of datagrams in tests. */
export const SESSION_ID: readonly [number, number] = [0xfedcba98, 0x76543210];

/** Seals `text` into a packet of its own. */
export function sealPacket(codec: Codec, sealer: Sealer, text: Uint8Array, compress = false): Uint8Array {
  codec.plaintext.set(text);
  const packet = new Uint8Array(text.length + 42);
  const length = sealer.seal(text.length, { compress, sessionId: SESSION_ID }, packet, 0);
  return packet.slice(0, length);
}

/** Pushes one whole packet into a reader and opens it. */
export function openPacket(
  codec: Codec,
  reader: PacketReader,
  opener: Opener,
  packet: Uint8Array,
): Uint8Array {
  reader.push(packet);
  if (!reader.next()) throw new Error("there should be a packet");
  return codec.opened.slice(0, reader.open(opener));
}

/** Makes an authentic packet by hand, with @noble/ciphers alone. */
export function authenticPacket(
  packet: {
    readonly key: Uint8Array;
    readonly lane: number;
    readonly epoch: number;
    readonly counter: number;
    readonly flags: number;
    readonly body: Uint8Array;
  },
): Uint8Array {
  const sequenced = (packet.flags & 8) !== 0;
  const bytes = new Uint8Array(10 + (sequenced ? 16 : 0) + packet.body.length + 16);
  const view = new DataView(bytes.buffer);
  bytes.set([0xde, 0xad, 0xbe, 0xef, 1, packet.flags]);
  view.setUint32(6, bytes.length - 10);
  if (sequenced) {
    [...SESSION_ID, packet.epoch, packet.counter].forEach((word, i) => view.setUint32(10 + 4 * i, word));
  }
  const nonce = new DataView(new ArrayBuffer(24));
  nonce.setBigUint64(0, BigInt(packet.lane), true);
  nonce.setUint32(8, packet.epoch, true);
  nonce.setBigUint64(16, (BigInt(packet.epoch) << 32n) | BigInt(packet.counter), true);
  const aad = bytes.slice(0, sequenced ? 26 : 10);
  bytes.set(
    xchacha20poly1305(packet.key, new Uint8Array(nonce.buffer), aad).encrypt(packet.body),
    aad.length,
  );
  return bytes;
}
