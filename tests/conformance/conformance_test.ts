// What every transport must do, on whichever runtime runs this file.

import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Connection, createIdentity, HawserError, type Server } from "../../mod.ts";
import type { ListenOptions } from "../../mod.ts";
import { type Block, blockSigner, checkChain, createBlock } from "../../src/connection/blocks/mod.ts";
import { collect, digest, numbered, numberOf, sendNumbered } from "./messages.ts";
import { testAlone } from "../runtimes/alone.ts";
import { currentRuntime } from "../runtimes/runtimes.ts";
import { noteCell } from "./portability.ts";
import { type Scheme, schemes } from "./schemes.ts";
import { connect, listen } from "./tls.ts";

const signer = blockSigner(new Uint8Array(32).fill(5));

interface Pair extends AsyncDisposable {
  readonly server: Server;
  readonly near: Connection;
  readonly far: Connection;
}

async function open(scheme: Scheme, options: ListenOptions = {}): Promise<Pair> {
  const server = await listen(scheme.listenUrl(), options);
  try {
    const accepted = server.accept({ timeoutMs: 5_000 });
    const near = await connect(server.urls, { limits: options.limits });
    return {
      server,
      near,
      far: await accepted,
      [Symbol.asyncDispose]: () => server.close({ timeoutMs: 2_000 }),
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** Sends `message` until it arrives: over datagrams the first may be lost. */
async function exchange(
  scheme: Scheme,
  near: Connection,
  far: Connection,
  message: Uint8Array,
): Promise<Uint8Array> {
  for (let attempt = 0;; attempt++) {
    near.send(message);
    try {
      return await far.receive({ timeoutMs: scheme.reliable ? 20_000 : 500 });
    } catch (error) {
      if (scheme.reliable || attempt >= 10) throw error;
    }
  }
}

for (const scheme of schemes) {
  const name = (what: string) => `${scheme.name}: ${what}`;

  test(name("both sides know each other, and what the link is"), async () => {
    const identity = createIdentity();
    const client = createIdentity();
    await using server = await listen(scheme.listenUrl(), { identity, metadata: { role: "server" } });
    assertEquals(server.urls[0].endsWith(`#${identity.id}`), true);
    const accepted = server.accept({ timeoutMs: 5_000 });
    await using near = await connect(server.urls[0], { identity: client, metadata: { role: "client" } });
    const far = await accepted;
    assertEquals([near.peer.id, far.peer.id], [identity.id, client.id]);
    assertEquals([near.peer.metadata.role, far.peer.metadata.role], ["server", "client"]);
    assertEquals(near.peer.version, { major: 1, minor: 0 });
    assertEquals([near.traits.kind, near.traits.reliable], [scheme.kind, scheme.reliable]);
    assertEquals([far.traits.kind, far.traits.reliable], [scheme.kind, scheme.reliable]);
    assert(
      near.remoteAddress.startsWith(`${scheme.name}://`) && far.localAddress.startsWith(`${scheme.name}://`),
    );
  });

  test(name("messages of every size arrive whole"), async () => {
    await using pair = await open(scheme);
    const whole = pair.near.wholeMessageBytesMax;
    const sizes = [8, 9, 64, 511, 512, 513, whole - 1, whole, whole + 1, 65_535, 65_536, 65_537, 200_000];
    for (const size of sizes) {
      const message = numbered(size, size);
      const received = await exchange(scheme, pair.near, pair.far, message);
      assertEquals(digest(received), digest(message), `${size} bytes`);
    }
    const empty = await exchange(scheme, pair.far, pair.near, new Uint8Array(0));
    assertEquals(empty.length, 0);
  });

  test(name("the largest message arrives, and one byte more is refused"), async () => {
    await using pair = await open(scheme, { limits: { messageBytesMax: scheme.messageBytesMax } });
    const largest = numbered(1, scheme.messageBytesMax);
    const received = await exchange(scheme, pair.near, pair.far, largest);
    assertEquals(digest(received), digest(largest));
    const error = assertThrows(() => pair.near.send(new Uint8Array(scheme.messageBytesMax + 1)), HawserError);
    assertEquals(error.code, "packet-too-large");
    assertEquals((await exchange(scheme, pair.near, pair.far, numbered(2, 10))).length, 10);
  });

  test(name("a message that may not be cut is refused above one packet"), async () => {
    await using pair = await open(scheme);
    const whole = pair.near.wholeMessageBytesMax;
    if (scheme.kind === "datagram") assert(whole >= 1_400 && whole < 1_472, `${whole} bytes in one datagram`);
    pair.near.send(numbered(1, whole), { fragment: false });
    const error = assertThrows(
      () => pair.near.send(new Uint8Array(whole + 1), { fragment: false }),
      HawserError,
    );
    assertEquals(error.code, "packet-too-large");
  });

  test(name("5,000 messages both ways at once: in order, or at least never torn or doubled"), async () => {
    await using pair = await open(scheme);
    const count = 5_000;
    const [, , atFar, atNear] = await Promise.all([
      sendNumbered(pair.near, count, 100),
      sendNumbered(pair.far, count, 300),
      collect(pair.far, count, scheme.reliable ? 20_000 : 1_000),
      collect(pair.near, count, scheme.reliable ? 20_000 : 1_000),
    ]);
    for (const messages of [atFar, atNear]) {
      const numbers = messages.map(numberOf);
      assertEquals(new Set(numbers).size, numbers.length, "a message came twice");
      if (scheme.reliable) assertEquals(numbers, Array.from({ length: count }, (_, index) => index));
      else assert(numbers.length >= count / 2, `only ${numbers.length} of ${count} arrived over loopback`);
    }
    const here = currentRuntime();
    if (!scheme.crossesProcesses) {
      noteCell({ scheme: scheme.name, listener: here, dialler: here, outcome: "passed" });
    }
  });

  test(name("a reader that stops holds the sender back, and loses nothing when it goes on"), async () => {
    await using pair = await open(scheme, { limits: { sendQueueBytesHigh: 256 * 1024 } });
    const size = 1_000;
    let sent = 0;
    while (pair.near.send(numbered(sent, size))) {
      sent++;
      if (sent % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      assert(sent < 100_000, "send never said that there is no room");
    }
    sent++;
    await new Promise((resolve) => setTimeout(resolve, 200));
    const { waitingMessages } = pair.far.stats();
    assert(waitingMessages * size <= 2 * 1024 * 1024, `${waitingMessages} messages wait at the reader`);
    const [messages] = await Promise.all([
      collect(pair.far, sent, scheme.reliable ? 10_000 : 1_000),
      pair.near.drained({ timeoutMs: 10_000 }),
    ]);
    if (scheme.reliable) {
      assertEquals(
        messages.map(numberOf),
        Array.from({ length: sent }, (_, index) => index),
      );
    } else assert(messages.length >= sent / 2, `only ${messages.length} of ${sent} arrived over loopback`);
  });

  test(name("an orderly close carries code and reason, after all messages"), async () => {
    await using pair = await open(scheme);
    for (let index = 0; index < 100; index++) pair.near.send(numbered(index, 50));
    const info = await pair.near.close({ code: 4_000, reason: "enough" });
    assertEquals([info.code, info.by, info.error, info.unsentMessages], [4_000, "local", undefined, 0]);
    const farInfo = await pair.far.closed;
    assertEquals([farInfo.code, farInfo.reason, farInfo.by, farInfo.error], [
      4_000,
      "enough",
      "peer",
      undefined,
    ]);
    const messages: Uint8Array[] = [];
    for await (const message of pair.far) messages.push(message);
    if (scheme.reliable) {
      assertEquals(
        messages.map(numberOf),
        Array.from({ length: 100 }, (_, index) => index),
      );
    }
    assertEquals(assertThrows(() => pair.near.send(new Uint8Array(1)), HawserError).code, "closed");
    assertEquals((await assertRejects(() => pair.near.receive(), HawserError)).code, "closed");
    assertEquals((await assertRejects(() => pair.near.drained(), HawserError)).code, "closed");
    assertEquals(await pair.near.close(), info);
  });

  test(name("both close at once, and a close that is asked for twice, end well"), async () => {
    await using pair = await open(scheme);
    const infos = await Promise.all([pair.near.close(), pair.far.close(), pair.near.close()]);
    for (const info of infos) assertEquals([info.code, info.error], [0, undefined]);
  });

  test(name("an abort is an error on the other side"), async () => {
    await using pair = await open(scheme);
    const waiting = assertRejects(() => pair.far.receive(), HawserError);
    await pair.near.abort();
    await waiting;
    const info = await pair.far.closed;
    assert(info.error !== undefined && info.by !== "local");
  });

  test(name("another peer than the expected one gets nothing"), async () => {
    let opened = 0;
    await using server = await listen(scheme.listenUrl());
    server.onConnection(() => opened++);
    const url = server.urls[0].split("#")[0];
    const stranger = createIdentity().id;
    const error = await assertRejects(() => connect(`${url}#${stranger}`), HawserError);
    assertEquals(error.code, "not-authorised");
    assertEquals((await assertRejects(() => connect(url), HawserError)).code, "not-authorised");
    const refused = await assertRejects(() => connect(url, { trust: () => false }), HawserError);
    assertEquals(refused.code, "not-authorised");
    await using trusting = await connect(url, { trust: (peer) => peer.id === server.id });
    await using expecting = await connect(url, { expect: [stranger, server.id] });
    assertEquals([trusting.peer.id, expecting.peer.id], [server.id, server.id]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assertEquals(opened, 2);
  });

  test(name("a server admits whom it wants, and the others learn that they are not"), async () => {
    const friend = createIdentity();
    const authorize: ListenOptions["authorize"] = async (peer) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return peer.id === friend.id;
    };
    await using server = await listen(scheme.listenUrl(), { authorize });
    const error = await assertRejects(() => connect(server.urls), HawserError);
    assertEquals(error.code, "not-authorised");
    await using connection = await connect(server.urls, { identity: friend });
    assertEquals(connection.peer.id, server.id);
    assertEquals(server.stats().accepted, 1);
  });

  test(name("an aborted signal ends connecting, and waiting"), async () => {
    await using pair = await open(scheme);
    const reason = new Error("changed my mind");
    const caught = await assertRejects(() =>
      connect(pair.server.urls, { signal: AbortSignal.abort(reason) })
    );
    assertEquals(caught, reason);
    const controller = new AbortController();
    const receiving = assertRejects(() => pair.near.receive({ signal: controller.signal }));
    controller.abort(reason);
    assertEquals(await receiving, reason);
    const timeout = await assertRejects(() => pair.near.receive({ timeoutMs: 10 }), HawserError);
    assertEquals(timeout.code, "timeout");
  });

  test(name("a ping measures the round trip, and stats count"), async () => {
    await using pair = await open(scheme);
    const roundTripMs = await pair.near.ping({ timeoutMs: 5_000 });
    assert(roundTripMs >= 0 && roundTripMs < 1_000, `${roundTripMs} ms`);
    await exchange(scheme, pair.near, pair.far, numbered(1, 1_000));
    const [near, far] = [pair.near.stats(), pair.far.stats()];
    assert(near.sent.messages >= 1 && far.received.messages >= 1);
    assert(near.sent.bytes > 500 && far.received.bytes > 500 && near.sent.packets >= 2);
    assert(near.roundTripMs !== undefined && near.uptimeMs > 0 && near.handshakeMs !== undefined);
    assert(near.codec.startsWith("wasm"), near.codec);
  });

  test(name("a stopping server tells its peers"), async () => {
    const pair = await open(scheme);
    await pair.server.close();
    const info = await pair.near.closed;
    assertEquals([info.code, info.by], [3, "peer"]);
    await assertRejects(() => pair.server.accept(), HawserError, "stopped");
    await pair.server.close();
  });

  test(name("blocks of every layout arrive as they were signed"), async () => {
    await using pair = await open(scheme);
    const received: Block[] = [];
    pair.far.onBlock((block) => received.push(block));
    let previous: Block | undefined;
    for (const [index, layout] of (["binary", "json", "messagepack"] as const).entries()) {
      const block: Block = createBlock({
        signer,
        // The last goes in several packets on any link.
        payload: numbered(index, index === 2 ? 100_000 : 500),
        payloadType: index,
        nowMs: index,
        previous,
      });
      // Over datagrams a block may be lost: its sender hears nothing of it, and sends it again.
      for (let attempt = 0, isThere = false; !isThere; attempt++) {
        isThere = await pair.near.sendBlock(block, { layout, ack: true, deadlineMs: 2_000 })
          .then(() => true, (error) => {
            if (scheme.reliable || attempt > 5) throw error;
            return received.at(-1)?.index === block.index;
          });
      }
      previous = received.at(-1);
      assertEquals(previous, block);
    }
    assertEquals(
      checkChain(received.filter((block, at) => block.index !== received[at - 1]?.index)),
      undefined,
    );
  });

  test(name("keys are changed while both sides send"), async () => {
    await using pair = await open(scheme, { limits: { rekeyPacketsMax: 5 } });
    const echo = pair.far;
    echo.onMessage((message) => echo.send(message));
    let received = 0;
    for (let index = 0; index < 200; index++) {
      pair.near.send(numbered(index, 20));
      try {
        assertEquals(numberOf(await pair.near.receive({ timeoutMs: scheme.reliable ? 5_000 : 300 })), index);
        received++;
      } catch (error) {
        if (scheme.reliable) throw error;
      }
    }
    assert(received >= 150, `${received} of 200`);
    const { sent, received: came } = pair.near.stats();
    assert(sent.rekeys > 10 && came.rekeys > 10, `${sent.rekeys} and ${came.rekeys} rekeys`);
  });
}

testAlone(import.meta.url);
