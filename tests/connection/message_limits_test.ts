// The bounds of the message layer, each at the bound and one past it; and peers that keep to none.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { HawserError, type HawserErrorCode } from "../../mod.ts";
import {
  encodeEnvelope,
  type Envelope,
  KIND_CANCEL,
  KIND_CREDIT,
  KIND_ERROR,
  KIND_REPLY,
  KIND_REPLY_PART,
  KIND_REQUEST,
} from "../../src/message/envelope.ts";
import { REPLY_CREDIT_BYTES } from "../../src/message_limits.ts";
import { type Pair, pair } from "./pair.ts";

test("requests in flight: our own bound refuses here, the peer's there", async () => {
  await using ends = await pair({ messageLimits: { requestsMax: 3, servedMax: 2 } });
  const { promise, resolve } = Promise.withResolvers<void>();
  ends.there.handle("wait", () => promise);
  const two = [ends.here.request("wait"), ends.here.request("wait")];
  const there = await assertRejects(() => ends.here.request("wait"), HawserError);
  assertEquals([there.code, there.retryable], ["limit", true]);
  assert(there.message.includes("refused by the peer"));
  const third = ends.here.echo(3);
  const here = await assertRejects(() => ends.here.echo(4), HawserError);
  assertEquals([here.code, here.retryable], ["limit", true]);
  assert(here.message.includes("in flight"));
  assertEquals(await third, 3);
  resolve();
  await Promise.all(two);
  await ends.here.request("wait");
});

test("bytes that are being answered: one request of any size, and others within the bound", async () => {
  await using ends = await pair({ messageLimits: { servedBytesMax: 10_000 } });
  const { promise, resolve } = Promise.withResolvers<void>();
  ends.there.handle("wait", () => promise);
  const first = ends.here.request("wait", new Uint8Array(9_000));
  const second = ends.here.request("wait", new Uint8Array(1_000));
  await assertFails("limit", ends.here.request("wait", new Uint8Array(1)));
  resolve();
  await Promise.all([first, second]);
  await ends.here.request("wait", new Uint8Array(50_000));
});

test("requests to a connection that never has a handler are refused in time", async () => {
  await using ends = await pair({ messageLimits: { unhandledMsMax: 30 } });
  const requests = [ends.here.request("a"), ends.here.request("b")];
  for (const request of requests) await assertFails("not-found", request);
  await assertFails("not-found", ends.here.request("c"));
});

test("ids of messages are forgotten, the oldest first, beyond their bound", async () => {
  await using ends = await pair({ messageLimits: { messageIdsMax: 2 } });
  const seen: unknown[] = [];
  ends.there.onValue((value) => void seen.push(value));
  for (const id of ["1", "2", "2", "3", "1"]) await ends.here.send(id, { id, ack: true });
  assertEquals(seen, ["1", "2", "3", "1"]);
});

test("limits are named and counted as others are", async () => {
  const bad = [{ requestsMax: 0 }, { servedMax: 1.5 }, { other: 1 } as never];
  for (const messageLimits of bad) await assertRejects(() => pair({ messageLimits }));
});

const BREACHES: readonly (readonly [string, readonly (Envelope | Uint8Array)[]])[] = [
  ["a kind that nobody knows", [{ kind: 0x7f }]],
  ["no envelope at all", [new Uint8Array(1)]],
  ["a request without a name", [{ kind: KIND_REQUEST, id: 1 }]],
  ["a request without an id", [{ kind: KIND_REQUEST, name: "wait" }]],
  ["two requests of one id", [
    { kind: KIND_REQUEST, id: 1, name: "wait" },
    { kind: KIND_REQUEST, id: 1, name: "wait" },
  ]],
];

for (const [what, envelopes] of BREACHES) {
  test(`the connection ends for ${what}`, async () => {
    await using ends = await pair();
    ends.there.handle("wait", () => new Promise(() => {}));
    sendAll(ends, envelopes);
    assertEquals((await ends.there.closed).error?.code, "protocol");
  });
}

test("what belongs to nothing that is under way is passed over", async () => {
  await using ends = await pair();
  sendAll(
    ends,
    [KIND_CANCEL, KIND_CREDIT, KIND_REPLY, KIND_REPLY_PART, KIND_ERROR].flatMap((kind) => [
      { kind, id: 77, number: 5 },
      { kind },
    ]),
  );
  assertEquals(await ends.here.echo("still there"), "still there");
});

test("more replies than there is credit for, or than were asked for, end the connection", async () => {
  for (const isMany of [true, false]) {
    await using ends = await pair();
    // The handler breaks the rules beside its answers.
    ends.there.handle("flood", (_value, { id }) => {
      const payload = new Uint8Array(isMany ? REPLY_CREDIT_BYTES : 1);
      for (let part = 0; part < 2; part++) {
        ends.there.messages.messenger.send({ kind: KIND_REPLY_PART, id, format: 1, payload });
      }
      return new Promise(() => {});
    });
    if (isMany) void ends.here.requestMany("flood");
    else ends.here.request("flood").catch(() => {});
    assertEquals((await ends.here.closed).error?.code, "protocol");
  }
});

test("a flood of what needs no answer leaves nothing behind", async () => {
  await using ends = await pair();
  ends.there.handle("wait", () => new Promise(() => {}));
  for (let round = 0; round < 200; round++) {
    sendAll(ends, [
      { kind: KIND_REQUEST, id: round, name: "wait" },
      { kind: KIND_CREDIT, id: round, number: 2 ** 40 },
      { kind: KIND_CANCEL, id: round },
      { kind: KIND_CANCEL, id: round },
    ]);
  }
  await ends.here.echo(0);
  assertEquals(ends.there.messages.answers.size, 0);
  assert(ends.there.messages.messenger.isIdle);
});

/** From here to there, whatever is in it. */
function sendAll(ends: Pair, envelopes: readonly (Envelope | Uint8Array)[]): void {
  for (const envelope of envelopes) {
    const bytes = envelope instanceof Uint8Array ? envelope : encodeEnvelope(envelope);
    ends.here.messages.messenger.sendEncoded(bytes);
  }
}

async function assertFails(code: HawserErrorCode, promise: Promise<unknown>): Promise<void> {
  assertEquals((await assertRejects(() => promise, HawserError)).code, code);
}
