// The small build makes and reads the same packets as the others, byte for byte.

import { test } from "node:test";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { assertEquals, assertThrows } from "@std/assert";
import { loadSmallCore } from "../../src/codec/small_core.ts";
import { WasmCodec } from "../../src/codec/wasm.ts";
import { WasmPacketCodec } from "../../src/codec/wasm_packets.ts";
import { HawserError } from "../../src/errors.ts";
import { PACKET_BYTES_MAX, PACKET_OVERHEAD_MAX } from "../../src/limits.ts";
import { randomBytes } from "../../src/random.ts";

const LENGTHS = [0, 1, 63, 64, 65, 255, 256, 257, 511, 512, 513, 1_000, 4_096, 20_000, 65_536];

const small = new WasmPacketCodec(await loadSmallCore());
const plain = new WasmCodec("plain", null);

for (const datagram of [false, true]) {
  test(`small: packets are those of the plain build, ${datagram ? "datagram" : "ordered"} lane`, () => {
    const options = { key: randomBytes(32), lane: 1, datagram };
    const [sealer, expected] = [small.createSealer(options), plain.createSealer(options)];
    const opener = small.createOpener(options);
    const reader = small.createReader({ datagram, packetBytesMax: PACKET_BYTES_MAX });
    for (const length of LENGTHS) {
      for (const compress of [false, true]) {
        const body = text(length);
        const packet = sealed(small, sealer, body, compress, datagram);
        assertEquals(packet, sealed(plain, expected, body, compress, datagram), `${length} bytes`);
        reader.push(packet);
        assertEquals(reader.next(), true);
        assertEquals(reader.open(opener), length);
        assertEquals(small.opened.subarray(0, length), body, `${length} bytes`);
      }
    }
  });
}

test("small: the cipher of the handshake is that of @noble/ciphers", () => {
  for (const length of [0, 1, 32, 100, 513, 65_535]) {
    const [key, nonce, aad, body] = [randomBytes(32), randomBytes(12), randomBytes(32), text(length)];
    const ciphertext = small.chacha20poly1305(key, nonce, aad).encrypt(body);
    assertEquals(ciphertext, chacha20poly1305(key, nonce, aad).encrypt(body), `${length} bytes`);
    assertEquals(small.chacha20poly1305(key, nonce, aad).decrypt(ciphertext), body);
    ciphertext[length] ^= 1;
    assertThrows(() => small.chacha20poly1305(key, nonce, aad).decrypt(ciphertext), HawserError);
  }
  const { encrypt } = small.chacha20poly1305(new Uint8Array(32), new Uint8Array(12));
  assertThrows(() => encrypt(new Uint8Array(65_537)), RangeError, "at most 65536");
});

// Half of it gains by compression.
function text(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1_000) bytes.set(randomBytes(Math.min(500, length - at)), at);
  return bytes;
}

function sealed(
  codec: WasmPacketCodec,
  sealer: ReturnType<WasmPacketCodec["createSealer"]>,
  body: Uint8Array,
  compress: boolean,
  datagram: boolean,
): Uint8Array {
  const target = new Uint8Array(body.length + PACKET_OVERHEAD_MAX);
  codec.plaintext.set(body);
  const sessionId = datagram ? [1, 2] as const : undefined;
  return target.subarray(0, sealer.seal(body.length, { compress, sessionId }, target, 0));
}
