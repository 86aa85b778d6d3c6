// A chain, and every way to break it.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  type Block,
  blockHash,
  blockSigner,
  checkBlock,
  checkChain,
  checkReplacement,
  createBlock,
} from "../../../src/message/blocks/mod.ts";
import { chainOf, HELLO, knownBlock, SECONDS, signer } from "./vectors.ts";

const nowMs = SECONDS * 1_000;

test("a good chain breaks no rule, whole or from a block on, in both byte orders", () => {
  const chain = chainOf(5);
  assertEquals(checkChain(chain, { nowMs }), undefined);
  assertEquals(checkChain(chain.slice(2), { after: chain[1] }), undefined);
  assertEquals(checkChain(chainOf(3, "little")), undefined);
  assertEquals(checkChain([]), undefined);
});

/** A rule, and how the third block of five breaks it. */
const BREAKS: readonly (readonly [rule: string, change: (block: Block) => Partial<Block>])[] = [
  ["version", () => ({ version: 0x0205 })],
  ["version", () => ({ version: 0x0101 })],
  ["payload-size", () => ({ payload: new Uint8Array(16 * 1024 * 1024 + 1) })],
  ["index", ({ index }) => ({ index: index + 1 })],
  ["index", ({ index }) => ({ index: index - 1 })],
  ["previous-hash", ({ previousHash }) => ({ previousHash: flipped(previousHash, 31) })],
  ["previous-hash", () => ({ byteOrder: "little" })],
  ["timestamp", ({ timestamp }) => ({ timestamp: timestamp - 2 })],
  ["payload-hash", ({ payload }) => ({ payload: flipped(payload, 0) })],
  ["payload-hash", ({ payloadHash }) => ({ payloadHash: flipped(payloadHash, 0) })],
  ["signature", ({ signature }) => ({ signature: flipped(signature, 0) })],
  ["signature", ({ signature }) => ({ signature: flipped(signature, 63) })],
  ["signature", ({ publicKey }) => ({ publicKey: flipped(publicKey, 5) })],
  ["signature", () => ({ payloadType: 1 })],
  ["signature", ({ timestamp }) => ({ timestamp: timestamp + 1 })],
];

for (const [index, [rule, change]] of BREAKS.entries()) {
  test(`break ${index}: a chain that breaks the rule ${rule} is told so`, () => {
    const chain = chainOf(5);
    chain[2] = { ...chain[2], ...change(chain[2]) };
    const fault = checkChain(chain);
    assertEquals([fault?.rule, fault?.at], [rule, 2], fault?.message);
  });
}

test("the first of all has index 0 and names nobody", () => {
  const [first, second] = chainOf(2);
  assertEquals(checkChain([second])?.rule, "index");
  assertEquals(checkChain([{ ...first, previousHash: blockHash(second) }])?.rule, "previous-hash");
});

test("a block that was left out, or put in, is seen at its successor", () => {
  const [first, second, third] = chainOf(3);
  assertEquals(checkChain([first, third])?.at, 1);
  const other = createBlock({ signer, payload: HELLO, nowMs, previous: first });
  const fault = checkChain([first, other, third]);
  assertEquals([fault?.rule, fault?.at], ["previous-hash", 2]);
  assertEquals(checkChain([first, second, third]), undefined);
});

test("new blocks are neither from the future nor of old: at the bound, and one past it", () => {
  const block = knownBlock();
  for (
    const [now, rule] of [
      [nowMs - 300_000, undefined],
      [nowMs - 300_001, "future"],
      [nowMs + 86_400_000, undefined],
      [nowMs + 86_400_001, "age"],
    ] as const
  ) {
    assertEquals(checkBlock(block, { nowMs: now })?.rule, rule);
  }
  assertEquals(checkChain([block], { nowMs: nowMs + 1e12 }), undefined); // Chains are history.
  assertEquals(checkChain([block], { nowMs: nowMs - 300_001 })?.rule, "future");
  assertEquals(checkBlock(block), undefined);
});

test("a clock that goes back does not break the chain of who trusts it", () => {
  const first = knownBlock();
  const second = createBlock({ signer, payload: HELLO, nowMs: nowMs - 3_600_000, previous: first });
  assertEquals(second.timestamp, first.timestamp);
  assertEquals(checkChain([first, second]), undefined);
});

test("who may sign is for the application to say", () => {
  const stranger = blockSigner(new Uint8Array(32).fill(9));
  const chain = chainOf(2);
  chain.push(createBlock({ signer: stranger, payload: HELLO, nowMs, previous: chain[1] }));
  assertEquals(checkChain(chain), undefined);
  const fault = checkChain(chain, {
    maySign: (key) => key.every((byte, at) => byte === signer.publicKey[at]),
  });
  assertEquals([fault?.rule, fault?.at], ["signer", 2]);
});

test("a signature of one byte order is none in the other", () => {
  for (const block of [knownBlock("big"), knownBlock("little")]) {
    const byteOrder = block.byteOrder === "big" ? "little" : "big";
    assertEquals(checkBlock({ ...block, byteOrder })?.rule, "signature");
    // What the same bytes would say, read in the other order.
    const version = (block.version & 0xff) << 8 | block.version >>> 8;
    assertEquals(checkBlock({ ...block, version, byteOrder })?.rule, "version");
  }
});

test("a chain replaces at most 100 blocks of another", () => {
  const ours = chainOf(103);
  const forkAt = (length: number) => {
    const theirs = ours.slice(0, length);
    theirs.push(createBlock({ signer, payload: HELLO, nowMs: nowMs + 200_000, previous: theirs.at(-1) }));
    return theirs;
  };
  assertEquals(checkReplacement(ours, forkAt(3)), undefined);
  const fault = checkReplacement(ours, forkAt(2));
  assertEquals([fault?.rule, fault?.at], ["reorganisation", 2]);
  assertEquals(checkReplacement(ours, forkAt(2), { blocksMax: 101 }), undefined);
  const broken = forkAt(90);
  broken[90] = { ...broken[90], payload: Uint8Array.of(1) };
  const found = checkReplacement(ours, broken);
  assertEquals([found?.rule, found?.at], ["payload-hash", 90]);
  assertEquals(checkReplacement([], ours.slice(0, 3)), undefined);
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const changed = bytes.slice();
  changed[at] ^= 1;
  return changed;
}
