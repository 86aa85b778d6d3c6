// Key stream made ahead changes no byte, repeats no nonce, survives no key, and a forgery does not touch it.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { ReferenceCodec } from "../../src/codec/reference.ts";
import { WasmCodec } from "../../src/codec/wasm.ts";
import { Random } from "../simulation/random.ts";
import { freshCodecs, freshWasmCodecs, KEY, KEY_2, openPacket, sealPacket } from "./codecs.ts";
import { Differential } from "./differential.ts";
import { repeatedKeyStreams } from "./nonces.ts";

const SEED = 1305;
const LANE = { key: KEY, lane: 3, datagram: false };
const READER = { datagram: false, packetBytesMax: 100_000 };

test(`random conversations are the same on every codec (seed ${SEED})`, () => {
  const random = new Random(SEED);
  const codecs = freshCodecs().map(({ codec }) => codec);
  for (let run = 0; run < 12; run++) {
    const differential = new Differential(codecs, random);
    differential.run(60);
    differential.dispose();
  }
});

for (const { name, codec } of freshWasmCodecs()) {
  test(`${name}: every length to 1,100 seals as the reference does, one packet after another`, () => {
    const reference = new ReferenceCodec("for tests");
    const pool = new Random(SEED).bytes(1_100);
    const [ours, theirs] = [codec.createSealer(LANE), reference.createSealer(LANE)];
    const [opener, reader] = [codec.createOpener(LANE), codec.createReader(READER)];
    for (let length = 0; length <= 1_100; length++) {
      const text = pool.subarray(0, length);
      const packet = sealPacket(codec, ours, text);
      assertEquals(packet, sealPacket(reference, theirs, text), `length ${length}`);
      assertEquals(openPacket(codec, reader, opener, packet), text.slice(), `length ${length}`);
    }
  });

  test(`${name}: a change of size finds what was made ahead for the other size`, () => {
    const reference = new ReferenceCodec("for tests");
    for (const [first, second] of [[64, 1_024], [1_024, 64], [0, 200], [1_024, 200], [200, 64]]) {
      for (let before = 0; before <= 8; before++) {
        const [ours, theirs] = [codec.createSealer(LANE), reference.createSealer(LANE)];
        const [opener, reader] = [codec.createOpener(LANE), codec.createReader(READER)];
        for (let i = 0; i < before + 10; i++) {
          const text = new Uint8Array(i < before ? first : second).fill(i);
          const packet = sealPacket(codec, ours, text);
          assertEquals(packet, sealPacket(reference, theirs, text), `${before} of ${first}, then ${second}`);
          assertEquals(openPacket(codec, reader, opener, packet), text);
        }
        ours.dispose();
        opener.dispose();
      }
    }
  });

  test(`${name}: a failed open leaves every byte of the lane as it was`, () => {
    const own = new WasmCodec(codec.build, null);
    const [opener, sealer] = [own.createOpener(LANE), own.createSealer(LANE)];
    const forger = own.createSealer({ ...LANE, key: KEY_2 });
    const reader = own.createReader(READER);
    const { slots, slotBytes } = own.core.map;
    for (let i = 0; i < 40; i++) {
      const before = own.core.bytes.slice(slots, slots + slotBytes);
      for (const size of [0, 64, 65, 256, 1_024]) {
        const forged = sealPacket(own, forger, new Uint8Array(size));
        const failure = assertThrows(() => openPacket(own, reader, opener, forged), HawserError);
        assertEquals(failure.code, "open-failed");
        assertEquals(own.opened.subarray(0, size), new Uint8Array(size)); // Nothing unproved is left to be seen.
        assertEquals(own.core.bytes.slice(slots, slots + slotBytes), before);
      }
      const text = new Uint8Array([30, 1_024, 64][i % 3]).fill(i);
      assertEquals(openPacket(own, reader, opener, sealPacket(own, sealer, text)), text);
    }
  });

  test(`${name}: a failed open leaves every byte of a datagram lane as it was, window and epochs included`, () => {
    const own = new WasmCodec(codec.build, null);
    const lane = { ...LANE, datagram: true };
    const [opener, sealer] = [own.createOpener(lane), own.createSealer(lane)];
    const reader = own.createReader({ ...READER, datagram: true });
    const { slots, slotBytes } = own.core.map;
    for (let i = 0; i < 40; i++) {
      if (i === 20) [opener, sealer].forEach((half) => half.rekey(KEY_2)); // The opener waits for a packet of it.
      const before = own.core.bytes.slice(slots, slots + slotBytes);
      for (const [epoch, sequence] of [[0, 50], [0, 1_000_000], [1, 500], [1, 2 ** 32 - 1], [2, 5]]) {
        const forger = own.createSealer({ ...lane, key: new Uint8Array(32), epoch, sequence });
        for (const size of [0, 65, 1_024]) {
          if (forger.sequence === 2 ** 32) break;
          const forged = sealPacket(own, forger, new Uint8Array(size));
          assertEquals(
            assertThrows(() => openPacket(own, reader, opener, forged), HawserError).code,
            "open-failed",
          );
          assertEquals(own.core.bytes.slice(slots, slots + slotBytes), before, `epoch ${epoch}, ${sequence}`);
        }
        forger.dispose();
      }
      const text = new Uint8Array([30, 1_024, 64][i % 3]).fill(i);
      assertEquals(openPacket(own, reader, opener, sealPacket(own, sealer, text)), text);
    }
  });

  test(`${name}: what was made ahead goes with its key`, () => {
    for (const size of [64, 1_024]) {
      const own = new WasmCodec(codec.build, null);
      const [sealer, opener] = [own.createSealer(LANE), own.createOpener(LANE)];
      const { slots, slotBytes } = own.core.map;
      const ahead = [slots + 64 + 16, slots + slotBytes + 384 + 16].map((at) => ({ at, length: 512 }));
      const made = ({ at, length }: { at: number; length: number }) => own.core.bytes.slice(at, at + length);
      const exchange = () =>
        openPacket(own, own.createReader(READER), opener, sealPacket(own, sealer, new Uint8Array(size)));
      exchange();
      assertEquals(made(ahead[0]), made(ahead[1]));
      const tail = made(ahead[0]).subarray(448); // Of a packet that is never sealed with this key.
      assert(tail.some((byte) => byte !== 0));
      sealer.rekey(KEY_2);
      opener.rekey(KEY_2);
      assert(ahead.every((area) => made(area).every((byte) => byte === 0)));
      assert(!contains(own.core.bytes, tail));
      exchange();
      sealer.dispose();
      opener.dispose();
      assert(own.core.bytes.subarray(slots).every((byte) => byte === 0));
    }
  });

  test(`${name}: the lookahead stops at the last sequence number of an epoch`, () => {
    const last = { ...LANE, sequence: 2 ** 32 - 2 };
    const [sealer, opener] = [codec.createSealer(last), codec.createOpener(last)];
    const reader = codec.createReader(READER);
    for (let i = 0; i < 2; i++) openPacket(codec, reader, opener, sealPacket(codec, sealer, KEY));
    assertEquals(assertThrows(() => sealPacket(codec, sealer, KEY), HawserError).code, "exhausted");
    sealer.rekey(KEY);
    opener.rekey(KEY);
    const reference = new ReferenceCodec("for tests");
    const packet = sealPacket(codec, sealer, KEY);
    assertEquals(packet, sealPacket(reference, reference.createSealer({ ...LANE, epoch: 1 }), KEY));
    assertEquals(openPacket(codec, reader, opener, packet), KEY);
  });

  test(`${name}: no nonce repeats in 200,000 packets`, () => {
    assertEquals(repeatedKeyStreams(codec, 200_000, (epoch) => KEY.map((byte) => byte ^ epoch)), 0);
  });
}

test("a nonce that repeats would be seen", () => {
  const { codec } = freshWasmCodecs()[0];
  const forgetful = Object.create(codec, {
    createSealer: { value: () => codec.createSealer(LANE) }, // Both lanes are the same one.
    plaintext: { get: () => codec.plaintext },
  });
  assert(repeatedKeyStreams(forgetful, 100, () => KEY) > 40);
});

function contains(memory: Uint8Array, part: Uint8Array): boolean {
  for (let at = memory.indexOf(part[0]); at >= 0; at = memory.indexOf(part[0], at + 1)) {
    if (part.every((byte, i) => memory[at + i] === byte)) return true;
  }
  return false;
}
