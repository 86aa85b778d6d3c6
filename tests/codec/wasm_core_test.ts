// The instance itself: what it exports, how its memory grows, and what a trap does.

import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { base64Decode } from "../../src/codec/base64.ts";
import { STATUS } from "../../src/codec/status.ts";
import { WasmCodec } from "../../src/codec/wasm.ts";
import { COMPRESSION_BYTES_MIN } from "../../src/compression_limits.ts";
import { HawserError } from "../../src/errors.ts";
import {
  BODY_BYTES_MAX,
  PACKET_OVERHEAD_MAX,
  REASSEMBLY_RUNS_MAX,
  REPLAY_WINDOW_PACKETS,
} from "../../src/limits.ts";
import { freshWasmCodecs, KEY, KEY_2, openPacket, sealPacket } from "./codecs.ts";

const LANE = { key: KEY, lane: 0, datagram: false };
const READER = { datagram: false, packetBytesMax: 100_000 };
const REASSEMBLY = {
  messageBytesMax: 1_000,
  bytesMax: 10_000,
  messagesMax: 10,
  runsMax: 10,
  ageMsMax: 1_000,
};

for (const { name, codec } of freshWasmCodecs()) {
  test(`${name}: the core imports nothing, and its constants are those of the host`, () => {
    assertEquals(WebAssembly.Module.imports(codec.core.source.module), []);
    const constants = codec.core.exports as unknown as Record<string, { value: number | bigint }>;
    const value = (constant: string) => Number(constants[constant].value);
    for (const [reason, number] of Object.entries(STATUS)) {
      if (reason !== "DATAGRAM") assertEquals(value(`STATUS_${reason}`), number, reason);
    }
    assertEquals(value("BODY_BYTES_MAX"), BODY_BYTES_MAX);
    assertEquals(value("PACKET_OVERHEAD_MAX"), PACKET_OVERHEAD_MAX);
    assertEquals(value("COMPRESSION_BYTES_MIN"), COMPRESSION_BYTES_MIN);
    assertEquals(value("REPLAY_WINDOW"), REPLAY_WINDOW_PACKETS);
    assertEquals(value("RUNS_MAX"), REASSEMBLY_RUNS_MAX);
    assertEquals(codec.plaintext.length, BODY_BYTES_MAX);
    assertEquals(codec.opened.length, BODY_BYTES_MAX);
  });

  test(`${name}: 10,000 calls of each kind do not grow memory`, () => {
    const before = codec.core.bytes.length;
    const text = new Uint8Array(1_000);
    const reader = codec.createReader(READER);
    const reassembler = codec.createReassembler(REASSEMBLY);
    const [longSealer, longOpener] = [codec.createSealer(LANE), codec.createOpener(LANE)];
    for (let i = 0; i < 10_000; i++) {
      openPacket(codec, reader, longOpener, sealPacket(codec, longSealer, text.subarray(0, i % 100)));
      const [sealer, opener] = [codec.createSealer(LANE), codec.createOpener(LANE)];
      sealer.dispose();
      opener.dispose();
      reassembler.push(2 * i, 100, 0, text, 0, 50, 0);
      reassembler.push(2 * i, 100, 50, text, 0, 50, 0);
      reassembler.push(2 * i + 1, 100, 0, text, 0, 50, 0);
      if (i % 10 === 0) codec.lz4DecompressBlock(codec.lz4CompressBlock(text), 1_000);
      if (i % 1_000 === 0) codec.lz4DecompressBlock(codec.lz4CompressBlock(new Uint8Array(200_000)), 200_000);
    }
    assertEquals(codec.core.bytes.length, before);
  });

  test(`${name}: views are right after memory grew between any two calls`, () => {
    const { core } = codec;
    const [sealer, opener] = [codec.createSealer(LANE), codec.createOpener(LANE)];
    const reader = codec.createReader(READER);
    const reassembler = codec.createReassembler(REASSEMBLY);
    const packet = new Uint8Array(1_100);
    for (let i = 0; i < 10; i++) {
      const text = new Uint8Array(1_000).fill(i);
      core.grow(1);
      codec.plaintext.set(text);
      core.grow(1);
      const length = sealer.seal(text.length, { compress: i % 2 === 0 }, packet, 0);
      core.grow(1);
      reader.push(packet.subarray(0, length >> 1));
      core.grow(1);
      assertEquals(reader.next(), false);
      core.grow(1);
      reader.push(packet.subarray(length >> 1, length));
      core.grow(1);
      assert(reader.next());
      core.grow(1);
      const opened = reader.open(opener);
      core.grow(1);
      assertEquals(codec.opened.slice(0, opened), text);
      assertEquals(reassembler.push(i, 20, 0, text, 0, 10, 0), "incomplete");
      core.grow(1);
      assertEquals(reassembler.push(i, 20, 10, text, 0, 10, 0), text.slice(0, 20));
      core.grow(1);
      assertEquals(codec.chacha20poly1305(KEY, KEY.slice(0, 12)).encrypt(text).length, 1_016);
    }
  });

  test(`${name}: opened text stays readable while it starts messages and lanes`, () => {
    const [sealer, opener, reader] = [
      codec.createSealer(LANE),
      codec.createOpener(LANE),
      codec.createReader(READER),
    ];
    const reassembler = codec.createReassembler({ ...REASSEMBLY, messagesMax: 100, bytesMax: 100_000 });
    reader.push(sealPacket(codec, sealer, new Uint8Array(500).fill(5)));
    reader.next();
    const text = codec.opened.subarray(0, reader.open(opener));
    for (let id = 0; id < 100; id++) reassembler.push(id, 100, 0, text, 0, 10, 0);
    assertEquals(text.length, 500);
    assert(text.every((byte) => byte === 5));
  });

  test(`${name}: hundreds of lanes get slots of their own`, () => {
    const lanes = Array.from({ length: 700 }, (_, lane) => ({
      sealer: codec.createSealer({ ...LANE, lane }),
      opener: codec.createOpener({ ...LANE, lane }),
    }));
    const reader = codec.createReader(READER);
    lanes.forEach(({ sealer, opener }, lane) => {
      const text = new Uint8Array(10).fill(lane);
      assertEquals(openPacket(codec, reader, opener, sealPacket(codec, sealer, text)), text);
    });
    for (const { sealer, opener } of lanes) {
      sealer.dispose();
      opener.dispose();
    }
  });

  test(`${name}: keys leave memory with rekey, forget and dispose`, () => {
    const own = new WasmCodec(codec.build);
    const { slots } = own.core.map;
    const lanes = [false, true].map((datagram) => ({
      sealer: own.createSealer({ ...LANE, datagram }),
      opener: own.createOpener({ ...LANE, datagram }),
    }));
    const memory = own.core.bytes;
    const subkey = memory.slice(slots + 32, slots + 64);
    assert(subkey.some((byte) => byte !== 0));
    for (const { sealer, opener } of lanes) {
      sealer.rekey(KEY_2);
      opener.rekey(KEY_2);
    }
    assert(contains(memory, subkey)); // The datagram opener keeps it for late packets.
    const [, { sealer, opener }] = lanes;
    openPacket(
      own,
      own.createReader({ ...READER, datagram: true }),
      opener,
      sealPacket(own, sealer, new Uint8Array(9)),
    );
    assert(contains(memory, subkey));
    opener.forget();
    assert(!contains(memory, subkey));
    for (const lane of lanes) {
      lane.sealer.dispose();
      lane.opener.dispose();
    }
    assert(!contains(memory, KEY) && !contains(memory, KEY_2));
    assert(memory.subarray(slots).every((byte) => byte === 0));
  });

  test(`${name}: a trap ends the instance and what was made on it, and nothing else`, () => {
    const own = new WasmCodec(codec.build);
    const [sealer, opener, reader] = [
      own.createSealer(LANE),
      own.createOpener(LANE),
      own.createReader(READER),
    ];
    const aead = own.chacha20poly1305(KEY, KEY.slice(0, 12));
    const sealed = aead.encrypt(KEY_2);
    const dead = own.core;
    const failure = assertThrows(
      () => dead.guard(() => dead.exports.deframe(2 ** 31, 2 ** 31 + 100, 100)),
      HawserError,
    );
    assert(failure.code === "closed" && failure.cause instanceof WebAssembly.RuntimeError);
    assert(dead.discarded && dead.bytes.every((byte) => byte === 0));
    for (
      const call of [
        () => sealer.seal(1, { compress: false }, new Uint8Array(100), 0),
        () => sealer.rekey(KEY),
        () => opener.epoch,
        () => reader.next(),
      ]
    ) assertEquals(assertThrows(call, HawserError).code, "closed");
    sealer.dispose();
    assert(own.core !== dead);
    assertEquals(aead.encrypt(KEY_2), sealed);
    assertEquals(
      openPacket(
        own,
        own.createReader(READER),
        own.createOpener(LANE),
        sealPacket(own, own.createSealer(LANE), KEY),
      ),
      KEY,
    );
    const mistake = new TypeError("not a trap");
    const rethrow = () => {
      throw mistake;
    };
    assertStrictEquals(assertThrows(() => own.core.guard(rethrow), TypeError), mistake);
    assertEquals(own.core.discarded, false);
  });

  test(`${name}: the tag comparison sees every byte`, () => {
    const { core } = codec;
    const [a, b] = [core.map.work, core.map.work + 64];
    core.bytes.set(KEY.subarray(0, 16), a);
    core.bytes.set(KEY.subarray(0, 16), b);
    assertEquals(core.exports.tagsEqual(a, b), 1);
    for (let bit = 0; bit < 128; bit++) {
      core.bytes[b + (bit >> 3)] ^= 1 << (bit & 7);
      assertEquals(core.exports.tagsEqual(a, b), 0);
      core.bytes[b + (bit >> 3)] ^= 1 << (bit & 7);
    }
  });
}

test("base64 decodes with and without the native method", () => {
  const bytes = new Uint8Array(300).map((_, i) => 7 * i);
  for (let length = 0; length < 300; length++) {
    assertEquals(
      base64Decode(btoa(String.fromCharCode(...bytes.subarray(0, length)))),
      bytes.slice(0, length),
    );
  }
});

function contains(memory: Uint8Array, part: Uint8Array): boolean {
  for (let at = memory.indexOf(part[0]); at >= 0; at = memory.indexOf(part[0], at + 1)) {
    if (part.every((byte, i) => memory[at + i] === byte)) return true;
  }
  return false;
}
