import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { BODY_BYTES_MAX } from "../../src/limits.ts";
import { ReplayLog } from "../../src/session/replay_log.ts";
import { REPLAY_COST_BYTES, TOKENS_MAX } from "../../src/resume_limits.ts";
import { Resumption, resumptionToken } from "../../src/session/resumption.ts";

function text(index: number, length: number): Uint8Array {
  return new Uint8Array(length).fill(index);
}

test("replay log: what was not acknowledged is said again, in order, each time a link is new", () => {
  const log = new ReplayLog(1_000_000);
  const lengths = [1, 100, 5_000, 60_000, 3];
  lengths.forEach((length, index) => log.push(text(index, BODY_BYTES_MAX), length));
  log.acknowledge(1);
  assertEquals([log.count, log.acknowledged, log.bytes], [5, 1, 65_103 + 4 * REPLAY_COST_BYTES]);
  const target = new Uint8Array(BODY_BYTES_MAX);
  for (const from of [1, 1, 3]) {
    log.rewind(from);
    for (let index = from; index < 5; index++) {
      assertEquals(log.replayLength, lengths[index]);
      assertEquals(log.replay(target), lengths[index]);
      assert(target.subarray(0, lengths[index]).every((byte) => byte === index));
    }
    assertEquals([log.replayLength, log.replay(target), log.toReplay], [0, 0, 0]);
  }
  log.acknowledge(5);
  assertEquals([log.bytes, log.acknowledged], [0, 5]);
});

test("replay log: what is acknowledged while it is said again is not said", () => {
  const log = new ReplayLog(1_000);
  for (let index = 0; index < 4; index++) log.push(text(index, 10), 10);
  log.rewind(0);
  const target = new Uint8Array(10);
  log.replay(target);
  log.acknowledge(3);
  assertEquals(log.toReplay, 1);
  log.replay(target);
  assertEquals(target[0], 3);
});

test("replay log: it is full at its bound, and nobody acknowledges what was never said", () => {
  const log = new ReplayLog(20 + 2 * REPLAY_COST_BYTES);
  log.push(text(0, 19), 19);
  assertEquals(log.isFull, false);
  log.push(text(1, 1), 1);
  assertEquals(log.isFull, true);
  assertThrows(() => log.acknowledge(3), HawserError, "of which 2 were sent");
  log.acknowledge(1);
  assertThrows(() => log.rewind(0), HawserError, "has acknowledged 1");
});

test("resumption: a token admits until the initiator has shown that it knows the next", () => {
  const keys = [1, 2, 3].map((seed) => resumptionToken(text(seed, 32), text(seed + 10, 32)));
  const resumption = new Resumption(keys[0], 1_000);
  resumption.resume(keys[1], 0, keys[0].slice());
  assert(resumption.admits(keys[0]) && resumption.admits(keys[1]));
  // RESUMED was lost once more.
  resumption.resume(keys[2], 0, keys[0].slice());
  // Or it went on over the link before, whose CONFIRM was overtaken by this one.
  assert(keys.every((key) => resumption.admits(key)));
  const [first, second, third] = keys.map((key) => key.slice());
  resumption.handleAuthentic();
  assertEquals([first, second, third].map((key) => resumption.admits(key)), [false, false, true]);
  assertEquals(resumption.admits(text(0, 32)), false);
});

test("resumption: so many tokens are kept of links that were not proved, and not one more", () => {
  const keys = Array.from({ length: TOKENS_MAX + 3 }, (_, seed) => text(seed + 1, 32));
  const resumption = new Resumption(keys[0].slice(), 1_000);
  for (const key of keys.slice(1)) resumption.resume(key.slice(), 0, keys[0].slice());
  assertEquals(resumption.tokens.length, TOKENS_MAX + 1);
  assert(resumption.admits(keys[0]) && resumption.admits(keys.at(-1)!) && !resumption.admits(keys[1]));
});
