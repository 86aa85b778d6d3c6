// Blocks over a connection: in every layout, to whoever takes them, and what is none.

import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { connect, type Connection, HawserError, listen, type ListenOptions } from "../../../mod.ts";
import { type Block, blocks, createBlock } from "../../../src/connection/blocks/mod.ts";
import { connect as connectInPage } from "../../../web.ts";
import { FORMAT_BYTES, KIND_BLOCK } from "../../../src/message/envelope.ts";
import { chainOf, knownBlock, signer } from "../../message/blocks/vectors.ts";

let names = 0;

interface Pair extends AsyncDisposable {
  readonly near: Connection;
  readonly far: Connection;
}

async function pair(options: ListenOptions = {}): Promise<Pair> {
  const server = await listen(`mem://blocks-${++names}`, options);
  const accepted = server.accept();
  const near = await connect(server.urls, options);
  return { near, far: await accepted, [Symbol.asyncDispose]: () => server.close() };
}

test("blocks of every layout arrive as they were sent, and in order", async () => {
  await using ends = await pair();
  const [first, second] = chainOf(2);
  for (const layout of ["binary", "json", "messagepack"] as const) {
    await ends.near.sendBlock(first, { layout });
    await ends.near.sendBlock(second, { layout });
    assertEquals([await ends.far.receiveBlock(), await ends.far.receiveBlock()], [first, second]);
  }
  await ends.near.sendBlock(knownBlock("little"));
  assertEquals(await ends.far.receiveBlock(), knownBlock("little"));
});

test("blocks wait for whoever takes them, and raw messages do not get in between", async () => {
  await using ends = await pair();
  const chain = chainOf(4);
  for (const block of chain) await ends.near.sendBlock(block);
  ends.near.send(Uint8Array.of(7));
  assertEquals(await ends.far.receive(), Uint8Array.of(7));
  const seen: Block[] = [await ends.far.receiveBlock()];
  await new Promise<void>((resolve) =>
    ends.far.onBlock((block) => {
      if (seen.push(block) === 4) resolve();
    })
  );
  assertEquals(seen, chain);
  ends.far.onBlock(undefined);
  const waiting = ends.far.receiveBlock({ timeoutMs: 5_000 });
  await ends.near.sendBlock(chain[0]);
  assertEquals(await waiting, chain[0]);
  assertEquals(
    (await assertRejects(() => ends.far.receiveBlock({ timeoutMs: 5 }), HawserError)).code,
    "timeout",
  );
});

test("an acknowledged block was taken; a handler that fails is told, and only its sender waits", async () => {
  await using ends = await pair();
  let isTaken = false;
  const sent = ends.near.sendBlock(knownBlock(), { ack: true }).then(() => assert(isTaken));
  await new Promise((resolve) => setTimeout(resolve, 5));
  isTaken = true;
  await ends.far.receiveBlock();
  await sent;

  const errors: unknown[] = [];
  ends.far.onError((error) => errors.push(error));
  ends.far.onBlock(() => Promise.reject(new Error("the disk is full")));
  const error = await assertRejects(() => ends.near.sendBlock(knownBlock(), { ack: true }), HawserError);
  assertEquals([error.code, error.remote?.code], ["remote", "internal"]);
  assert(!error.message.includes("disk"), error.message);
  assertEquals((errors[0] as Error).message, "the disk is full");
});

test("a reader that takes no blocks holds the sender, and memory stays bounded", async () => {
  await using ends = await pair({ limits: { sendQueueBytesHigh: 200_000, windowBytes: 200_000 } });
  const block = createBlock({ signer, payload: new Uint8Array(50_000), nowMs: 0 });
  let sent = 0;
  const sending = (async () => {
    for (; sent < 40; sent++) await ends.near.sendBlock(block);
  })();
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert(sent >= 4 && sent < 20, `${sent} blocks are on their way`);
  for (let taken = 0; taken < 40; taken++) await ends.far.receiveBlock({ timeoutMs: 5_000 });
  await sending;
});

test("what is no block is an error for whoever takes it, and the next one arrives", async () => {
  await using ends = await pair();
  const { messenger } = ends.near.messages;
  for (const [number, payload] of [[0, Uint8Array.of(1, 2, 3)], [99, new Uint8Array(200)]] as const) {
    messenger.send({ kind: KIND_BLOCK, number, format: FORMAT_BYTES, payload });
    const error = await assertRejects(() => ends.far.receiveBlock({ timeoutMs: 5_000 }), HawserError);
    assertEquals(error.code, "serialization");
  }
  await ends.near.sendBlock(knownBlock());
  assertEquals(await ends.far.receiveBlock(), knownBlock());
});

test("the end of the connection ends the wait, and what came before can be taken", async () => {
  await using ends = await pair();
  await ends.near.sendBlock(knownBlock());
  await ends.near.sendBlock(knownBlock(), { ack: true, deadlineMs: 20 }).catch(() => {});
  await ends.near.close();
  await ends.far.closed;
  assertEquals(await ends.far.receiveBlock(), knownBlock());
  assertEquals(await ends.far.receiveBlock(), knownBlock());
  assertEquals((await assertRejects(() => ends.far.receiveBlock(), HawserError)).code, "closed");
  assertEquals((await assertRejects(() => ends.near.sendBlock(knownBlock()), HawserError)).code, "closed");
});

test("a page carries blocks if it is told to, and otherwise both sides say so", async () => {
  await using server = await listen("ws://127.0.0.1:0");
  const accepted = server.accept();
  await using without = await connectInPage(server.urls);
  const far = await accepted;
  assertEquals((await assertRejects(() => far.sendBlock(knownBlock()), HawserError)).code, "unsupported");
  assertEquals((await assertRejects(() => without.sendBlock(knownBlock()), HawserError)).code, "unsupported");
  assertEquals((await assertRejects(() => without.receiveBlock(), HawserError)).code, "unsupported");
  assertEquals(assertThrows(() => without.onBlock(() => {}), HawserError).code, "unsupported");

  await using page = await connectInPage(server.urls, { blocks });
  await page.sendBlock(knownBlock(), { layout: "json" });
  assertEquals(await (await server.accept()).receiveBlock(), knownBlock());
});
