// Blocks there and back in every layout, and what is no block.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../../mod.ts";
import {
  type Block,
  BLOCK_PAYLOAD_BYTES_MAX,
  blockHash,
  type BlockLayout,
  BlockReader,
  blockSigner,
  contentTypeOf,
  createBlock,
  decodeBlock,
  encodeBlock,
  frameBlock,
} from "../../../src/message/blocks/mod.ts";
import { BLOCK_LAYOUTS } from "../../../src/message/blocks/layouts.ts";
import { chainOf, HELLO, hex, knownBlock, signer } from "./vectors.ts";

test("the two binary layouts are those of Olocus, to the byte", () => {
  const canonical = encodeBlock(knownBlock());
  assertEquals(canonical.length, 191);
  assertEquals(
    hex(blockHash(knownBlock())),
    "a59635bcfcb81dc736fdd2569d9cac7210545ef59eba59dda745706ada2ae87f",
  );
  assertEquals(encodeBlock(knownBlock("little"), "little-endian").length, 187);
  assertEquals(
    hex(blockHash(knownBlock("little"))),
    "c42498fc62521a4fec253f6d864a620da0a718d18d297e4d646c2377ac17a6ea",
  );
  assertEquals(hex(canonical.subarray(0, 18)), "0105" + "00".repeat(8) + "000000006553f100");
});

const LAYOUTS = BLOCK_LAYOUTS.map((layout) => ({
  layout,
  byteOrder: layout === "little-endian" ? "little" : "big",
} as const));

for (const { layout, byteOrder } of LAYOUTS) {
  test(`${layout}: blocks come back as they were`, () => {
    for (const payload of [new Uint8Array(0), HELLO, new Uint8Array(70_000).map((_, at) => at * at)]) {
      const block = createBlock({ signer, payload, nowMs: 5, payloadType: 0xffff_ffff, byteOrder });
      assertEquals(decodeBlock(encodeBlock(block, layout), layout), block);
    }
    const far: Block = {
      ...knownBlock(byteOrder),
      index: Number.MAX_SAFE_INTEGER,
      timestamp: Number.MIN_SAFE_INTEGER,
      version: 0xffff,
    };
    assertEquals(decodeBlock(encodeBlock(far, layout), layout), far);
    const [, second] = chainOf(2, byteOrder);
    assertEquals(decodeBlock(encodeBlock(second, layout), layout), second);
  });

  test(`${layout}: what is cut off, longer, or has another byte is another block or none`, () => {
    const block = knownBlock(byteOrder);
    const bytes = encodeBlock(block, layout);
    for (let length = 0; length < bytes.length; length++) {
      const part = bytes.subarray(0, length);
      // Without a length, a shorter text is another, whose signature is wrong.
      if (layout === "little-endian" && length >= 182) continue;
      assertEquals(codeOf(part, layout), "serialization", `${length} bytes`);
    }
    if (layout !== "little-endian") {
      assertEquals(codeOf(Uint8Array.of(...bytes, 0x7d), layout), "serialization");
    }
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] ^= 0x15;
      const code = codeOf(changed, layout);
      assert(
        code === undefined || code === "serialization" || code === "packet-too-large",
        `byte ${at}: ${code}`,
      );
    }
  });
}

test("a payload may have 16 MiB, and one byte more is refused on both ways", () => {
  const largest = new Uint8Array(BLOCK_PAYLOAD_BYTES_MAX);
  const block = createBlock({ signer, payload: largest, nowMs: 0 });
  const error = assertThrows(
    () => createBlock({ signer, payload: new Uint8Array(BLOCK_PAYLOAD_BYTES_MAX + 1), nowMs: 0 }),
    HawserError,
  );
  assertEquals(error.code, "packet-too-large");
  const bytes = encodeBlock(block);
  assertEquals(decodeBlock(bytes).payload.length, BLOCK_PAYLOAD_BYTES_MAX);
  new DataView(bytes.buffer).setUint32(86, BLOCK_PAYLOAD_BYTES_MAX + 1);
  assertEquals(codeOf(bytes, "binary"), "packet-too-large");
  assertEquals(codeOf(new Uint8Array(BLOCK_PAYLOAD_BYTES_MAX + 183), "little-endian"), "packet-too-large");
  const head = Uint8Array.of(
    0x89,
    0xa7,
    ...new TextEncoder().encode("payload"),
    0xc6,
    0xff,
    0xff,
    0xff,
    0xff,
  );
  assertEquals(codeOf(head, "messagepack"), "serialization"); // It is cut off: nothing was allocated for it.
});

test("a block that was signed in one byte order is not written in the other", () => {
  assertEquals(assertThrows(() => encodeBlock(knownBlock("little")), HawserError).code, "serialization");
  const error = assertThrows(() => encodeBlock(knownBlock(), "little-endian"), HawserError);
  assertEquals(error.code, "serialization");
  assertThrows(
    () => createBlock({ signer, payload: HELLO, nowMs: 0, previous: knownBlock("little"), byteOrder: "big" }),
    RangeError,
  );
});

test("an index above 2^53 - 1 is refused, and not rounded", () => {
  const bytes = encodeBlock(knownBlock());
  new DataView(bytes.buffer).setBigUint64(2, 2n ** 53n);
  assertEquals(codeOf(bytes, "binary"), "serialization");
  new DataView(bytes.buffer).setBigUint64(2, 2n ** 53n - 1n);
  assertEquals(decodeBlock(bytes).index, 2 ** 53 - 1);
});

test("JSON has names that people can read, and others in it do nothing", () => {
  const object = JSON.parse(new TextDecoder().decode(encodeBlock(knownBlock(), "json")));
  assertEquals([object.index, object.timestamp, object.payload_type], [0, 1_700_000_000, 0x8000]);
  assertEquals(object.payload, btoa("hello"));
  assertEquals(object.previous_hash, "0".repeat(64));
  const text = JSON.stringify(object).replace("{", '{"__proto__":{"index":9},"more":[[[[1]]]],');
  assertEquals(decodeBlock(new TextEncoder().encode(text), "json"), knownBlock());
  for (
    const [name, wrong] of [["index", "0"], ["index", -1], ["version", 65_536], ["payload", "*"], [
      "signature",
      "ab",
    ]]
  ) {
    const changed = JSON.stringify({ ...object, [name]: wrong });
    assertEquals(codeOf(new TextEncoder().encode(changed), "json"), "serialization", `${name}: ${wrong}`);
  }
  for (const text of ["[]", "null", "7", '"block"', "[".repeat(100_000), ""]) {
    assertEquals(codeOf(new TextEncoder().encode(text), "json"), "serialization");
  }
});

test("MessagePack: names in any order and numbers of any width are read, others are refused", () => {
  const block = knownBlock();
  const entries = messagePackEntries(block);
  const mixed = concat(Uint8Array.of(0xde, 0, 9), ...[...entries].reverse());
  assertEquals(decodeBlock(mixed, "messagepack"), block);
  const twice = concat(Uint8Array.of(0x89), ...entries.slice(0, 8), entries[0]);
  assertEquals(codeOf(twice, "messagepack"), "serialization");
  const array = concat(
    Uint8Array.of(0x89),
    ...entries.slice(0, 8),
    Uint8Array.of(0xa5),
    word("index"),
    Uint8Array.of(0x91, 1),
  );
  assertEquals(codeOf(array, "messagepack"), "serialization");
  for (
    const bomb of [new Uint8Array(100_000).fill(0x91), new Uint8Array(72_000).fill(0xdc), Uint8Array.of(0xdf)]
  ) {
    assertEquals(codeOf(bomb, "messagepack"), "serialization");
  }
});

test("a layout that does not exist is the caller's mistake, and the others have content types", () => {
  assertThrows(() => encodeBlock(knownBlock(), "xml" as BlockLayout), TypeError, "no layout xml");
  assertThrows(() => decodeBlock(new Uint8Array(9), "toString" as BlockLayout), TypeError);
  assertEquals(contentTypeOf("binary"), "application/x-olocus-block");
  assertThrows(() => blockSigner(new Uint8Array(31)), RangeError);
  assertThrows(() => createBlock({ signer, payload: HELLO, nowMs: NaN }), RangeError);
  assertThrows(() => createBlock({ signer, payload: HELLO, nowMs: 0, payloadType: 2 ** 32 }), RangeError);
});

test("blocks are found in a stream, wherever it is cut", () => {
  const chain = chainOf(4);
  for (const layout of ["binary", "json", "messagepack"] as const) {
    const stream = concat(...chain.map((block) => frameBlock(block, layout)));
    for (const step of [1, 3, 191, 4096]) {
      const reader = new BlockReader(layout);
      const found: Block[] = [];
      for (let at = 0; at < stream.length; at += step) {
        reader.push(stream.subarray(at, at + step));
        for (let block = reader.next(); block !== undefined; block = reader.next()) found.push(block);
      }
      assertEquals(found, chain);
      assertEquals(reader.unread, 0);
    }
  }
});

test("a stream that lies about the length of a block costs no memory", () => {
  const reader = new BlockReader();
  reader.push(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
  assertEquals(assertThrows(() => reader.next(), HawserError).code, "packet-too-large");
});

function codeOf(bytes: Uint8Array, layout: BlockLayout): string | undefined {
  try {
    decodeBlock(bytes, layout);
    return undefined;
  } catch (error) {
    if (error instanceof HawserError) return error.code;
    throw error;
  }
}

// Each entry with the widest type that the specification has for it.
function messagePackEntries(block: Block): Uint8Array[] {
  const whole = (name: string, value: number) => {
    const bytes = new Uint8Array(9);
    bytes[0] = 0xcf;
    new DataView(bytes.buffer).setBigUint64(1, BigInt(value));
    return concat(Uint8Array.of(0xd9, name.length), word(name), bytes);
  };
  const binary = (name: string, value: Uint8Array) =>
    concat(Uint8Array.of(0xd9, name.length), word(name), Uint8Array.of(0xc5, 0, value.length), value);
  return [
    whole("version", block.version),
    whole("index", block.index),
    whole("timestamp", block.timestamp),
    binary("previous_hash", block.previousHash),
    binary("payload_hash", block.payloadHash),
    whole("payload_type", block.payloadType),
    binary("payload", block.payload),
    binary("public_key", block.publicKey),
    binary("signature", block.signature),
  ];
}

function word(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
