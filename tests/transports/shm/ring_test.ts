// The ring by itself: against a queue, round its end, round the end of its counters, and with a peer that lies.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../../src/errors.ts";
import { RingReader, RingWriter } from "../../../src/transports/shm/ring.ts";
import { Random } from "../../simulation/random.ts";

const TAIL = 0;
const HEAD = 16;

function ring(capacity: number, from = 0) {
  const words = new Int32Array(32);
  words[TAIL] = words[HEAD] = from | 0;
  const data = new Uint8Array(capacity);
  const place = { words, tail: TAIL, head: HEAD, data };
  return { words, data, writer: new RingWriter(place, from), reader: new RingReader(place, from) };
}

/** Writes a whole message, as far as there is room. */
function write(writer: RingWriter, message: Uint8Array): boolean {
  return writer.write(message, 0) === message.length;
}

for (const capacity of [64, 256, 4_096]) {
  test(`ring: 200,000 operations on ${capacity} bytes, against a queue`, () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = new Random(seed);
    const { writer, reader } = ring(capacity);
    const queue: Uint8Array[] = [];
    let at = 0;
    let message: Uint8Array = new Uint8Array(0);
    for (let step = 0; step < 200_000; step++) {
      if (random.between(0, 1) === 0) {
        // Goes on with the message, or begins another: up to twice the ring.
        if (at === message.length) {
          message = random.bytes(random.between(0, capacity * 2) >>> random.between(0, 7));
          at = 0;
        }
        const written = writer.write(message, at);
        if (written < 0) continue;
        queue.push(message.slice(at, written));
        at = written;
      } else if (random.between(0, 3) === 0 && reader.take()) {
        for (let part = reader.next(); part !== undefined; part = reader.next()) {
          assertEquals(part, queue.shift(), `seed ${seed}`);
        }
        assertEquals(queue.length, 0, `seed ${seed}`);
      }
    }
  });
}

test("ring: it is full at its capacity, and not before", () => {
  const { writer, reader } = ring(64);
  const message = new Uint8Array(12); // With its length, a quarter: the longest record.
  for (let index = 0; index < 4; index++) assert(write(writer, message));
  assertEquals(writer.write(message, 0), -1);
  assertEquals(writer.write(new Uint8Array(0), 0), -1);
  assert(!reader.isEmpty && reader.take() && reader.isEmpty);
  assert(write(writer, message));
});

test("ring: a message longer than a record goes on in the next", () => {
  const { writer, reader } = ring(64);
  const message = Uint8Array.from({ length: 25 }, (_, index) => index);
  assertEquals([writer.write(message, 0), writer.write(message, 12), writer.write(message, 24)], [
    12,
    24,
    25,
  ]);
  assert(reader.take());
  for (const [from, to, goesOn] of [[0, 12, true], [12, 24, true], [24, 25, false]] as const) {
    assertEquals([reader.next(), reader.goesOn], [message.slice(from, to), goesOn]);
  }
  assertEquals([reader.next(), reader.take()], [undefined, false]);
});

test("ring: the counters go round the end of 32 bits", () => {
  const size = 16;
  const { writer, reader, words } = ring(64, 2 ** 32 - 3 * size);
  for (let round = 0; round < 20; round++) {
    const message = Uint8Array.from({ length: 12 }, (_, index) => index + round);
    assert(write(writer, message) && reader.take());
    assertEquals([reader.next(), reader.next()], [message, undefined]);
  }
  assertEquals(words[TAIL], 17 * size);
  // Full across the end.
  const full = ring(64, 2 ** 32 - size);
  for (let index = 0; index < 4; index++) assert(write(full.writer, new Uint8Array(12)));
  assertEquals(full.writer.write(new Uint8Array(12), 0), -1);
  assert(full.reader.take() && write(full.writer, new Uint8Array(12)));
});

test("ring: a reader survives every index and every length that a writer may claim", () => {
  for (const tail of [1, 2, 3, 68, 64 + 16, -16, 0x7fff_ffff, -0x8000_0000]) {
    const { words, reader } = ring(64);
    words[TAIL] = tail;
    assertEquals(assertThrows(() => reader.take(), HawserError).code, "protocol", `tail ${tail}`);
  }
  for (const length of [13, 16, 61, 64, 0x7fff_ffff, 0xffff_ffff]) {
    const { words, data, reader } = ring(64);
    new Uint32Array(data.buffer)[0] = length;
    words[TAIL] = 16;
    assert(reader.take());
    assertEquals(assertThrows(() => reader.next(), HawserError).code, "protocol", `length ${length}`);
  }
});

test("ring: a writer survives every index that a reader may claim", () => {
  for (const head of [65, 68, 128, -4, 0x7fff_ffff, -0x8000_0000]) {
    const { words, writer } = ring(64);
    for (let index = 0; index < 4; index++) assert(write(writer, new Uint8Array(12)));
    words[HEAD] = head;
    const error = assertThrows(() => writer.write(new Uint8Array(12), 0), HawserError);
    assertEquals(error.code, "protocol", `head ${head}`);
  }
});

test("ring: random scribbling over all of the memory never gets further than an error", () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const random = new Random(seed);
  for (let round = 0; round < 2_000; round++) {
    const { words, data, writer, reader } = ring(256);
    try {
      for (let step = 0; step < 50; step++) {
        const target = random.between(0, 2);
        if (target === 0) words[random.between(0, 1) * HEAD] = random.between(0, 2 ** 32 - 1) | 0;
        else if (target === 1) data[random.between(0, 255)] = random.between(0, 255);
        writer.write(new Uint8Array(random.between(0, 99)), 0);
        if (reader.take()) { while (reader.next() !== undefined); }
      }
    } catch (error) {
      assert(error instanceof HawserError && error.code === "protocol", `seed ${seed}: ${error}`);
    }
  }
});
