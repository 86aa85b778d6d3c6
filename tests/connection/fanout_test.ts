import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../mod.ts";
import { Fanout, type FanoutPort, type Parcel } from "../../src/connection/fanout.ts";
import type { SlowPolicy } from "../../src/message/slow_queue.ts";

/** A peer that takes two parcels, and then none before it is told so. */
class Peer implements FanoutPort {
  readonly got: number[] = [];
  room = 2;
  wasDisconnected = false;
  #drained = Promise.withResolvers<void>();

  sendParcel({ bytes }: Parcel): boolean {
    this.got.push(bytes[0]);
    return --this.room > 0;
  }

  drained(): Promise<void> {
    return this.room > 0 ? Promise.resolve() : this.#drained.promise;
  }

  disconnectSlow(): void {
    this.wasDisconnected = true;
  }

  async drain(room: number): Promise<void> {
    this.room = room;
    this.#drained.resolve();
    this.#drained = Promise.withResolvers();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }

  async end(): Promise<void> {
    this.#drained.reject(new HawserError("closed", "it ended"));
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }
}

function parcel(number: number): Parcel {
  return { bytes: new Uint8Array([number]), options: undefined, format: undefined };
}

test("Fanout: what a slow peer does not take waits by its policy, and others get all", async () => {
  const cases: [SlowPolicy, number[]][] = [
    ["drop-oldest", [1, 2, 5, 6]],
    ["drop-newest", [1, 2, 3, 4]],
    ["close", [1, 2, 3, 4]],
  ];
  for (const [onSlow, expected] of cases) {
    const fanout = new Fanout<Peer>({ onSlow, queueMax: 2 });
    const slow = new Peer();
    const fast = new Peer();
    fast.room = Infinity;
    for (let number = 1; number <= 6; number++) {
      assertEquals([fanout.send(slow, parcel(number)), fanout.send(fast, parcel(number))], [true, true]);
    }
    assertEquals([slow.got, fast.got.length, fanout.isSlow(slow), fanout.isSlow(fast)], [
      [1, 2],
      6,
      true,
      false,
    ]);
    assertEquals([slow.wasDisconnected, fanout.dropped], [onSlow === "close", 2]);
    await slow.drain(10);
    assertEquals([slow.got, fanout.isSlow(slow)], [expected, false]);
    assertEquals([fanout.send(slow, parcel(7)), slow.got.at(-1)], [true, 7]);
  }
});

test("Fanout: what waited is sent as there is room, and stays in order", async () => {
  const fanout = new Fanout<Peer>();
  const slow = new Peer();
  for (let number = 1; number <= 5; number++) fanout.send(slow, parcel(number));
  await slow.drain(1);
  assertEquals(slow.got, [1, 2, 3]);
  fanout.send(slow, parcel(6));
  await slow.drain(10);
  assertEquals([slow.got, fanout.dropped], [[1, 2, 3, 4, 5, 6], 0]);
});

test("Fanout: with block whoever sends is told to wait, and nothing is lost", async () => {
  const fanout = new Fanout<Peer>({ onSlow: "block" });
  const slow = new Peer();
  assertEquals([1, 2, 3].map((number) => fanout.send(slow, parcel(number))), [true, false, false]);
  let isDrained = false;
  const drained = fanout.drained().then(() => isDrained = true);
  await Promise.resolve();
  assertEquals(isDrained, false);
  await slow.drain(10);
  await drained;
  assertEquals([slow.got, fanout.dropped], [[1, 2, 3], 0]);
});

test("Fanout: a peer that ends or refuses takes its part with it", async () => {
  const fanout = new Fanout<Peer>();
  const gone = new Peer();
  for (let number = 1; number <= 5; number++) fanout.send(gone, parcel(number));
  await gone.end();
  assertEquals([fanout.isSlow(gone), fanout.dropped], [false, 3]);

  const small = new Peer();
  small.sendParcel = () => {
    throw new HawserError("packet-too-large", "it takes less");
  };
  assert(fanout.send(small, parcel(1)));
  assertEquals([fanout.isSlow(small), fanout.dropped], [false, 4]);
  assertThrows(() => new Fanout({ queueMax: -1 }), RangeError);
});
