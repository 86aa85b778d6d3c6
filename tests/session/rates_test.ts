// Sessions that are kept to a rate: nothing is lost, nothing is faster, and what keeps them alive passes.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { RateLimit } from "../../src/session/mod.ts";
import { FAIR, type Side, type Weather, World } from "../simulation/world.ts";

function weather(kind: Weather["kind"]): Weather {
  return { ...FAIR, kind, mtu: kind === "datagram" ? 1_472 : undefined };
}

/** Everything that arrives at a side, and when. */
function arrivals(world: World, side: Side): number[] {
  const times: number[] = [];
  const take = side.session.takeMessage.bind(side.session);
  side.session.takeMessage = (now) => {
    const message = take(now);
    if (message !== undefined) times.push(world.now);
    return message;
  };
  return times;
}

/** The most messages, or bytes with `weights`, in any such span: what a burst and the rate allow is the bound. */
function mostIn(times: readonly number[], spanMs: number): number {
  let [most, start] = [0, 0];
  for (let end = 0; end < times.length; end++) {
    while (times[end] - times[start] >= spanMs) start++;
    most = Math.max(most, end - start + 1);
  }
  return most;
}

for (const direction of ["send", "receive"] as const) {
  for (const kind of ["stream", "datagram"] as const) {
    test(`${direction}: 300 messages at 100 per second in bursts of 20 take 2.8 s, none is lost (${kind})`, () => {
      const rates = { own: { [direction]: { messagesPerSecond: 100, burstMessages: 20 } } };
      const world = new World(1, weather(kind), {
        rates: direction === "send" ? [rates] : [undefined, rates],
      }).open();
      const { initiator, responder } = world;
      const times = arrivals(world, responder);
      const startedAt = world.now;
      for (let index = 0; index < 300; index++) initiator.session.send(Uint8Array.of(index, index >> 8));
      world.run(() => responder.received.length === 300);
      const tookMs = world.now - startedAt;
      assert(tookMs >= 2_790 && tookMs < 3_000, `${tookMs} ms`);
      assertEquals(
        responder.received.map(([low, high]) => low + 256 * high),
        Array.from({ length: 300 }, (_, at) => at),
      );
      assert(mostIn(times, 100) <= 20 + 10 + 1, `${mostIn(times, 100)} within 100 ms`);
      const stats = direction === "send"
        ? initiator.session.stats(world.now).sent
        : responder.session.stats(world.now).received;
      assert(stats.heldMs > 2_500 && stats.heldMs <= tookMs, `held for ${stats.heldMs} ms`);
      assertEquals([initiator.info, responder.info], [undefined, undefined]);
    });

    test(`${direction}: bytes come at their rate, to within a burst (${kind})`, () => {
      const rates = { own: { [direction]: { bytesPerSecond: 1_000_000, burstBytes: 200_000 } } };
      const limits = { windowBytes: 200_000, datagramWindowBytes: 100_000, sendQueueBytesMax: 2 ** 30 };
      const sides = direction === "send" ? [rates] as const : [undefined, rates] as const;
      const world = new World(2, weather(kind), { rates: sides, limits }).open();
      const { initiator, responder } = world;
      const startedAt = world.now;
      const sizes = kind === "stream" ? [100, 60_000, 65_000, 300_000] : [100, 1_000, 1_300, 20_000];
      let total = 0;
      let count = 0;
      while (total < 5_000_000) {
        const size = sizes[count++ % sizes.length];
        initiator.session.send(new Uint8Array(size).map((_, at) => at * at * count), { compress: false });
        total += size;
      }
      world.run(() => responder.received.length === count);
      const tookMs = world.now - startedAt;
      const { bytes } = responder.session.stats(world.now).received;
      const leastMs = (bytes - 300_000) / 1_000;
      assert(tookMs >= leastMs && tookMs < leastMs * 1.2, `${tookMs} ms, of ${leastMs} at least`);
      assertEquals(responder.received.length, count);
    });
  }

  test(`${direction}: at 1,000 bytes per second the connection stays alive and answers at once`, () => {
    const rates = { own: { [direction]: { bytesPerSecond: 1_000 } } };
    const world = new World(3, weather("stream"), { rates: [rates, rates], limits: { windowBytes: 140_000 } })
      .open();
    const { initiator, responder } = world;
    for (let index = 0; index < 8; index++) {
      initiator.session.send(new Uint8Array(50_000).map((_, at) => at * at), { compress: false });
    }
    world.run(() => false, 20_000);
    assert(responder.received.length < 8, "the rate did not hold");
    const before = initiator.events.length;
    initiator.session.ping(world.now);
    world.settle();
    const askedAt = world.now;
    world.run(() => initiator.events.slice(before).some(({ type }) => type === "pong"), 1_000);
    assert(world.now - askedAt < 10, `${world.now - askedAt} ms`);
    world.run(() => responder.received.length === 8, 600_000);
    assertEquals([responder.received.length, initiator.info, responder.info], [8, undefined, undefined]);
  });
}

test("send: messages of other priorities and channels are kept to the rate too, and typed ones", () => {
  const rates = { own: { send: { messagesPerSecond: 100, burstMessages: 10 } } };
  for (const kind of ["stream", "datagram"] as const) {
    const world = new World(8, weather(kind), { rates: [rates] }).open();
    const { initiator, responder } = world;
    const startedAt = world.now;
    let typed = 0;
    for (let index = 0; index < 120; index++) {
      const options = [{ priority: 200 }, { channel: "news" }, { typed: true }, undefined][index % 4];
      initiator.session.send(Uint8Array.of(index), options);
    }
    world.run(() => {
      for (let next = responder.session.takeTyped(world.now); next !== undefined; typed++) {
        responder.session.releaseTyped(next.length);
        next = responder.session.takeTyped(world.now);
      }
      return responder.received.length + typed === 120;
    });
    const tookMs = world.now - startedAt;
    assertEquals([responder.received.length, typed], [90, 30]);
    assert(tookMs >= 1_090 && tookMs < 1_300, `${tookMs} ms`);
  }
});

test("receive: typed messages come at the rate, and what is released opens the window", () => {
  const rates = {
    own: { receive: { messagesPerSecond: 100, burstMessages: 10, bytesPerSecond: 10_000_000 } },
  };
  const world = new World(9, weather("stream"), {
    rates: [undefined, rates],
    limits: { windowBytes: 140_000 },
  }).open();
  const { initiator, responder } = world;
  const startedAt = world.now;
  let typed = 0;
  for (let index = 0; index < 50; index++) initiator.session.send(new Uint8Array(10_000), { typed: true });
  world.run(() => {
    for (let next = responder.session.takeTyped(); next !== undefined; typed++) {
      responder.session.releaseTyped(next.length);
      next = responder.session.takeTyped();
    }
    world.settle();
    return typed === 50;
  });
  const tookMs = world.now - startedAt;
  assert(tookMs >= 390 && tookMs < 500, `${tookMs} ms`);
});

test("one limit in common: two connections share it, and neither starves", () => {
  const common = { receive: new RateLimit({ messagesPerSecond: 100, burstMessages: 10 }, 0) };
  const worlds = [4, 5].map((seed) =>
    new World(seed, weather("stream"), { rates: [undefined, { common }] }).open()
  );
  for (const { initiator } of worlds) {
    for (let index = 0; index < 500; index++) initiator.session.send(Uint8Array.of(index));
  }
  // Both clocks go side by side.
  for (let now = 20; now <= 4_000; now += 5) {
    for (const world of worlds) world.run(() => world.now >= now, now - world.now);
  }
  const counts = worlds.map(({ responder }) => responder.received.length);
  const sum = counts[0] + counts[1];
  assert(sum > 380 && sum < 430, `${counts.join(" and ")} messages`);
  assert(Math.min(...counts) > 0.4 * sum, `${counts.join(" and ")} messages`);
});

test("bytes in common: what a peer was given room for and cannot use yet is added to in time", () => {
  const common = { receive: new RateLimit({ bytesPerSecond: 2_000_000, burstBytes: 150_000 }, 0) };
  const options = { rates: [undefined, { common }] as const, limits: { windowBytes: 150_000 } };
  const worlds = [10, 11].map((seed) => new World(seed, weather("stream"), options).open());
  for (const { initiator, random } of worlds) {
    for (let index = 0; index < 16; index++) initiator.session.send(random.bytes(50_000));
  }
  for (let now = 20; now <= 1_200; now++) {
    for (const world of worlds) world.run(() => world.now >= now, now - world.now);
  }
  assertEquals(worlds.map(({ responder }) => responder.received.length), [16, 16]);
});

test("a sender that is held by its own rate is not one whose peer takes nothing", () => {
  const rates = { own: { send: { messagesPerSecond: 0.1, burstMessages: 1 } } };
  const world = new World(6, weather("stream"), { rates: [rates], limits: { writeMsMax: 3_000 } }).open();
  const { initiator, responder } = world;
  for (let index = 0; index < 3; index++) initiator.session.send(Uint8Array.of(index));
  world.run(() => responder.received.length === 3, 60_000);
  assertEquals([responder.received.length, initiator.info], [3, undefined]);
  assert(world.now >= 20_000, `${world.now} ms`);
});

test("what came before the end is not held after it", () => {
  const rates = { own: { receive: { messagesPerSecond: 1, burstMessages: 2 } } };
  const world = new World(7, weather("stream"), { rates: [undefined, rates] }).open();
  const { initiator, responder } = world;
  for (let index = 0; index < 10; index++) initiator.session.send(Uint8Array.of(index));
  initiator.session.close(300, "", world.now);
  world.run(() => responder.info !== undefined && initiator.info !== undefined, 1_000);
  world.settle();
  assertEquals(responder.received.map(([byte]) => byte), Array.from({ length: 10 }, (_, at) => at));
});
