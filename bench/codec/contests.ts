/**
 * Every contest: whole texts, packets of a lane, LZ4, and LZ4 with a lane behind it.
 *
 * Texts are cut from real files, others in every call. Ours go into a buffer of the caller, and so do those of
 * peers that can write there.
 *
 * @module
 */

import { hchacha } from "@noble/ciphers/chacha.js";
import { type Codec, createCodec } from "../../src/codec/mod.ts";
import { BODY_BYTES_MAX, PACKET_BYTES_MAX, PACKET_OVERHEAD_MAX } from "../../src/limits.ts";
import { type DataKind, slices } from "../data.ts";
import type { Contender, Contest } from "./contest.ts";
import {
  type AeadPeer,
  libsodium,
  libsodiumExtended,
  type Lz4Peer,
  lz4Peers,
  native,
  noble,
} from "./peers.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index);
const LANE = { key: KEY, lane: 0, datagram: false };
const HEADER_BYTES = 10;
const TAG_BYTES = 16;

const KIB = 1024;
const TEXT_SIZES = [64, KIB, 16 * KIB, 64 * KIB, 256 * KIB, 1024 * KIB];
const PACKET_SIZES = [64, KIB, 16 * KIB, 64 * KIB];
const LZ4_SIZES = [KIB, 16 * KIB, 64 * KIB, 1024 * KIB];

const codec: Codec = createCodec({ kind: "wasm" });

/** All contests, in the order in which they are printed. */
export function contests(): Contest[] {
  return [
    ...TEXT_SIZES.flatMap(textContests),
    ...PACKET_SIZES.flatMap(packetContests),
    ...LZ4_SIZES.flatMap(lz4Contests),
    compressAndSeal(KIB),
  ];
}

function unitOf(size: number): Contest["unit"] {
  return size <= KIB ? "ops/s" : "MB/s";
}

// ChaCha20-Poly1305 of a whole text, with 12 bytes of nonce.

function textContests(size: number): Contest[] {
  const hawser: AeadPeer = {
    name: "hawser",
    encrypt: (text, nonce, output) => codec.chacha20poly1305(KEY, nonce).encrypt(text, output),
    decrypt: (sealed, nonce, output) => codec.chacha20poly1305(KEY, nonce).decrypt(sealed, output),
  };
  const peers = [hawser, noble(KEY), libsodium(KEY), ...native(KEY)];
  const shared = { size, unit: unitOf(size) };
  return [
    { operation: "seal text", ...shared, contenders: peers.map((peer) => sealingText(peer, size)) },
    { operation: "open text", ...shared, contenders: peers.map((peer) => openingText(peer, size)) },
  ];
}

function sealingText(peer: AeadPeer, size: number): Contender {
  const next = slices("bundle", size);
  const nextNonce = counting(new Uint8Array(12), 0);
  const output = new Uint8Array(size + TAG_BYTES);
  return {
    name: peer.name,
    sample: () => peer.encrypt(slices("bundle", size)(), new Uint8Array(12), output).slice(),
    prepare(count) {
      const texts = Array.from({ length: count }, next);
      return () => {
        for (const text of texts) peer.encrypt(text, nextNonce(), output);
      };
    },
  };
}

function openingText(peer: AeadPeer, size: number): Contender {
  const next = slices("bundle", size);
  const output = new Uint8Array(size);
  const seal = (nonce: Uint8Array) => codec.chacha20poly1305(KEY, nonce).encrypt(next());
  return {
    name: peer.name,
    sample() {
      const sealed = codec.chacha20poly1305(KEY, new Uint8Array(12)).encrypt(slices("bundle", size)());
      return peer.decrypt(sealed, new Uint8Array(12), output).slice();
    },
    prepare(count) {
      const [sealing, opening] = [counting(new Uint8Array(12), 0), counting(new Uint8Array(12), 0)];
      const ready = Array.from({ length: count }, () => seal(sealing()));
      return () => {
        for (const sealed of ready) peer.decrypt(sealed, opening(), output);
      };
    },
  };
}

// Packets of a lane: for the peers, header and XChaCha20-Poly1305 with the lane's nonces.

function packetContests(size: number): Contest[] {
  const peers = lanePeers();
  const shared = { size, unit: unitOf(size) };
  const sealing = [sealingPacket(size), ...peers.map((peer) => peerSealingPacket(peer, size))];
  const opening = [openingPacket(size), ...peers.map((peer) => peerOpeningPacket(peer, size))];
  return [
    { operation: "seal packet", ...shared, contenders: sealing },
    { operation: "open packet", ...shared, contenders: opening },
  ];
}

/** A peer and what its nonces are like: the counter lies at `at`. */
interface LanePeer extends AeadPeer {
  readonly nonceBytes: number;
  readonly at: number;
}

function lanePeers(): LanePeer[] {
  const extended = { nonceBytes: 24, at: 16 };
  // node:crypto has no XChaCha20, so it gets the subkey of the lane, once, as we do.
  const words = (bytes: Uint8Array) => new Uint32Array(bytes.slice().buffer);
  const subkey = new Uint32Array(8);
  hchacha(words(new TextEncoder().encode("expand 32-byte k")), words(KEY), new Uint32Array(4), subkey);
  return [
    { ...noble(KEY), ...extended },
    { ...libsodiumExtended(KEY), ...extended },
    ...native(new Uint8Array(subkey.buffer)).map((peer) => ({ ...peer, nonceBytes: 12, at: 4 })),
  ];
}

function sealingPacket(size: number, kind: DataKind = "bundle", compress = false): Contender {
  const next = slices(kind, size);
  const target = new Uint8Array(BODY_BYTES_MAX + PACKET_OVERHEAD_MAX);
  const options = { compress };
  const sealer = codec.createSealer(LANE);
  return {
    name: "hawser",
    sample: () => firstPacket(size),
    prepare(count) {
      const texts = Array.from({ length: count }, next);
      return () => {
        for (const text of texts) {
          codec.plaintext.set(text);
          sealer.seal(text.length, options, target, 0);
        }
      };
    },
  };
}

/** The packet with the sequence number 0. */
function firstPacket(size: number): Uint8Array {
  return sealedPackets(1, slices("bundle", size))[0];
}

/** The first packets of the lane, each in memory of its own. */
function sealedPackets(count: number, next: () => Uint8Array): Uint8Array[] {
  const sealer = codec.createSealer(LANE);
  const packets = Array.from({ length: count }, () => {
    const text = next();
    codec.plaintext.set(text);
    const packet = new Uint8Array(text.length + PACKET_OVERHEAD_MAX);
    return packet.subarray(0, sealer.seal(text.length, { compress: false }, packet, 0));
  });
  sealer.dispose();
  return packets;
}

function openingPacket(size: number): Contender {
  const next = slices("bundle", size);
  const output = new Uint8Array(size);
  const reader = codec.createReader({ datagram: false, packetBytesMax: PACKET_BYTES_MAX });
  const openAll = (packets: readonly Uint8Array[]) => {
    const opener = codec.createOpener(LANE);
    return () => {
      for (const packet of packets) {
        reader.push(packet);
        reader.next();
        const length = reader.open(opener);
        output.set(codec.opened.subarray(0, length));
      }
      opener.dispose();
    };
  };
  return {
    name: "hawser",
    sample() {
      openAll([firstPacket(size)])();
      return output.slice();
    },
    prepare: (count) => openAll(sealedPackets(count, next)),
  };
}

function peerSealingPacket(peer: LanePeer, size: number): Contender {
  const next = slices("bundle", size);
  const target = new Uint8Array(HEADER_BYTES + size + TAG_BYTES);
  const header = firstPacket(size).slice(0, HEADER_BYTES);
  const body = target.subarray(HEADER_BYTES);
  const nextNonce = counting(new Uint8Array(peer.nonceBytes), peer.at);
  const seal = (text: Uint8Array, nonce: Uint8Array) => {
    target.set(header);
    const sealed = peer.encrypt(text, nonce, body, header);
    if (sealed.buffer !== body.buffer) target.set(sealed, HEADER_BYTES);
  };
  return {
    name: peer.name,
    sample() {
      seal(slices("bundle", size)(), new Uint8Array(peer.nonceBytes));
      return target.slice();
    },
    prepare(count) {
      const texts = Array.from({ length: count }, next);
      return () => {
        for (const text of texts) seal(text, nextNonce());
      };
    },
  };
}

function peerOpeningPacket(peer: LanePeer, size: number): Contender {
  const next = slices("bundle", size);
  const output = new Uint8Array(size);
  const openAll = (packets: readonly Uint8Array[]) => {
    const nextNonce = counting(new Uint8Array(peer.nonceBytes), peer.at);
    return () => {
      for (const packet of packets) {
        const [header, body] = [packet.subarray(0, HEADER_BYTES), packet.subarray(HEADER_BYTES)];
        const text = peer.decrypt(body, nextNonce(), output, header);
        if (text.buffer !== output.buffer) output.set(text);
      }
    };
  };
  return {
    name: peer.name,
    sample() {
      openAll([firstPacket(size)])();
      return output.slice();
    },
    prepare: (count) => openAll(sealedPackets(count, next)),
  };
}

// LZ4 blocks.

function lz4Contests(size: number): Contest[] {
  const output = new Uint8Array(size + size / 255 + 16);
  const hawser: Lz4Peer = {
    name: "hawser",
    compress: (text) => codec.lz4CompressBlock(text, output),
    decompress: (block) => codec.lz4DecompressBlock(block, size, output),
    wrap: (block) => block,
  };
  const peers = [hawser, ...lz4Peers()];
  const shared = { size, unit: unitOf(size) };
  return [
    { operation: "LZ4 compress", ...shared, contenders: peers.map((peer) => compressing(peer, size)) },
    { operation: "LZ4 decompress", ...shared, contenders: peers.map((peer) => decompressing(peer, size)) },
  ];
}

function compressing(peer: Lz4Peer, size: number): Contender {
  const next = slices("json", size);
  return {
    name: peer.name,
    // Compressors choose differently; what they make must say the same.
    sample: () => peer.decompress(peer.compress(next()), size).slice(),
    prepare(count) {
      const texts = Array.from({ length: count }, next);
      return () => {
        for (const text of texts) peer.compress(text);
      };
    },
  };
}

function decompressing(peer: Lz4Peer, size: number): Contender {
  const next = slices("json", size);
  const wrapped = (text: Uint8Array) => peer.wrap(codec.lz4CompressBlock(text), size);
  return {
    name: peer.name,
    sample: () => peer.decompress(wrapped(slices("json", size)()), size).slice(),
    prepare(count) {
      const blocks = Array.from({ length: count }, () => wrapped(next()));
      return () => {
        for (const block of blocks) peer.decompress(block, size);
      };
    },
  };
}

// LZ4, then a lane.

function compressAndSeal(size: number): Contest {
  const [napi, , js] = lz4Peers();
  const [nobleLane, , ...nativeLane] = lanePeers();
  const pairs: [Lz4Peer, LanePeer][] = [[js, nobleLane]];
  for (const peer of nativeLane) pairs.push([napi, peer]);
  const contenders = [
    sealingPacket(size, "json", true),
    ...pairs.map(([lz4, peer]) => peerCompressAndSeal(lz4, peer, size)),
  ];
  return { operation: "LZ4 + seal packet", size, unit: unitOf(size), contenders };
}

function peerCompressAndSeal(lz4: Lz4Peer, peer: LanePeer, size: number): Contender {
  const next = slices("json", size);
  const target = new Uint8Array(HEADER_BYTES + 2 * size);
  const header = target.subarray(0, HEADER_BYTES);
  const body = target.subarray(HEADER_BYTES);
  const nextNonce = counting(new Uint8Array(peer.nonceBytes), peer.at);
  return {
    name: `${lz4.name} + ${peer.name}`,
    sample: () => firstPacket(size), // Both halves have their own contest, where they are compared.
    prepare(count) {
      const texts = Array.from({ length: count }, next);
      return () => {
        for (const text of texts) {
          const sealed = peer.encrypt(lz4.compress(text), nextNonce(), body, header);
          if (sealed.buffer !== body.buffer) body.set(sealed);
        }
      };
    },
  };
}

/** The nonces of consecutive packets: one array, whose counter at `at` moves with every call. */
function counting(nonce: Uint8Array, at: number): () => Uint8Array {
  const view = new DataView(nonce.buffer);
  let count = 0;
  return () => {
    view.setUint32(at, count++, true);
    return nonce;
  };
}
