import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { EARLY_BYTES_MAX } from "../../src/handshake_limits.ts";
import { HELLO_CAPABILITIES_MAX, HELLO_METADATA_BYTES_MAX } from "../../src/limits.ts";
import { commonVersion, decodeHello, encodeHello, type Hello } from "../../src/wire/hello.ts";

const HELLO: Hello = {
  versions: [{ major: 1, minor: 0 }, { major: 2, minor: 7 }],
  capabilities: ["lz4", "zstd"],
  windowBytes: 2 ** 21,
  messageBytesMax: 2 ** 24,
  sessionId: new Uint8Array([0, 0x1f, 1, 2, 3, 4, 5, 6]),
  metadata: { name: "Ünïcode ⚓", empty: "" },
  claim: { token: Uint8Array.from({ length: 32 }, (_, index) => index), received: 70_000 },
};

test("hello: there and back, with and without padding", () => {
  for (const padding of [0, 1, 300]) {
    const hello = decodeHello(encodeHello(HELLO, padding));
    assertEquals({ ...hello, metadata: { ...hello.metadata } }, HELLO);
  }
});

test("hello: unknown tags are passed over", () => {
  const bytes = new Uint8Array([...encodeHello(HELLO), 0x20, 3, 1, 2, 3]);
  assertEquals(decodeHello(bytes).capabilities, HELLO.capabilities);
});

test("hello: early data, and the word that it was taken, there and back", () => {
  const early = { at: 1_900_000_000_000, bytes: Uint8Array.of(0, 1, 2) };
  const { early: theirs, takesEarly } = decodeHello(encodeHello({ ...HELLO, early, takesEarly: true }));
  assertEquals([theirs, takesEarly], [early, true]);
  assertEquals(decodeHello(encodeHello({ ...HELLO, takesEarly: false })).takesEarly, undefined);
});

test("hello: a key named __proto__ is a word like any other", () => {
  const { metadata } = decodeHello(encodeHello({ ...HELLO, metadata: JSON.parse('{"__proto__":"x"}') }));
  assertEquals(Object.keys(metadata), ["__proto__"]);
  assertEquals(({} as Record<string, unknown>).x, undefined);
});

test("hello: cut off, out of order, not UTF-8, or an id above 2^53: refused", () => {
  const bytes = encodeHello(HELLO);
  const borders = fieldBorders(bytes);
  for (let length = 1; length < bytes.length; length++) {
    if (!borders.has(length)) assertThrows(() => decodeHello(bytes.subarray(0, length)), HawserError);
  }
  assertThrows(() => decodeHello(new Uint8Array([2, 0, 1, 2, 1, 0])), HawserError, "out of order");
  assertThrows(() => decodeHello(new Uint8Array([2, 1, 0xff])), HawserError, "UTF-8");
  assertThrows(
    () => decodeHello(new Uint8Array([5, 8, 0, 0x20, 0, 0, 0, 0, 0, 0])),
    HawserError,
    "session id",
  );
  assertThrows(() => decodeHello(new Uint8Array([5, 7, 0, 0, 0, 0, 0, 0, 0])), HawserError, "session id");
});

test("hello: bounds hold at the bound and not one past it", () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`);
  const versions = [{ major: 1, minor: 0 }];
  decodeHello(encodeHello({ ...HELLO, versions, capabilities: names(HELLO_CAPABILITIES_MAX - 1) }));
  const oneMore = encodeHello({ ...HELLO, versions, capabilities: names(HELLO_CAPABILITIES_MAX) });
  assertThrows(() => decodeHello(oneMore), HawserError, "says too much");

  const metadata = (length: number) => ({ k: "x".repeat(length) });
  decodeHello(encodeHello({ ...HELLO, metadata: metadata(HELLO_METADATA_BYTES_MAX - 2) }));
  const tooLong = encodeHello({ ...HELLO, metadata: metadata(HELLO_METADATA_BYTES_MAX - 1) });
  assertThrows(() => decodeHello(tooLong), HawserError, "says too much");

  const early = (length: number) => ({ ...HELLO, early: { at: 1, bytes: new Uint8Array(length) } });
  assertEquals(decodeHello(encodeHello(early(EARLY_BYTES_MAX))).early?.bytes.length, EARLY_BYTES_MAX);
  assertThrows(() => decodeHello(encodeHello(early(EARLY_BYTES_MAX + 1))), HawserError, "says too much");
});

test("versions: the highest common major, the lower minor", () => {
  const ours = [{ major: 1, minor: 4 }, { major: 2, minor: 1 }];
  assertEquals(commonVersion(ours, [{ major: 1, minor: 9 }]), { major: 1, minor: 4 });
  assertEquals(commonVersion(ours, [{ major: 1, minor: 0 }, { major: 2, minor: 0 }]), { major: 2, minor: 0 });
  assertEquals(commonVersion(ours, [{ major: 3, minor: 0 }]), undefined);
  assertEquals(commonVersion(ours, []), undefined);
});

/** Where fields end: cut there, a hello is a shorter one. */
function fieldBorders(bytes: Uint8Array): Set<number> {
  const borders = new Set<number>();
  for (let at = 0; at < bytes.length;) {
    const [head, length] = bytes[at + 1] < 0x40
      ? [2, bytes[at + 1]]
      : [3, ((bytes[at + 1] & 0x3f) << 8) | bytes[at + 2]];
    at += head + length;
    borders.add(at);
  }
  return borders;
}
