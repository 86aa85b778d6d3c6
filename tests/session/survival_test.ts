// What a session does between two links, one rule at a time; tests/simulation/survival_test.ts has them all at once.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { BODY_BYTES_MAX, SESSION_LIMITS, type SessionLimits } from "../../src/limits.ts";
import { createKeyPair, Session, type SessionConfig } from "../../src/session/mod.ts";
import { pickCodec } from "../../src/codec/pick.ts";

const RANDOM = (length: number) => crypto.getRandomValues(new Uint8Array(length));

interface Pair {
  near: Session;
  far: Session;
  readonly configs: readonly [SessionConfig, SessionConfig];
}

function pair(options: Partial<SessionConfig> = {}, limits: Partial<SessionLimits> = {}): Pair {
  const config = (role: SessionConfig["role"]): SessionConfig => ({
    role,
    traits: { kind: "stream", mtu: undefined },
    codec: pickCodec(),
    staticKey: createKeyPair(RANDOM(32)),
    terms: { patterns: ["XX"] },
    random: RANDOM,
    metadata: {},
    compression: [],
    resume: true,
    plain: false,
    limits: { ...SESSION_LIMITS, ...limits },
    ...options,
  });
  const configs = [config("initiator"), config("responder")] as const;
  const [near, far] = [new Session(configs[0], 0), new Session(configs[1], 0)];
  meet(near, far);
  return { near, far, configs };
}

/** Carries all that the two have to say; returns the packets that left, by who said them. */
function meet(near: Session, far: Session, now = 0): [near: number, far: number] {
  const counts: [number, number] = [0, 0];
  for (let before = -1; before !== counts[0] + counts[1];) {
    before = counts[0] + counts[1];
    counts[0] += carry(near, far, now);
    counts[1] += carry(far, near, now);
  }
  return counts;
}

function carry(from: Session, to: Session | undefined, now: number): number {
  let count = 0;
  for (let event = from.takeEvent(); event !== undefined; event = from.takeEvent()) {
    if (event.type === "peer" && from.claim === undefined) from.accept(now);
  }
  for (let size = from.packetBytesMax; size > 0; size = from.packetBytesMax) {
    const packet = new Uint8Array(size);
    const length = from.transmit(packet, 0, now);
    if (length === 0) break;
    count++;
    let isMore = to?.handleReceive(packet.subarray(0, length), now);
    while (isMore) isMore = to?.handleReceive(undefined, now);
  }
  return count;
}

/** Both go on over another link. */
function resume({ near, far, configs }: Pair, traits = configs[0].traits, now = 0): void {
  for (const side of [near, far]) side.handleLinkClosed(undefined, now);
  const { claim } = near.survival.resumption!;
  const [one, other] = [
    new Session({ ...configs[0], traits, claim }, now),
    new Session({ ...configs[1], traits }, now),
  ];
  meet(one, other, now);
  assertEquals(other.state, "deciding");
  assert(far.admits(other.claim!));
  far.resume(other, other.claim!.received, now);
  carry(far, one, now);
  const event = one.takeEvent();
  assert(event?.type === "admitted");
  near.resume(one, event.received, now);
  while (near.handleReceive(undefined, now));
}

function takeAll(session: Session): number[] {
  const lengths = [];
  for (let message = session.takeMessage(); message !== undefined; message = session.takeMessage()) {
    lengths.push(message.length);
  }
  return lengths;
}

test("survival: an acknowledgement asks for none, and is not kept", () => {
  const { near, far } = pair();
  near.send(new Uint8Array(10));
  assertEquals(carry(near, far, 0), 1);
  far.handleTimeout(25);
  assertEquals([carry(far, near, 25), carry(near, far, 50)], [1, 0]);
  near.handleTimeout(100);
  assertEquals(near.packetBytesMax, 0);
  for (const { survival } of [near, far]) assertEquals(survival.resumption!.log.bytes, 0);
});

test("survival: a peer that asks for ever and acknowledges nothing is answered up to a bound", () => {
  const { near, far } = pair({}, { replayBytesMax: 5_000 });
  for (let count = 0; count < 1_000; count++) {
    near.ping(count);
    carry(near, far, count);
    // What the answers acknowledge is lost, and so are the answers.
    carry(far, undefined, count);
    near.survival.resumption!.log.clear();
  }
  const { log } = far.survival.resumption!;
  assert(log.isFull && log.bytes < 6_000 && log.count < 100, `${log.count} answers are kept`);
});

test("survival: two that have said all that they may still acknowledge each other", () => {
  const both = pair({}, { replayBytesMax: 1_000 });
  const { near, far } = both;
  for (const side of [near, far]) for (let count = 0; count < 5; count++) side.send(new Uint8Array(40_000));
  for (let now = 0; now < 1_000; now += 25) {
    for (const side of [near, far]) side.handleTimeout(now);
    meet(near, far, now);
  }
  assertEquals([takeAll(near).length, takeAll(far).length], [5, 5]);
});

test("survival: what waits without a link does not wait for the peer", () => {
  const both = pair({}, { writeMsMax: 1_000, windowBytes: 2 * BODY_BYTES_MAX });
  const { near, far } = both;
  for (let count = 0; count < 5; count++) near.send(new Uint8Array(60_000));
  meet(near, far, 0);
  for (const side of [near, far]) side.handleLinkClosed(undefined, 500);
  near.handleTimeout(50_000);
  assertEquals(near.state, "suspended");
  resume(both, both.configs[0].traits, 50_000);
  meet(near, far, 50_000);
  near.handleTimeout(51_500);
  assertEquals([near.state, near.takeEvent()?.type], ["closed", "closed"]);
});

test("survival: what a lost link still brings is passed over", () => {
  const both = pair();
  const { near, far } = both;
  near.send(new Uint8Array(10));
  const packet = new Uint8Array(near.packetBytesMax);
  const length = near.transmit(packet, 0, 0);
  far.handleLinkClosed(undefined, 0);
  assertEquals(far.handleReceive(packet.subarray(0, length), 0), false);
  assertEquals(far.state, "suspended");
  resume(both);
  meet(near, far);
  assertEquals(takeAll(far), [10]);
});

test("survival: on a link with smaller packets messages are cut anew, and what cannot be is refused", () => {
  const both = pair();
  for (const side of [both.near, both.far]) side.handleLinkClosed(undefined, 0);
  both.near.send(new Uint8Array(50_000));
  resume(both, { kind: "message", mtu: 1_200 });
  assert(meet(both.near, both.far)[0] > 40);
  assertEquals(takeAll(both.far), [50_000]);

  const other = pair();
  for (const side of [other.near, other.far]) side.handleLinkClosed(undefined, 0);
  other.near.sendFrame(0x80, new Uint8Array(5_000));
  resume(other, { kind: "message", mtu: 1_200 });
  assertEquals(other.near.state, "closed");
});

test("survival: who is closing, or has been shown less than was acknowledged, does not go on", () => {
  const { near, far } = pair();
  const { claim } = near.survival.resumption!;
  assertEquals(far.admits(claim), true);
  far.close(0, "", 0);
  assertEquals([far.state, far.admits(claim)], ["closing", false]);
});

test("survival: a peer that claims a session over a link which could not be resumed changes nothing", () => {
  const { near, far, configs } = pair();
  const { claim } = near.survival.resumption!;
  const [one, other] = [new Session({ ...configs[0], resume: false, claim }, 0), new Session(configs[1], 0)];
  meet(one, other);
  assert(far.admits(other.claim!));
  assertThrows(() => far.resume(other, 0, 0), HawserError, "no session may outlive");
  assertEquals(far.state, "open");
});

test("survival: a session that outlives its link does not sleep", () => {
  const { near } = pair();
  assertEquals(near.freeze(), undefined);
  assert(pair({ resume: false }).near.freeze() !== undefined);
});
