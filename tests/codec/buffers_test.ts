// Node's Buffer is a Uint8Array whose slice is a view: whoever copies with it does not copy.

import { Buffer } from "node:buffer";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { createCodec } from "../../src/codec/mod.ts";

for (const kind of ["wasm", "reference"] as const) {
  const codec = createCodec({ kind });

  test(`${kind}: key, nonce and associated data are copied when they are given`, () => {
    const given = [Buffer.alloc(32, 1), Buffer.alloc(12, 2), Buffer.alloc(5, 3)];
    const aead = codec.chacha20poly1305(given[0], given[1], given[2]);
    const expected = aead.encrypt(new Uint8Array(100));
    for (const buffer of given) buffer.fill(9);
    assertEquals(aead.encrypt(new Uint8Array(100)), expected);
  });

  test(`${kind}: a Buffer is sealed and opened in place`, () => {
    const aead = codec.chacha20poly1305(new Uint8Array(32), new Uint8Array(12));
    const expected = aead.encrypt(new Uint8Array(100).fill(7));
    const buffer = Buffer.alloc(116, 7);
    assertEquals(Buffer.from(aead.encrypt(buffer.subarray(0, 100), buffer)), Buffer.from(expected));
    assertEquals(Buffer.from(aead.decrypt(buffer, buffer)), Buffer.alloc(100, 7));
    const shifted = Buffer.alloc(120, 7);
    assertEquals(
      Buffer.from(aead.encrypt(shifted.subarray(4, 104), shifted.subarray(0, 116))),
      Buffer.from(expected),
    );
  });

  test(`${kind}: a reader keeps what it was given, whatever becomes of the Buffer`, () => {
    const reader = codec.createReader({ datagram: false, packetBytesMax: 1_000 });
    const packet = Buffer.from(codec.writePacket(0x10, new Uint8Array(50).fill(5)));
    const [head, tail] = [Buffer.from(packet.subarray(0, 20)), Buffer.from(packet.subarray(20))];
    reader.push(head);
    head.fill(0);
    assertEquals(reader.next(), false);
    reader.push(tail);
    tail.fill(0);
    assertEquals(reader.next(), true);
    const body = reader.body();
    reader.push(Buffer.alloc(100));
    assertEquals(body, new Uint8Array(50).fill(5));
  });
}

for (const kind of ["wasm", "reference"] as const) {
  test(`${kind}: functions work when they are taken off their object`, () => {
    const { chacha20poly1305, lz4CompressBlock, lz4DecompressBlock } = createCodec({ kind });
    const { encrypt, decrypt } = chacha20poly1305(new Uint8Array(32), new Uint8Array(12));
    const text = new Uint8Array(1_000).fill(3);
    assertEquals(decrypt(encrypt(text)), text);
    assertEquals(lz4DecompressBlock(lz4CompressBlock(text), 1_000), text);
  });

  test(`${kind}: a block may be compressed over its own source`, () => {
    const { lz4CompressBlock, lz4DecompressBlock } = createCodec({ kind });
    const memory = new Uint8Array(4_000).map((_, index) => index % 251);
    const source = memory.subarray(10, 2_010);
    const expected = new Uint8Array(source);
    assertEquals(lz4DecompressBlock(lz4CompressBlock(source, memory), 2_000), expected);
  });
}
