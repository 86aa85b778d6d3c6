// Values there and back in every format; budgets at their bounds; what hostile bytes may not do.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HawserError, type HawserErrorCode } from "../../src/errors.ts";
import { type EncodedValue, type Format, Formats } from "../../src/message/formats.ts";
import { json } from "../../src/message/json_format.ts";
import { msgpack } from "../../src/message/msgpack_format.ts";
import { VALUE_DEPTH_MAX, VALUE_ELEMENTS_MAX } from "../../src/message_limits.ts";
import { Random } from "../simulation/random.ts";

const encoder = new TextEncoder();
const formats = new Formats([msgpack]);

for (const format of [json, msgpack]) {
  test(`random values come back in ${format.name}`, () => {
    const random = new Random(format.id);
    for (let round = 0; round < 500; round++) {
      const value = randomValue(random, format === msgpack, 4);
      assertEquals(thereAndBack(value, format.name), value);
    }
  });

  test(`${format.name}: nesting at the bound, and one past it`, () => {
    assertEquals(thereAndBack(nested(VALUE_DEPTH_MAX), format.name), nested(VALUE_DEPTH_MAX));
    const tooDeep = format === json
      ? encoder.encode(JSON.stringify(nested(VALUE_DEPTH_MAX + 1)))
      : new Uint8Array([...new Uint8Array(VALUE_DEPTH_MAX).fill(0x91), 0x90]);
    assertFails("serialization", () => formats.decode(format.id, tooDeep));
  });

  test(`${format.name}: elements at the bound, and one past it`, () => {
    const array = (length: number) => new Array(length).fill(0);
    const ofJson = (length: number) => encoder.encode(JSON.stringify(array(length)));
    const ofMsgpack = (length: number) =>
      new Uint8Array([0xdd, length >>> 24, length >>> 16, length >>> 8, length, ...array(length)]);
    const bytes = format === json ? ofJson : ofMsgpack;
    assertEquals((formats.decode(format.id, bytes(VALUE_ELEMENTS_MAX)) as []).length, VALUE_ELEMENTS_MAX);
    assertFails("serialization", () => formats.decode(format.id, bytes(VALUE_ELEMENTS_MAX + 1)));
  });

  test(`${format.name}: __proto__ as a key is refused, and other names of objects are only names`, () => {
    const poisoned = format === json
      ? ['{"__proto__": {"admin": true}}', '[{"a": {"__pr\\u006fto__": 1}}]'].map((text) =>
        encoder.encode(text)
      )
      : [new Uint8Array([0x81, 0xa9, ...encoder.encode("__proto__"), 0x81, 0xa1, 0x61, 1])];
    for (const bytes of poisoned) assertFails("serialization", () => formats.decode(format.id, bytes));
    for (const key of ["constructor", "prototype", "toString", "hasOwnProperty"]) {
      const decoded = thereAndBack({ [key]: { admin: true } }, format.name) as Record<string, unknown>;
      assertEquals(Object.keys(decoded), [key]);
      assertEquals(({} as Record<string, unknown>).admin, undefined);
    }
    // A text that only speaks of it is a text.
    assertEquals(thereAndBack(["__proto__"], format.name), ["__proto__"]);
  });

  test(`${format.name}: damaged bytes are refused, and nothing else is thrown`, () => {
    const random = new Random(100 + format.id);
    for (let round = 0; round < 1_000; round++) {
      const bytes = bytesOf(formats.encode(randomValue(random, false, 3), format.name, formats.capabilities));
      if (bytes.length > 0) bytes[random.between(0, bytes.length - 1)] = random.between(0, 255);
      try {
        formats.decode(format.id, bytes);
      } catch (error) {
        assert(error instanceof HawserError && error.code === "serialization", `${error}`);
      }
    }
  });
}

test("bombs of MessagePack cost nothing", () => {
  const arrays = new Uint8Array(3 * 24_000);
  for (let at = 0; at < arrays.length; at += 3) arrays.set([0xdc, 0xff, 0xff], at);
  assertFails("serialization", () => formats.decode(msgpack.id, arrays));
  assertFails("serialization", () => formats.decode(msgpack.id, new Uint8Array(1e5).fill(0x91)));
  for (const first of [0xc6, 0xc9, 0xdb, 0xdd, 0xdf]) {
    const endless = new Uint8Array([first, 0xff, 0xff, 0xff, 0xff, 0]);
    assertFails("serialization", () => formats.decode(msgpack.id, endless));
  }
});

test("JSON: brackets and commas within strings are not counted", () => {
  for (
    const text of ["[".repeat(500), '\\"['.repeat(500), "\\".repeat(301), '"'.repeat(300) + "[".repeat(300)]
  ) {
    assertEquals(thereAndBack([text, { [text]: text }], "json"), [text, { [text]: text }]);
  }
});

test("bytes, texts and nothing need no format; the rest has the preferred one", () => {
  for (const value of [undefined, "", "ß水🚢", new Uint8Array(0), new Uint8Array([1, 2])]) {
    assertEquals(thereAndBack(value), value);
  }
  assertEquals(formats.encode({ a: 1 }, undefined, []).format, json.id);
  const preferring = new Formats([msgpack], "msgpack");
  assertEquals(preferring.encode({ a: 1 }, undefined, preferring.capabilities).format, msgpack.id);
  assertFails("serialization", () => formats.encode(1, "bytes", []));
  assertFails("serialization", () => formats.encode(1n, "json", []));
  assertFails("serialization", () => formats.encode(() => {}, "json", []));
});

test("bytes that came in are copied: they share their buffer with others", () => {
  const payload = new Uint8Array([1, 2, 3]);
  const value = formats.decode(1, payload) as Uint8Array;
  payload[0] = 9;
  assertEquals(value, new Uint8Array([1, 2, 3]));
});

test("a format that a side does not know is refused where it is sent", () => {
  assertEquals(formats.capabilities, ["format:msgpack:4"]);
  assertFails("unsupported", () => formats.encode({}, "msgpack", []));
  assertFails("unsupported", () => formats.encode({}, "cbor", formats.capabilities));
  assertFails("serialization", () => formats.decode(0x90, new Uint8Array(1)));
});

test("formats of the application's own have a name and an id that nobody else has", () => {
  const custom = (name: string, id: number): Format => ({ ...json, name, id });
  for (const id of [0x80, 0xff]) assertEquals(thereAndBack({ a: 1 }, "own", [custom("own", id)]), { a: 1 });
  const bad = [
    custom("own", 3),
    custom("own", 256),
    custom("own", 1.5),
    custom("json", 0x80),
    custom("", 0x80),
  ];
  for (const format of [...bad, custom("Own", 0x80)]) assertThrows(() => new Formats([format]), TypeError);
  assertThrows(() => new Formats([custom("a", 0x80), custom("b", 0x80)]), TypeError);
  assertThrows(() => new Formats([], "msgpack"), TypeError);
});

function thereAndBack(value: unknown, name?: string, more: readonly Format[] = [msgpack]): unknown {
  const both = new Formats(more);
  const encoded = both.encode(value, name, both.capabilities);
  return both.decode(encoded.format, bytesOf(encoded));
}

function bytesOf({ payload }: EncodedValue): Uint8Array {
  return typeof payload === "string" ? encoder.encode(payload) : payload;
}

function assertFails(code: HawserErrorCode, run: () => unknown): void {
  assertEquals(assertThrows(run, HawserError).code, code);
}

function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < depth; level++) value = [value];
  return value;
}

function randomValue(random: Random, isBinary: boolean, depth: number): unknown {
  const scalars = [
    () => random.between(-1e9, 1e9),
    () => random.next() * 2 ** random.between(-60, 60),
    () => random.chance(0.5),
    () => null,
    () => 'aß水🚢\u0000"\\'.repeat(random.between(0, 30)),
    ...isBinary ? [() => random.bytes(random.between(0, 300)), () => new Date(random.between(0, 2e12))] : [],
  ];
  if (depth === 0 || random.chance(0.4)) return scalars[random.between(0, scalars.length - 1)]();
  const children = Array.from(
    { length: random.between(0, 6) },
    () => randomValue(random, isBinary, depth - 1),
  );
  return random.chance(0.5)
    ? children
    : Object.fromEntries(children.map((child, index) => [`key ${index} ß`, child]));
}
