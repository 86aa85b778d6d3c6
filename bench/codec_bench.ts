/**
 * The codec beside its peers: each primitive, and whole packets, at five sizes, on other bytes in every call.
 *
 * Every peer must agree with us, byte for byte, before it is timed.
 *
 * @module
 */

import { type Codec, createCodec } from "../src/codec/mod.ts";
import { BODY_BYTES_MAX, PACKET_BYTES_MAX, PACKET_OVERHEAD_MAX } from "../src/limits.ts";
import { type AeadPeer, libsodium, libsodiumExtended, native, noble, TAG_BYTES } from "./codec/peers.ts";
import { slices } from "./data.ts";

const SIZES: readonly (readonly [bytes: number, name: string])[] = [
  [64, "64 B"],
  [1024, "1 KiB"],
  [16_384, "16 KiB"],
  [65_536, "64 KiB"],
  [1_048_576, "1 MiB"],
];
const KEY = Uint8Array.from({ length: 32 }, (_, index) => index);

/** Bytes of ciphertext that are kept ready to be decrypted: more than the caches next to the core hold. */
const READY_BYTES = 4 * 1024 * 1024;

const wasm = createCodec({ kind: "wasm" });

benchAead("chacha20-poly1305", 12, [
  ofCodec(wasm, "chacha20poly1305"),
  noble(KEY),
  libsodium(KEY),
  ...native(KEY),
]);

benchAead("xchacha20-poly1305", 24, [
  ofCodec(wasm, "xchacha20poly1305"),
  noble(KEY),
  libsodiumExtended(KEY),
]);

for (const [bytes, size] of SIZES) {
  const group = `packets: seal and open ${size}`;
  const n = iterations(bytes);
  for (const codec of [wasm, createCodec({ kind: "reference" })]) {
    const run = packets(codec, bytes);
    const baseline = codec === wasm;
    Deno.bench(`${codec.kind}, ${size}`, { group, baseline, n, warmup: n >> 2 }, run);
  }
}

function benchAead(title: string, nonceBytes: number, peers: readonly AeadPeer[]): void {
  for (const [bytes, size] of SIZES) {
    const n = iterations(bytes);
    const output = new Uint8Array(bytes + TAG_BYTES);
    for (const peer of peers) {
      requireAgreement(peers[0], peer, bytes, nonceBytes);
      const options = { baseline: peer === peers[0], n, warmup: n >> 2 };
      const nextText = slices("bundle", bytes);
      const nextNonce = nonces(nonceBytes);
      Deno.bench(
        `${title} encrypt ${size}, ${peer.name}`,
        { group: `${title} encrypt ${size}`, ...options },
        () => {
          peer.encrypt(nextText(), nextNonce(), output);
        },
      );
      const nextSealed = sealed(peers[0], bytes, nonceBytes);
      Deno.bench(
        `${title} decrypt ${size}, ${peer.name}`,
        { group: `${title} decrypt ${size}`, ...options },
        () => {
          const [text, nonce] = nextSealed();
          peer.decrypt(text, nonce, output);
        },
      );
    }
  }
}

function ofCodec(codec: Codec, algorithm: "chacha20poly1305" | "xchacha20poly1305"): AeadPeer {
  return {
    name: "hawser",
    encrypt: (text, nonce, output) => codec[algorithm](KEY, nonce).encrypt(text, output),
    decrypt: (text, nonce, output) => codec[algorithm](KEY, nonce).decrypt(text, output),
  };
}

/** A function that seals one message as packets and opens them again, as a session does; cut where it does not fit one. */
function packets(codec: Codec, bytes: number): () => void {
  const lane = { key: KEY, lane: 0, datagram: false };
  const sealer = codec.createSealer(lane);
  const opener = codec.createOpener(lane);
  const reader = codec.createReader({ datagram: false, packetBytesMax: PACKET_BYTES_MAX });
  const packet = new Uint8Array(BODY_BYTES_MAX + PACKET_OVERHEAD_MAX);
  const next = slices("bundle", bytes);
  return () => {
    const message = next();
    for (let at = 0; at < message.length; at += BODY_BYTES_MAX) {
      const body = message.subarray(at, at + BODY_BYTES_MAX);
      codec.plaintext.set(body);
      const length = sealer.seal(body.length, { compress: false }, packet, 0);
      reader.push(packet.subarray(0, length));
      reader.next();
      if (reader.open(opener) !== body.length) throw new Error("the packet did not come back whole");
    }
  };
}

function requireAgreement(ours: AeadPeer, peer: AeadPeer, bytes: number, nonceBytes: number): void {
  const text = slices("bundle", bytes)();
  const nonce = nonces(nonceBytes)();
  const output = new Uint8Array(bytes + TAG_BYTES);
  const expected = ours.encrypt(text, nonce, output).slice();
  requireEqual(peer.encrypt(text, nonce, output), expected, `${peer.name} encrypts ${bytes} bytes otherwise`);
  requireEqual(peer.decrypt(expected, nonce, output), text, `${peer.name} decrypts ${bytes} bytes otherwise`);
}

function requireEqual(actual: Uint8Array, expected: Uint8Array, complaint: string): void {
  const same = actual.length === expected.length && actual.every((byte, index) => byte === expected[index]);
  if (!same) throw new Error(complaint);
}

/** A counter in the first eight bytes. One array, changed by every call. */
function nonces(length: number): () => Uint8Array {
  const nonce = new Uint8Array(length);
  const view = new DataView(nonce.buffer);
  let count = 0;
  return () => {
    view.setUint32(0, count++);
    return nonce;
  };
}

/** Ciphertexts with their nonces, the next one on every call, in turn. */
function sealed(peer: AeadPeer, bytes: number, nonceBytes: number): () => [Uint8Array, Uint8Array] {
  const nextText = slices("bundle", bytes);
  const nextNonce = nonces(nonceBytes);
  const output = new Uint8Array(bytes + TAG_BYTES);
  const ready = Array.from({ length: Math.min(4096, READY_BYTES / bytes) }, (): [Uint8Array, Uint8Array] => {
    const nonce = nextNonce().slice();
    return [peer.encrypt(nextText(), nonce, output).slice(), nonce];
  });
  let at = 0;
  return () => ready[at++ % ready.length];
}

/** Enough calls for a steady figure, few enough for all to end within a minute or two. */
function iterations(bytes: number): number {
  return Math.min(20_000, Math.max(20, Math.ceil(READY_BYTES * 8 / bytes)));
}
