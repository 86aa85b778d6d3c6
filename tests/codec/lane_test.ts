// Lanes: every codec opens what every codec seals, no nonce repeats or wraps, and a failed open changes nothing.

import { test } from "node:test";
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import type { LaneOptions } from "../../src/codec/codec.ts";
import { HawserError } from "../../src/errors.ts";
import { BODY_BYTES_MAX, PACKET_OVERHEAD_MAX } from "../../src/limits.ts";
import { Random } from "../simulation/random.ts";
import { authenticPacket, freshCodecs, KEY, KEY_2, openPacket, sealPacket, SESSION_ID } from "./codecs.ts";

const SEED = 6479;
const CODECS = freshCodecs();
const READER = { datagram: false, packetBytesMax: 100_000 };
const DATAGRAM_READER = { datagram: true, packetBytesMax: 100_000 };

function codeOf(call: () => unknown): string {
  return assertThrows(call, HawserError).code;
}

function kinds(): { readonly lane: LaneOptions; readonly reader: typeof READER }[] {
  return [
    { lane: { key: KEY, lane: 0, datagram: false }, reader: READER },
    { lane: { key: KEY, lane: 2 ** 53 - 1, datagram: false }, reader: READER },
    { lane: { key: KEY, lane: 1, datagram: true }, reader: DATAGRAM_READER },
  ];
}

test(`every codec seals the same bytes as the others, and opens them (seed ${SEED})`, () => {
  const random = new Random(SEED);
  const lengths = [
    ...Array.from({ length: 130 }, (_, i) => 9 * i),
    4_096,
    random.between(5_000, 60_000),
    65_536,
    BODY_BYTES_MAX,
  ];
  for (const { lane, reader } of kinds()) {
    const sealers = CODECS.map(({ codec }) => codec.createSealer(lane));
    const openers = CODECS.map(({ codec }) => codec.createOpener(lane));
    const readers = CODECS.map(({ codec }) => codec.createReader(reader));
    for (const length of lengths) {
      const text = random.bytes(length);
      const packets = CODECS.map(({ codec }, i) => sealPacket(codec, sealers[i], text));
      for (const packet of packets) assertEquals(packet, packets[0]);
      assertEquals(packets[0].length, length + (lane.datagram ? 42 : 26));
      CODECS.forEach(({ codec }, i) =>
        assertEquals(openPacket(codec, readers[i], openers[i], packets[0]), text)
      );
    }
  }
});

test("a sealed packet is exactly what the nonce and the header say", () => {
  const text = new TextEncoder().encode("a boat at its hawser");
  for (const { codec } of CODECS) {
    const options = { key: KEY, lane: 2 ** 40 + 7, epoch: 5, sequence: 9 };
    const ordered = codec.createSealer({ ...options, datagram: false });
    const datagram = codec.createSealer({ ...options, datagram: true });
    const shared = { key: KEY, lane: 2 ** 40 + 7, epoch: 5, counter: 9, body: text };
    assertEquals(sealPacket(codec, ordered, text), authenticPacket({ ...shared, flags: 4 }));
    assertEquals(sealPacket(codec, datagram, text), authenticPacket({ ...shared, flags: 12 }));
  }
});

test("compressed bodies open everywhere, and incompressible ones stay as they are", () => {
  const random = new Random(SEED);
  const words = new TextEncoder().encode("the rope that holds a ship to the shore; ".repeat(1_700));
  for (const length of [0, 1, 63, 64, 512, 1_000, 20_000, 65_536]) {
    for (const { lane, reader } of kinds()) {
      for (const from of CODECS) {
        const sealer = from.codec.createSealer(lane);
        const packet = sealPacket(from.codec, sealer, words.subarray(0, length), true);
        assertEquals((packet[5] & 1) === 1, length >= 64, `${from.name}, ${length} bytes`);
        if (length >= 512) assert(packet.length < length);
        const noise = random.bytes(length);
        const plain = sealPacket(from.codec, sealer, noise, true);
        assertEquals(plain[5] & 3, 0);
        for (const to of CODECS) {
          const opener = to.codec.createOpener(lane);
          const packetReader = to.codec.createReader(reader);
          assertEquals(openPacket(to.codec, packetReader, opener, packet), words.slice(0, length));
          assertEquals(openPacket(to.codec, packetReader, opener, plain), noise);
          opener.dispose();
        }
        sealer.dispose();
      }
    }
  }
});

test("a body that was packed is marked, and left as it is for whoever can unpack it", () => {
  const packed = new Random(SEED).bytes(1_000);
  for (const { lane, reader } of kinds()) {
    for (const bits of [2, 3]) {
      const sealed = CODECS.map(({ codec }) => {
        const sealer = codec.createSealer(lane);
        codec.plaintext.set(packed);
        const target = new Uint8Array(packed.length + PACKET_OVERHEAD_MAX);
        const options = { compress: true, packed: bits, sessionId: SESSION_ID };
        const length = sealer.seal(packed.length, options, target, 0);
        sealer.dispose();
        return target.slice(0, length);
      });
      for (const packet of sealed) assertEquals(packet, sealed[0]);
      for (const { codec } of CODECS) {
        const [packetReader, opener] = [codec.createReader(reader), codec.createOpener(lane)];
        assertEquals(openPacket(codec, packetReader, opener, sealed[0]), packed);
        assertEquals(packetReader.flags & 3, bits);
        opener.dispose();
      }
    }
  }
});

for (const { name, codec } of CODECS) {
  test(`${name}: each flipped bit of a packet, and each cut, is refused and changes nothing`, () => {
    for (const { lane, reader } of kinds()) {
      const sealer = codec.createSealer(lane);
      const opener = codec.createOpener(lane);
      const packet = sealPacket(codec, sealer, new Uint8Array(21).fill(3));
      for (let bit = 0; bit < 8 * packet.length; bit++) {
        const changed = packet.slice();
        changed[bit >> 3] ^= 1 << (bit & 7);
        assert(refused(() => openPacket(codec, codec.createReader(reader), opener, changed)), `bit ${bit}`);
      }
      for (let length = 0; length < packet.length; length++) {
        assert(
          refused(() => openPacket(codec, codec.createReader(reader), opener, packet.subarray(0, length))),
        );
      }
      assertEquals(opener.sequence, 0);
      assertEquals(openPacket(codec, codec.createReader(reader), opener, packet), new Uint8Array(21).fill(3));
    }
  });

  test(`${name}: a forgery between every two packets changes nothing`, () => {
    for (const { lane, reader: readerOptions } of kinds()) {
      const sealer = codec.createSealer(lane);
      const forger = codec.createSealer({ ...lane, key: KEY_2 });
      const opener = codec.createOpener(lane);
      const reader = codec.createReader(readerOptions);
      for (let i = 0; i < 200; i++) {
        const text = new Uint8Array(i).fill(i);
        const packet = sealPacket(codec, sealer, text);
        const forged = sealPacket(codec, forger, text);
        assertEquals(codeOf(() => openPacket(codec, reader, opener, forged)), "open-failed");
        assertEquals(openPacket(codec, reader, opener, packet), text);
      }
      assertEquals(opener.replays, 0);
    }
  });

  test(`${name}: ordered lanes refuse replays, gaps and other lanes`, () => {
    const options = { key: KEY, lane: 4, datagram: false };
    const sealer = codec.createSealer(options);
    const opener = codec.createOpener(options);
    const reader = codec.createReader(READER);
    const packets = [1, 2, 3].map((value) => sealPacket(codec, sealer, new Uint8Array(value)));
    openPacket(codec, reader, opener, packets[0]);
    assertEquals(codeOf(() => openPacket(codec, reader, opener, packets[0])), "open-failed");
    assertEquals(codeOf(() => openPacket(codec, reader, opener, packets[2])), "open-failed");
    const other = codec.createOpener({ ...options, lane: 5, sequence: 1 });
    assertEquals(codeOf(() => openPacket(codec, reader, other, packets[1])), "open-failed");
    assertEquals(openPacket(codec, reader, opener, packets[1]).length, 2);
    assertEquals(opener.sequence, 2);
  });

  test(`${name}: sequences count over 2^31, and refuse to wrap`, () => {
    for (const datagram of [false, true]) {
      const reader = codec.createReader(datagram ? DATAGRAM_READER : READER);
      const half = { key: KEY, lane: 1, datagram, sequence: 2 ** 31 - 1 };
      const [sealer, opener] = [codec.createSealer(half), codec.createOpener(half)];
      for (let i = 0; i < 3; i++) openPacket(codec, reader, opener, sealPacket(codec, sealer, KEY));
      assertEquals(sealer.sequence, 2 ** 31 + 2);
      assertEquals(opener.sequence, 2 ** 31 + (datagram ? 1 : 2));

      const last = { key: KEY, lane: 1, datagram, epoch: 2 ** 32 - 2, sequence: 2 ** 32 - 1 };
      const [lastSealer, lastOpener] = [codec.createSealer(last), codec.createOpener(last)];
      openPacket(codec, reader, lastOpener, sealPacket(codec, lastSealer, KEY));
      assertEquals(lastSealer.sequence, 2 ** 32);
      for (let i = 0; i < 2; i++) {
        assertEquals(codeOf(() => sealPacket(codec, lastSealer, KEY)), "exhausted");
      }
      lastSealer.rekey(KEY_2);
      lastOpener.rekey(KEY_2);
      assertEquals([lastSealer.epoch, lastSealer.sequence], [2 ** 32 - 1, 0]);
      openPacket(codec, reader, lastOpener, sealPacket(codec, lastSealer, KEY));
      assertEquals(lastOpener.epoch, 2 ** 32 - 1);
      assertEquals(codeOf(() => lastSealer.rekey(KEY)), "exhausted");
      assertEquals(codeOf(() => lastOpener.rekey(KEY)), "exhausted");
      openPacket(codec, reader, lastOpener, sealPacket(codec, lastSealer, KEY)); // A refused rekey changes nothing.
    }
  });

  test(`${name}: an ordered opener without a sequence number left says so`, () => {
    const options = { key: KEY, lane: 1, datagram: false, sequence: 2 ** 32 - 1 };
    const [sealer, opener] = [codec.createSealer(options), codec.createOpener(options)];
    const packet = sealPacket(codec, sealer, KEY);
    openPacket(codec, codec.createReader(READER), opener, packet);
    assertEquals(codeOf(() => openPacket(codec, codec.createReader(READER), opener, packet)), "exhausted");
  });

  test(`${name}: rekeying an ordered lane switches both sides at once`, () => {
    const options = { key: KEY, lane: 0, datagram: false };
    const [sealer, opener] = [codec.createSealer(options), codec.createOpener(options)];
    const reader = codec.createReader(READER);
    const before = sealPacket(codec, sealer, KEY);
    sealer.rekey(KEY_2);
    const after = sealPacket(codec, sealer, KEY);
    assertNotEquals(before, after);
    openPacket(codec, reader, opener, before);
    assertEquals(codeOf(() => openPacket(codec, reader, opener, after)), "open-failed");
    opener.rekey(KEY_2);
    openPacket(codec, reader, opener, after);
    assertEquals([sealer.epoch, sealer.sequence, opener.epoch, opener.sequence], [1, 1, 1, 1]);
  });

  test(`${name}: a datagram lane switches with the first authentic packet of the next epoch`, () => {
    const options = { key: KEY, lane: 1, datagram: true };
    const [sealer, opener] = [codec.createSealer(options), codec.createOpener(options)];
    const reader = codec.createReader(DATAGRAM_READER);
    const open = (packet: Uint8Array) => openPacket(codec, reader, opener, packet).length;
    const old = [1, 2, 3, 4].map((length) => sealPacket(codec, sealer, new Uint8Array(length)));
    sealer.rekey(KEY_2);
    const young = [5, 6].map((length) => sealPacket(codec, sealer, new Uint8Array(length)));
    const forged = young[0].slice();
    forged[forged.length - 1] ^= 1;

    assertEquals(open(old[1]), 2);
    assertEquals(codeOf(() => open(young[0])), "open-failed"); // No key of that epoch yet.
    opener.rekey(KEY_2);
    assertEquals(codeOf(() => open(forged)), "open-failed");
    assertEquals([opener.epoch, opener.sequence], [0, 1]); // A forgery does not switch.
    assertEquals(open(old[2]), 3);
    assertEquals(open(young[1]), 6);
    assertEquals([opener.epoch, opener.sequence], [1, 1]);
    assertEquals(open(young[0]), 5);
    assertEquals(open(old[0]), 1); // Late, and still welcome.
    assertEquals(codeOf(() => open(old[0])), "open-failed");
    assertEquals(codeOf(() => open(young[0])), "open-failed");
    assertEquals(opener.replays, 2);
    opener.forget();
    assertEquals(codeOf(() => open(old[3])), "open-failed");
    assertEquals(opener.replays, 2);
  });

  test(`${name}: a second rekey of a silent datagram lane moves on by itself`, () => {
    const options = { key: KEY, lane: 1, datagram: true };
    const [sealer, opener] = [codec.createSealer(options), codec.createOpener(options)];
    const reader = codec.createReader(DATAGRAM_READER);
    const oldest = sealPacket(codec, sealer, KEY);
    for (const key of [KEY_2, KEY, KEY_2]) {
      sealer.rekey(key);
      opener.rekey(key);
    }
    assertEquals(opener.epoch, 2);
    assertEquals(openPacket(codec, reader, opener, sealPacket(codec, sealer, KEY)), KEY);
    assertEquals(opener.epoch, 3);
    assertEquals(codeOf(() => openPacket(codec, reader, opener, oldest)), "open-failed");
  });

  test(`${name}: flags that do not fit the lane are refused`, () => {
    const ordered = codec.createOpener({ key: KEY, lane: 1, datagram: false });
    const datagram = codec.createOpener({ key: KEY, lane: 1, datagram: true });
    const shared = { key: KEY, lane: 1, epoch: 0, counter: 0, body: KEY };
    const reader = codec.createReader(READER);
    const code = (opener: typeof ordered, flags: number) =>
      codeOf(() => openPacket(codec, reader, opener, authenticPacket({ ...shared, flags })));
    assertEquals(code(ordered, 12), "protocol");
    assertEquals(code(datagram, 4), "protocol");
    assertEquals(code(ordered, 4 + 16), "protocol");
    assertEquals(codeOf(() => openPacket(codec, reader, ordered, codec.writePacket(16, KEY))), "protocol");
    assertEquals(openPacket(codec, reader, ordered, authenticPacket({ ...shared, flags: 4 })), KEY);
  });

  test(`${name}: misuse is the caller's mistake, and uses up no sequence number`, () => {
    const sealer = codec.createSealer({ key: KEY, lane: 1, datagram: true });
    const target = new Uint8Array(100);
    const options = { compress: false, sessionId: SESSION_ID };
    assertThrows(() => sealer.seal(59, options, target, 0), RangeError, "101 may be needed");
    assertThrows(() => sealer.seal(58, options, target, 1), RangeError);
    assertThrows(
      () => sealer.seal(BODY_BYTES_MAX + 1, options, new Uint8Array(70_000), 0),
      RangeError,
      "length",
    );
    assertThrows(() => sealer.seal(1, { compress: false }, target, 0), TypeError, "sessionId");
    assertEquals(sealer.sequence, 0);
    assertEquals(sealer.seal(58, options, target, 0), 100);
    assertThrows(() => sealer.rekey(KEY.subarray(1)), RangeError);
    assertThrows(() => codec.createSealer({ key: KEY, lane: 2 ** 53, datagram: false }), RangeError);
    assertThrows(() => codec.createOpener({ key: KEY.subarray(1), lane: 0, datagram: false }), RangeError);
    sealer.dispose();
    sealer.dispose();
    assertThrows(() => sealer.seal(1, options, target, 0), TypeError, "disposed");
    assertThrows(() => sealer.rekey(KEY), TypeError, "disposed");
    const opener = codec.createOpener({ key: KEY, lane: 1, datagram: true });
    const reader = codec.createReader(READER);
    assertThrows(() => reader.open(opener), TypeError, "next()");
    opener.dispose();
    opener.dispose();
    reader.push(target);
    reader.next();
    assertThrows(() => reader.open(opener), TypeError, "disposed");
    const foreign = CODECS.find((other) => other.codec !== codec)!;
    assertThrows(
      () => reader.open(foreign.codec.createOpener({ key: KEY, lane: 1, datagram: true })),
      TypeError,
      "another codec",
    );
  });
}

function refused(call: () => unknown): boolean {
  try {
    call();
    return false;
  } catch {
    return true;
  }
}
