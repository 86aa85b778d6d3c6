// Compressed bodies of a hostile peer that has the key: bombs, damage, and what lies behind the block.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { lz4CompressBlock } from "../../src/codec/lz4_reference.ts";
import { HawserError } from "../../src/errors.ts";
import { BODY_BYTES_MAX } from "../../src/limits.ts";
import { authenticPacket, freshCodecs, KEY, openPacket, sealPacket } from "./codecs.ts";

const READER = { datagram: false, packetBytesMax: 100_000 };
const LANE = { key: KEY, lane: 0, datagram: false };

function bomb(length: number, counter: number): Uint8Array {
  const body = lz4CompressBlock(new Uint8Array(length).fill(length));
  return authenticPacket({ key: KEY, lane: 0, epoch: 0, counter, flags: 5, body });
}

for (const { name, codec } of freshCodecs()) {
  test(`${name}: a body expands to the limit, and not a byte beyond`, () => {
    const [opener, reader] = [codec.createOpener(LANE), codec.createReader(READER)];
    let counter = 0;
    for (const length of [BODY_BYTES_MAX - 1, BODY_BYTES_MAX]) {
      const text = openPacket(codec, reader, opener, bomb(length, counter++));
      assertEquals(text, new Uint8Array(length).fill(length));
    }
    for (const length of [BODY_BYTES_MAX + 1, 2 * BODY_BYTES_MAX, 10_000_000]) {
      const error = assertThrows(
        () => openPacket(codec, reader, opener, bomb(length, counter++)),
        HawserError,
      );
      assertEquals(error.code, "compression");
    }
    // Those packets were authentic, so the lane goes on behind them.
    assertEquals(opener.sequence, counter);
    const sealer = codec.createSealer({ ...LANE, sequence: counter });
    assertEquals(openPacket(codec, reader, opener, sealPacket(codec, sealer, KEY)), KEY);
  });

  test(`${name}: damaged blocks are refused, whatever is in memory`, () => {
    const blocks = [
      [], // Not even a token.
      [0x10], // A literal is announced and missing.
      [0x00, 0x01, 0x00], // A match before the first byte.
      [0x11, 0x41, 0x02, 0x00, 0x50, 1, 2, 3, 4, 5], // One byte written, two back.
      [0x1f, 0x41, 0x00, 0x00], // Offset zero.
      [0xf0, 0xff, 0xff, 0xff], // A length without end.
    ];
    for (const prefill of [0x00, 0xff]) {
      const [opener, reader] = [codec.createOpener(LANE), codec.createReader(READER)];
      blocks.forEach((block, counter) => {
        codec.opened.fill(prefill);
        const packet = authenticPacket({
          key: KEY,
          lane: 0,
          epoch: 0,
          counter,
          flags: 5,
          body: Uint8Array.from(block),
        });
        const error = assertThrows(() => openPacket(codec, reader, opener, packet), HawserError);
        assertEquals(error.code, "compression", `block ${counter}`);
      });
    }
  });
}
