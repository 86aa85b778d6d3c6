// What is written comes back, whatever it has; what is malformed is refused, and costs nothing.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import {
  encodeEnvelope,
  type Envelope,
  KIND_REQUEST,
  KIND_VALUE,
  readEnvelope,
} from "../../src/message/envelope.ts";
import {
  HEADERS_BYTES_MAX,
  HEADERS_MAX,
  MESSAGE_ID_BYTES_MAX,
  NAME_BYTES_MAX,
} from "../../src/message_limits.ts";
import { Random } from "../simulation/random.ts";

const encoder = new TextEncoder();

test("an envelope with nothing in it takes three bytes", () => {
  assertEquals(encodeEnvelope({ kind: KIND_VALUE }).length, 3);
});

test("random envelopes come back as they were", () => {
  const random = new Random(31);
  for (let round = 0; round < 2_000; round++) {
    const envelope = randomEnvelope(random);
    const { payload, format, isAckWanted, ...fields } = readEnvelope(encodeEnvelope(envelope));
    const { payload: sent = "", format: sentFormat = 0, isAckWanted: sentAck = false, ...sentFields } =
      envelope;
    assertEquals(payload, typeof sent === "string" ? encoder.encode(sent) : sent);
    assertEquals([format, isAckWanted], [sentFormat, sentAck]);
    for (const [name, value] of Object.entries(fields)) {
      const expected = sentFields[name as keyof typeof sentFields];
      assertEquals(
        typeof value === "object" ? { ...value } : value,
        expected,
        name,
      );
    }
  }
});

test("an envelope that is cut off anywhere before its payload is refused", () => {
  const bytes = encodeEnvelope({
    kind: KIND_REQUEST,
    id: 70_000,
    name: "sum",
    deadlineMs: 500,
    headers: { trace: "x" },
    ttl: 3,
    key: "k",
    number: 9,
    format: 1,
  });
  readEnvelope(bytes);
  for (let length = 0; length < bytes.length; length++) assertMalformed(bytes.subarray(0, length));
});

test("names, ids and headers at their bounds, and one past them", () => {
  for (const [field, max] of [["name", NAME_BYTES_MAX], ["key", MESSAGE_ID_BYTES_MAX]] as const) {
    const text = "a".repeat(max);
    assertEquals(readEnvelope(encodeEnvelope({ kind: 1, [field]: text }))[field], text);
    assertThrows(() => encodeEnvelope({ kind: 1, [field]: `${text}a` }), RangeError);
    // The same bytes in fewer characters.
    assertThrows(() => encodeEnvelope({ kind: 1, [field]: "é".repeat(max / 2 + 1) }), RangeError);
  }
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`h${i}`, "v"]));
  assertEquals(
    { ...readEnvelope(encodeEnvelope({ kind: 1, headers: many(HEADERS_MAX) })).headers },
    many(HEADERS_MAX),
  );
  assertThrows(() => encodeEnvelope({ kind: 1, headers: many(HEADERS_MAX + 1) }), RangeError);
  // A name of one byte, and two lengths: of one byte and of two.
  const long = "v".repeat(HEADERS_BYTES_MAX - 4);
  assertEquals(readEnvelope(encodeEnvelope({ kind: 1, headers: { h: long } })).headers!.h, long);
  assertThrows(() => encodeEnvelope({ kind: 1, headers: { h: `${long}v` } }), RangeError);
});

test("a peer's names and headers over their bounds are refused", () => {
  const name = new Uint8Array([1, 2, 0x41, 0x00, ...new Uint8Array(256).fill(0x61), 0]);
  assertMalformed(name);
  assertMalformed(new Uint8Array([1, 8, 0x40, HEADERS_MAX + 1, ...new Uint8Array(300)]));
  // 0xff is no UTF-8.
  assertMalformed(new Uint8Array([1, 2, 1, 0xff, 0]));
  // A payload without a format.
  assertMalformed(new Uint8Array([1, 0, 0, 7]));
});

test("headers have no prototype, so no name of a header means anything", () => {
  const headers = JSON.parse('{"__proto__": "x", "constructor": "y", "toString": "z"}');
  const received = readEnvelope(encodeEnvelope({ kind: 1, headers })).headers!;
  assertEquals(Object.getPrototypeOf(received), null);
  assertEquals(Object.keys(received), ["__proto__", "constructor", "toString"]);
  assertEquals(({} as Record<string, unknown>).x, undefined);
});

test("random bytes are an envelope or refused, and nothing else is thrown", () => {
  const random = new Random(32);
  for (let round = 0; round < 5_000; round++) {
    try {
      readEnvelope(random.bytes(random.between(0, 40)));
    } catch (error) {
      if (!(error instanceof HawserError) || error.code !== "protocol") throw error;
    }
  }
});

function randomEnvelope(random: Random): Envelope {
  const maybe = <T>(value: T) => random.chance(0.5) ? value : undefined;
  const text = (max: number) => "aß水🚢z".repeat(50).slice(0, random.between(0, max));
  const payload = random.chance(0.5) ? text(40) : random.bytes(random.between(0, 300));
  return {
    kind: random.between(0, 255),
    id: maybe(Math.floor(random.next() * 2 ** random.between(0, 53))),
    name: maybe(wellFormed(text(60))),
    deadlineMs: maybe(random.between(0, 100_000)),
    headers: maybe({ [wellFormed(text(9))]: wellFormed(text(200)), second: "" }),
    ttl: maybe(random.between(0, 255)),
    key: maybe(wellFormed(text(30))),
    number: maybe(random.between(0, 2 ** 31)),
    isAckWanted: random.chance(0.5),
    format: random.between(1, 255),
    payload: typeof payload === "string" ? wellFormed(payload) : payload,
  };
}

/** Without half a character at the end. */
function wellFormed(text: string): string {
  return new TextDecoder().decode(encoder.encode(text));
}

function assertMalformed(bytes: Uint8Array): void {
  const error = assertThrows(() => readEnvelope(bytes), HawserError);
  assertEquals(error.code, "protocol");
}
