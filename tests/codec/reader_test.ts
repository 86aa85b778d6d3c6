// The deframer: any split of the bytes gives the same packets, and a header that lies costs nothing.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Codec, Opener, PacketReader } from "../../src/codec/codec.ts";
import { HawserError } from "../../src/errors.ts";
import { BODY_BYTES_MAX, PACKET_BYTES_MAX } from "../../src/limits.ts";
import { Random } from "../simulation/random.ts";
import { freshCodecs, freshWasmCodecs, KEY, openPacket, sealPacket, SESSION_ID } from "./codecs.ts";

const SEED = 10;
const STREAM = { datagram: false, packetBytesMax: 100_000 };
const DATAGRAM = { datagram: true, packetBytesMax: 100_000 };
const LANE = { key: KEY, lane: 0, datagram: false };

function header(flags: number, length: number): Uint8Array {
  const bytes = new Uint8Array([0xde, 0xad, 0xbe, 0xef, 1, flags, 0, 0, 0, 0]);
  new DataView(bytes.buffer).setUint32(6, length);
  return bytes;
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** All that the reader has now: sealed packets opened, others as they are. */
function drain(codec: Codec, reader: PacketReader, opener: Opener): Uint8Array[] {
  const texts: Uint8Array[] = [];
  while (reader.next()) {
    texts.push((reader.flags & 4) === 0 ? reader.body() : codec.opened.slice(0, reader.open(opener)));
  }
  return texts;
}

for (const { name, codec } of freshCodecs()) {
  test(`${name}: packs and reads unsealed packets of every size, and reads no other so`, () => {
    const reader = codec.createReader(STREAM);
    for (const length of [0, 1, 9, 1_000, BODY_BYTES_MAX]) {
      const target = new Uint8Array(length + 13).fill(0xee);
      codec.plaintext.fill(length, 0, length);
      assertEquals(codec.pack(length, target, 2), length + 10);
      assertEquals(join([target.subarray(0, 2), target.subarray(length + 12)]), new Uint8Array(3).fill(0xee));
      reader.push(target.subarray(2, length + 12));
      assert(reader.next());
      assertEquals([reader.flags, reader.read()], [0, length]);
      assertEquals(codec.opened.slice(0, length), new Uint8Array(length).fill(length));
    }
    assertThrows(() => codec.pack(BODY_BYTES_MAX + 1, new Uint8Array(2 * BODY_BYTES_MAX), 0), RangeError);
    assertThrows(() => codec.pack(10, new Uint8Array(19), 0), RangeError);
    const sealer = codec.createSealer(LANE);
    for (const other of [codec.writePacket(16, KEY), sealPacket(codec, sealer, KEY)]) {
      reader.push(other);
      assert(reader.next());
      assertThrows(() => reader.read(), HawserError);
    }
    sealer.dispose();
  });

  test(`${name}: several packets, split in two at every byte, and byte by byte`, () => {
    const sealer = codec.createSealer(LANE);
    const texts = [new Uint8Array(0), new Uint8Array(40).fill(1), KEY, new Uint8Array(7).fill(9)];
    const stream = join([
      sealPacket(codec, sealer, texts[0]),
      sealPacket(codec, sealer, texts[1]),
      codec.writePacket(16, texts[2]),
      sealPacket(codec, sealer, texts[3]),
    ]);
    for (let cut = 0; cut <= stream.length; cut++) {
      const [reader, opener] = [codec.createReader(STREAM), codec.createOpener(LANE)];
      reader.push(stream.subarray(0, cut));
      const first = drain(codec, reader, opener);
      reader.push(stream.subarray(cut));
      assertEquals([...first, ...drain(codec, reader, opener)], texts, `cut at ${cut}`);
      opener.dispose();
    }
    const [reader, opener] = [codec.createReader(STREAM), codec.createOpener(LANE)];
    const read: Uint8Array[] = [];
    for (const byte of stream) {
      reader.push(Uint8Array.of(byte));
      read.push(...drain(codec, reader, opener));
    }
    assertEquals(read, texts);
  });

  test(`${name}: random packets in random pieces, some larger than the arena (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const pool = random.bytes(BODY_BYTES_MAX);
    const [sealer, opener, reader] = [
      codec.createSealer(LANE),
      codec.createOpener(LANE),
      codec.createReader(STREAM),
    ];
    const lengths = Array.from(
      { length: codec.kind === "wasm" ? 120 : 30 },
      () => random.chance(0.3) ? random.between(0, 100) : random.between(0, BODY_BYTES_MAX),
    );
    const stream = join(lengths.map((length) => sealPacket(codec, sealer, pool.subarray(0, length))));
    let count = 0;
    for (let at = 0; at < stream.length;) {
      const size = random.chance(0.2) ? random.between(1, 1_000_000) : random.between(1, 100_000);
      reader.push(stream.subarray(at, at + size));
      at += size;
      while (reader.next()) {
        const text = codec.opened.subarray(0, reader.open(opener));
        assertEquals(text.length, lengths[count]);
        assert(text.every((byte, i) => byte === pool[i]), `packet ${count}`);
        count++;
      }
    }
    assertEquals(count, lengths.length);
  });

  test(`${name}: readers whose pieces interleave do not disturb each other`, () => {
    const links = [0, 1, 2].map((lane) => ({
      stream: new Uint8Array(0) as Uint8Array,
      opener: codec.createOpener({ key: KEY, lane, datagram: false }),
      sealer: codec.createSealer({ key: KEY, lane, datagram: false }),
      reader: codec.createReader(STREAM),
      read: [] as number[],
    }));
    for (const link of links) {
      link.stream = join(
        [50, 3_000, 0, 60_000, 1].map((length) =>
          sealPacket(codec, link.sealer, new Uint8Array(length).fill(length))
        ),
      );
    }
    for (let at = 0; at < 64_000; at += 777) {
      for (const link of links) link.reader.push(link.stream.subarray(at, at + 777));
      for (const link of links) {
        if (!link.reader.next()) continue;
        const stranger = links[(links.indexOf(link) + 1) % 3];
        stranger.reader.push(new Uint8Array(0)); // Takes the arena between next and open.
        link.read.push(link.reader.open(link.opener));
      }
    }
    for (const link of links) {
      while (link.reader.next()) link.read.push(link.reader.open(link.opener));
      assertEquals(link.read, [50, 3_000, 0, 60_000, 1]);
    }
  });

  test(`${name}: a lie in the header is seen with its first byte, and stays`, () => {
    const cases: [string, Uint8Array, number, string][] = [
      ["magic", Uint8Array.of(0xdf), 1, "protocol"],
      ["magic, last byte", Uint8Array.of(0xde, 0xad, 0xbe, 0xee), 4, "protocol"],
      ["version 0", Uint8Array.of(0xde, 0xad, 0xbe, 0xef, 0), 5, "version-mismatch"],
      ["version 2", Uint8Array.of(0xde, 0xad, 0xbe, 0xef, 2), 5, "version-mismatch"],
      ["reserved flag", header(0x24, 0), 6, "protocol"],
      ["LZ4 but not sealed", header(1, 0), 6, "protocol"],
      ["zstd but not sealed", header(2, 0), 6, "protocol"],
      ["gzip of a handshake", header(0x13, 0), 6, "protocol"],
      ["sequenced but not sealed", header(8, 0), 6, "protocol"],
      ["length 2^32 - 1", header(4, 2 ** 32 - 1), 7, "packet-too-large"],
      ["length 2^24 + 1", header(4, 2 ** 24 + 1), 7, "packet-too-large"],
      ["length 66,048", header(16, 0x10200), 9, "packet-too-large"],
      ["length 65,793", header(16, 0x10101), 10, "packet-too-large"],
      ["no room for a tag", header(4, 15), 10, "protocol"],
      ["no room for tag and sequence", header(12, 31), 10, "protocol"],
    ];
    for (const [what, bytes, seenAfter, code] of cases) {
      const reader = codec.createReader(STREAM);
      for (let i = 0; i < seenAfter - 1; i++) {
        reader.push(bytes.subarray(i, i + 1));
        assertEquals(reader.next(), false, what);
      }
      reader.push(bytes.subarray(seenAfter - 1, seenAfter));
      for (let i = 0; i < 2; i++) {
        assertEquals(assertThrows(() => reader.next(), HawserError).code, code, what);
        reader.push(codec.writePacket(16, KEY));
      }
    }
  });

  test(`${name}: bodies at the limit pass, one byte more does not`, () => {
    for (const [limit, flags] of [[100, 16], [BODY_BYTES_MAX, 16], [BODY_BYTES_MAX, 0]]) {
      const reader = codec.createReader({ datagram: false, packetBytesMax: limit });
      reader.push(codec.writePacket(flags, new Uint8Array(limit)));
      assert(reader.next());
      assertEquals([reader.flags, reader.length, reader.body().length], [flags, limit, limit]);
      reader.push(header(flags, limit + 1));
      assertEquals(assertThrows(() => reader.next(), HawserError).code, "packet-too-large");
    }
    // Whatever the limit, no body has more text than the codec has room for.
    for (const [flags, most] of [[4, BODY_BYTES_MAX + 16], [12, BODY_BYTES_MAX + 32], [16, BODY_BYTES_MAX]]) {
      const reader = codec.createReader({ datagram: false, packetBytesMax: PACKET_BYTES_MAX });
      reader.push(header(flags, most));
      assertEquals(reader.next(), false);
      const other = codec.createReader({ datagram: false, packetBytesMax: PACKET_BYTES_MAX });
      other.push(header(flags, most + 1));
      assertEquals(assertThrows(() => other.next(), HawserError).code, "packet-too-large");
    }
    assertThrows(
      () => codec.createReader({ datagram: false, packetBytesMax: PACKET_BYTES_MAX + 1 }),
      RangeError,
    );
    assertThrows(() => codec.writePacket(16, new Uint8Array(BODY_BYTES_MAX + 1)), RangeError);
    assertThrows(() => codec.writePacket(4, KEY), RangeError);
  });

  test(`${name}: a datagram is one packet, no more and no less`, () => {
    const lane = { key: KEY, lane: 1, datagram: true, epoch: 3, sequence: 8 };
    const [sealer, opener] = [codec.createSealer(lane), codec.createOpener(lane)];
    const reader = codec.createReader(DATAGRAM);
    const packet = sealPacket(codec, sealer, KEY);
    const bad = [
      packet.subarray(0, 9),
      packet.subarray(0, -1),
      join([packet, Uint8Array.of(0)]),
      join([packet, packet]),
    ];
    for (const datagram of [...bad, new Uint8Array(0), new Uint8Array(300_000)]) {
      reader.push(datagram);
      assertEquals(assertThrows(() => reader.next(), HawserError).code, "protocol");
      assertEquals(reader.next(), false);
    }
    reader.push(packet.subarray(0, 20));
    reader.push(packet); // Half a datagram is dropped with the next one.
    assert(reader.next());
    assertEquals([reader.sessionIdHigh, reader.sessionIdLow, reader.packetEpoch], [...SESSION_ID, 3]);
    assertEquals(codec.opened.slice(0, reader.open(opener)), KEY);
    assertEquals(reader.next(), false);
    assertEquals([reader.flags, reader.length, reader.sessionIdHigh, reader.packetEpoch], [0, 0, 0, 0]);
    assertThrows(() => reader.body(), TypeError);
  });

  test(`${name}: a packet may be opened after it failed, and only once with success`, () => {
    const [sealer, opener] = [codec.createSealer(LANE), codec.createOpener(LANE)];
    const wrong = codec.createOpener({ ...LANE, lane: 9 });
    const reader = codec.createReader(STREAM);
    reader.push(sealPacket(codec, sealer, KEY));
    reader.next();
    assertThrows(() => reader.open(wrong), HawserError);
    assertEquals(codec.opened.slice(0, reader.open(opener)), KEY);
    assertThrows(() => reader.open(opener), HawserError);
    assertEquals(openPacket(codec, reader, opener, sealPacket(codec, sealer, KEY)), KEY);
  });
}

for (const { name, codec } of freshWasmCodecs()) {
  test(`${name}: a header that claims 64 KiB costs ten bytes, for any number of readers`, () => {
    const before = codec.core.bytes.length;
    const readers = Array.from({ length: 2_000 }, () => codec.createReader(STREAM));
    for (const reader of readers) {
      reader.push(header(4, BODY_BYTES_MAX + 16));
      assertEquals(reader.next(), false);
    }
    assertEquals(codec.core.bytes.length, before);
    for (const reader of readers) reader.push(new Uint8Array(1));
    assertEquals(codec.core.bytes.length, before);
  });
}
