// Who writes into which packet, with flows that only count.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { type Flow, Scheduler, type Slot, weightOf } from "../../src/session/scheduler.ts";
import { Random } from "../simulation/random.ts";

const PACKET = 1_000;

/** Writes its name over and over, in pieces that are not cut. */
class Letters implements Flow {
  isCompressible = true;
  isBlocked = false;
  slot: Slot | undefined;
  readonly name: number;
  readonly priority: number;
  left: number;
  readonly piece: number;

  constructor(name: number, priority: number, left: number, piece = 1) {
    this.name = name;
    this.priority = priority;
    this.left = left;
    this.piece = piece;
  }

  get isPending(): boolean {
    return this.left > 0 && !this.isBlocked;
  }

  get bytesMax(): number {
    return this.left;
  }

  compose(target: Uint8Array, at: number, end: number): number {
    while (this.left > 0 && at + Math.min(this.piece, this.left) <= end) {
      const length = Math.min(this.piece, this.left);
      target.fill(this.name, at, at + length);
      at += length;
      this.left -= length;
    }
    return at;
  }
}

function line(...flows: Letters[]): Scheduler {
  const scheduler = new Scheduler();
  for (const flow of flows) {
    flow.slot = scheduler.add(flow);
    flow.slot.wake();
  }
  return scheduler;
}

/** How many bytes each flow got in the next `packets` packets. */
function shares(scheduler: Scheduler, packets: number): Map<number, number> {
  const sums = new Map<number, number>();
  for (let count = 0; count < packets; count++) {
    for (const name of packet(scheduler)) sums.set(name, (sums.get(name) ?? 0) + 1);
  }
  return sums;
}

function packet(scheduler: Scheduler): Uint8Array {
  const target = new Uint8Array(PACKET);
  return target.subarray(0, scheduler.compose(target, 0, PACKET, 0));
}

test("Scheduler: flows of one priority take turns", () => {
  const scheduler = line(new Letters(1, 128, 1e6), new Letters(2, 128, 1e6), new Letters(3, 128, 1e6));
  assertEquals([...shares(scheduler, 300)], [[1, 100_000], [2, 100_000], [3, 100_000]]);
});

test("Scheduler: 16 steps of priority are twice the share, and nothing starves", () => {
  assertEquals([weightOf(128), weightOf(144), weightOf(112)], [1, 2, 0.5]);
  const sums = shares(
    line(new Letters(1, 144, 1e6), new Letters(2, 128, 1e6), new Letters(3, 112, 1e6)),
    700,
  );
  for (const [name, expected] of [[1, 400_000], [2, 200_000], [3, 100_000]]) {
    assert(Math.abs(sums.get(name)! - expected) <= 2 * PACKET, `${name} got ${sums.get(name)}`);
  }
  const last = new Letters(2, 0, 1e9, PACKET);
  const scheduler = line(new Letters(1, 255, 1e9, PACKET), last);
  const target = new Uint8Array(PACKET);
  for (let count = 0; count < 70_000; count++) scheduler.compose(target, 0, PACKET, 0);
  assertEquals(last.left, 1e9 - 2 * PACKET);
});

test("Scheduler: who wakes up is next, however much the others have waiting", () => {
  const urgent = new Letters(9, 200, 0);
  const scheduler = line(new Letters(1, 128, 1e6), new Letters(2, 128, 1e6), urgent);
  shares(scheduler, 50);
  urgent.left = 10;
  urgent.slot!.wake();
  urgent.slot!.wake();
  const next = packet(scheduler);
  assertEquals([...next.subarray(0, 11)], [...new Array(10).fill(9), next[10]]);
  assert(next[10] !== 9 && next.length === PACKET, "the rest of the packet is the others'");
});

test("Scheduler: a flow that slept has saved nothing up", () => {
  const late = new Letters(2, 128, 0);
  const scheduler = line(new Letters(1, 128, 1e6), late);
  shares(scheduler, 100);
  late.left = 1e6;
  late.slot!.wake();
  const sums = shares(scheduler, 100);
  assert(Math.abs(sums.get(2)! - sums.get(1)!) <= 2 * PACKET, `${sums.get(1)} and ${sums.get(2)}`);
});

test("Scheduler: what may not be compressed shares no packet with what may", () => {
  const secret = new Letters(2, 128, 100);
  secret.isCompressible = false;
  const scheduler = line(new Letters(1, 128, 100), secret, new Letters(3, 128, 100));
  const seen: [string, boolean][] = [];
  while (scheduler.waiting > 0) {
    const names = [...new Set(packet(scheduler))].join();
    seen.push([names, scheduler.isCompressible]);
  }
  assertEquals(seen, [["1", true], ["2", false], ["3", true]]);
});

test("Scheduler: what does not fit any more waits for the next packet, what is blocked leaves the line", () => {
  const large = new Letters(2, 128, 1_200, 600);
  const blocked = new Letters(3, 128, 100);
  blocked.isBlocked = true;
  const scheduler = line(new Letters(1, 128, 500), large, blocked);
  assertEquals(scheduler.bytesMax(10_000), 1_700);
  assertEquals(scheduler.bytesMax(1_000), 1_000);
  assertEquals([packet(scheduler).length, packet(scheduler).length, packet(scheduler).length], [
    500,
    600,
    600,
  ]);
  assertEquals([scheduler.waiting, packet(scheduler).length], [0, 0]);
  blocked.isBlocked = false;
  blocked.slot!.wake();
  assertEquals(packet(scheduler).length, 100);
});

test("Scheduler: many flows that come and go all get out what they have, and the shares are fair", () => {
  const random = new Random(5);
  const flows = Array.from({ length: 200 }, (_, index) => new Letters(index, random.between(0, 255), 0));
  const scheduler = line(...flows);
  let put = 0;
  let got = 0;
  for (let round = 0; round < 2_000; round++) {
    const flow = flows[random.between(0, 199)];
    const more = random.between(1, 900);
    flow.left += more;
    put += more;
    flow.slot!.wake();
    got += packet(scheduler).length;
  }
  while (scheduler.waiting > 0) got += packet(scheduler).length;
  assertEquals(got, put);
});
