/**
 * What every reliable link must do, over real sockets where the scheme has any.
 *
 * @module
 */

import { test } from "node:test";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import process from "node:process";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { HawserError, type HawserErrorCode } from "../../src/errors.ts";
import { LINK_CLOSE_MS_MAX } from "../../src/limits.ts";
import type { Link, LinkHandler, Transport } from "../../src/link.ts";
import { parseAddress } from "../../src/transports/address.ts";
import { Arrivals } from "./arrivals.ts";
import { LinkHost, LinkPair, Meter } from "./link_host.ts";

/** What differs between schemes. */
export interface SuiteOptions {
  readonly transport: Transport;
  /** Where to listen: a free place each time. */
  readonly url: string;
  /** An address at which nobody listens. */
  readonly deadUrl: string;
  /** The code of the error there. Default `connection-refused`. */
  readonly deadCode?: HawserErrorCode;
  /** A foreign peer that accepts one link and reads nothing until told. */
  stalledPeer(): Promise<StalledPeer>;
}

/** A peer that does not read. */
export interface StalledPeer {
  /** What to dial. */
  readonly url: string;
  /** Reads until `bytes` arrived; resolves with their SHA-256. */
  read(bytes: number): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Sends `pieces` in order, waiting whenever the link asks for it. */
export async function sendAll(link: Link, meter: Meter, pieces: Iterable<Uint8Array>): Promise<void> {
  for (const piece of pieces) {
    const drained = meter.drained();
    if (!link.send(piece)) await drained;
  }
}

/** `length` bytes that differ from piece to piece. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed * 2_654_435_761 >>> 0;
  for (let index = 0; index < length; index++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** Declares the tests. */
export function linkSuite(options: SuiteOptions): void {
  conversations(options);
  transfers(options);
  closes(options);
  ends(options);
  dials(options);
  pressure(options);
}

function conversations({ transport, url }: SuiteOptions): void {
  const [scheme] = transport.schemes;

  test(`${scheme}: both ends know where they are`, async () => {
    await using pair = await LinkPair.open(transport, url);
    assertEquals(pair.near.remoteAddress, pair.host.url);
    assertEquals(pair.far.localAddress, pair.host.url);
    assertEquals(parseAddress(pair.far.remoteAddress).scheme, scheme);
    assertEquals(pair.near.traits, pair.far.traits);
    assert(pair.near.traits.reliable && pair.near.traits.ordered);
  });

  test(`${scheme}: bytes come back as they were`, async () => {
    await using pair = await LinkPair.open(transport, url);
    const meter = new Meter();
    pair.near.start(meter);
    pair.far.start({ ...silent(), onReceive: (bytes) => void pair.far.send(new Uint8Array(bytes)) });
    const hash = createHash("sha256");
    let total = 0;
    for (const length of [1, 2, 63, 64, 1_024, 16_384, 65_535, 65_536, 65_537, 300_000, 3_000_000]) {
      const bytes = pattern(length, length);
      hash.update(bytes);
      pair.near.send(bytes);
      await meter.reached(total += length);
    }
    assertEquals(meter.bytes, total);
    assertEquals(meter.digest(), hash.digest("hex"));
  });

  test(`${scheme}: pieces of all sizes keep their order, and message links their borders`, async () => {
    await using pair = await LinkPair.open(transport, url);
    const meter = new Meter();
    const sizes: number[] = [];
    const sink = new Meter();
    pair.near.start(meter);
    pair.far.start({
      onReceive(bytes) {
        sizes.push(bytes.length);
        sink.onReceive(bytes);
      },
      onDrain() {},
      onClose() {},
    });
    const pieces = Array.from({ length: 5_000 }, (_, index) => pattern(1 + index * 37 % 2_000, index));
    const hash = createHash("sha256");
    for (const piece of pieces) hash.update(piece);
    const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const lengths = pieces.map((piece) => piece.length);
    await sendAll(pair.near, meter, pieces);
    await sink.reached(total);
    assertEquals(sink.digest(), hash.digest("hex"));
    if (pair.near.traits.kind === "message") assertEquals(sizes, lengths);
  });
}

/** Declares those about much data, and data that comes early. */
export function transfers({ transport, url }: SuiteOptions): void {
  const [scheme] = transport.schemes;

  test(`${scheme}: a large transfer in both directions at once`, async () => {
    await using pair = await LinkPair.open(transport, url);
    const [near, far] = [new Meter(), new Meter()];
    pair.near.start(near);
    pair.far.start(far);
    const [out, back] = [16, 16].map((count, side) =>
      Array.from({ length: count * 16 }, (_, i) => pattern(65_536, i + side))
    );
    const digests = [out, back].map((pieces) => {
      const hash = createHash("sha256");
      for (const piece of pieces) hash.update(piece);
      return hash.digest("hex");
    });
    const total = 16 * 1024 * 1024;
    await Promise.all([
      sendAll(pair.near, near, out),
      sendAll(pair.far, far, back),
      near.reached(total),
      far.reached(total),
    ]);
    assertEquals([far.digest(), near.digest()], digests);
  });

  test(`${scheme}: what arrived before the start is delivered by it`, async () => {
    await using pair = await LinkPair.open(transport, url);
    const meter = new Meter();
    pair.near.start(new Meter());
    for (let index = 0; index < 10; index++) pair.near.send(pattern(1_000, index));
    await pause(50);
    pair.far.start(meter);
    assertEquals(meter.bytes, 0, "delivered from inside start");
    await meter.reached(10_000);
    if (pair.far.traits.kind === "message") assertEquals(meter.pieces, 10);
  });
}

/** Declares those about orderly ends. */
export function closes({ transport, url }: SuiteOptions): void {
  const [scheme] = transport.schemes;

  for (const side of ["near", "far"] as const) {
    test(`${scheme}: the ${side} end closes, and all that it accepted arrives`, async () => {
      await using pair = await LinkPair.open(transport, url);
      const other = side === "near" ? "far" : "near";
      const [closer, witness] = [new Arrivals(), new Meter()];
      const meter = new Meter();
      pair[side].start({
        onReceive() {},
        onDrain: () => meter.onDrain(),
        onClose: (error) => closer.onClose(error),
      });
      pair[other].start(witness);
      const total = 4 * 1024 * 1024;
      await sendAll(pair[side], meter, Array.from({ length: 64 }, (_, index) => pattern(65_536, index)));
      const closing = pair[side].close();
      assertEquals(closer.closed, 0, "told from inside close");
      assertEquals(pair[side].send(pattern(1)), false);
      assertEquals(await witness.ended, undefined);
      await closing;
      await pair[side].close();
      assertEquals(witness.bytes, total);
      await closer.ended;
      assertEquals([closer.closed, closer.error], [1, undefined]);
      assertEquals(pair[other].send(pattern(1)), false);
    });
  }

  test(`${scheme}: bytes that arrive while closing do not hold it up`, async () => {
    await using pair = await LinkPair.open(transport, url);
    const [near, far] = [new Meter(), new Meter()];
    pair.near.start(near);
    pair.far.start(far);
    for (let index = 0; index < 32; index++) pair.far.send(pattern(65_536, index));
    for (let index = 0; index < 32; index++) pair.near.send(pattern(65_536, index));
    const before = performance.now();
    await Promise.all([pair.near.close(), far.ended, near.ended]);
    assert(performance.now() - before < LINK_CLOSE_MS_MAX, "close had to be forced");
    assertEquals(far.bytes, 32 * 65_536);
  });

  test(`${scheme}: both ends close at once`, async () => {
    await using pair = await LinkPair.open(transport, url);
    const [near, far] = [new Arrivals(), new Arrivals()];
    pair.near.start(near);
    pair.far.start(far);
    await Promise.all([pair.near.close(), pair.far.close(), near.ended, far.ended]);
    assertEquals([near.closed, near.error, far.closed, far.error], [1, undefined, 1, undefined]);
  });
}

function ends({ transport, url }: SuiteOptions): void {
  const [scheme] = transport.schemes;

  test(`${scheme}: abort gives up at once, and the other end learns of it`, async () => {
    await using pair = await LinkPair.open(transport, url);
    const [near, far] = [new Arrivals(), new Arrivals()];
    pair.near.start(near);
    pair.far.start(far);
    pair.near.send(pattern(1_000));
    const closing = pair.near.close({ abort: true });
    assertEquals(near.closed, 0, "told from inside close");
    await Promise.all([closing, near.ended, far.ended]);
    assertEquals([near.closed, near.error, far.closed], [1, undefined, 1]);
  });

  test(`${scheme}: a link that ended before its start tells so`, async () => {
    await using pair = await LinkPair.open(transport, url);
    const late = new Arrivals();
    await pair.near.close({ abort: true });
    pair.near.start(late);
    assertEquals(late.closed, 0, "told from inside start");
    await late.ended;
    assertEquals(late.closed, 1);
    assertThrows(() => pair.near.start(new Arrivals()), TypeError, "only once");
  });

  test(`${scheme}: links outlive their listener`, async () => {
    await using pair = await LinkPair.open(transport, url);
    const meter = new Meter();
    await pair.host.close();
    await pair.host.close();
    pair.far.start(meter);
    pair.near.start(new Meter());
    pair.near.send(pattern(100));
    await meter.reached(100);
    await assertRejects(() => transport.dial(parseAddress(pair.host.url), {}), HawserError);
  });

  test(`${scheme}: 200 links leave nothing behind`, async () => {
    await using host = await LinkHost.listen(transport, url);
    await openAndClose(transport, host, 0);
    const before = await descriptors();
    // Side by side, because one close may wait for an acknowledgement that TCP delays.
    for (let batch = 0; batch < 10; batch++) {
      await Promise.all(Array.from({ length: 20 }, () => openAndClose(transport, host, batch)));
    }
    await pause(50);
    const after = await descriptors();
    assert(after <= before + 3, `${before} open files became ${after}`);
  });
}

function dials({ transport, url, deadUrl, deadCode = "connection-refused" }: SuiteOptions): void {
  const [scheme] = transport.schemes;

  test(`${scheme}: nobody listens`, async () => {
    const error = await assertRejects(() => transport.dial(parseAddress(deadUrl), {}), HawserError);
    assertEquals(error.code, deadCode, error.message);
    assertStringIncludes(error.message, deadUrl);
  });

  test(`${scheme}: an address is listened on once`, async () => {
    await using host = await LinkHost.listen(transport, url);
    const error = await assertRejects(() => LinkHost.listen(transport, host.url), HawserError);
    assertEquals(error.code, "address-in-use", error.message);
    assertStringIncludes(error.message, host.url);
  });

  test(`${scheme}: a dial is given up by its signal, before and during`, async () => {
    await using host = await LinkHost.listen(transport, url);
    const reason = new Error("changed my mind");
    const dial = (signal: AbortSignal) => transport.dial(parseAddress(host.url), { signal });
    assertEquals(await assertRejects(() => dial(AbortSignal.abort(reason))), reason);
    const controller = new AbortController();
    const dialling = dial(controller.signal);
    controller.abort(reason);
    assertEquals(await assertRejects(() => dialling), reason);
    // After the dial the signal means nothing any more.
    const late = new AbortController();
    const near = await dial(late.signal);
    const arrivals = new Arrivals();
    near.start(arrivals);
    late.abort(reason);
    await pause(20);
    assertEquals(arrivals.closed, 0);
    await near.close({ abort: true });
  });
}

/** Declares those about peers that do not read, and users that do not wait. */
export function pressure({ transport, stalledPeer }: SuiteOptions): void {
  const [scheme] = transport.schemes;

  test(`${scheme}: a peer that does not read stops the sender, and nothing is lost`, async () => {
    await using peer = await stalledPeer();
    const link = await transport.dial(parseAddress(peer.url), {});
    const meter = new Meter();
    link.start(meter);
    const hash = createHash("sha256");
    let total = 0;
    let drained = meter.drained();
    // The kernel takes some megabytes by itself, then the queue fills.
    while (true) {
      const piece = pattern(65_536, total / 65_536);
      hash.update(piece);
      total += piece.length;
      const room = link.send(piece);
      if (!room && !await within(drained, 200)) break;
      if (!room) drained = meter.drained();
      assert(total < 64 * 1024 * 1024, "send never returned false");
    }
    for (let index = 0; index < 8; index++) {
      const piece = pattern(1_000, index);
      hash.update(piece);
      total += piece.length;
      assertEquals(link.send(piece), false);
    }
    const digest = peer.read(total);
    await drained;
    assertEquals(await digest, hash.digest("hex"));
    await link.close({ abort: true });
  });

  test(`${scheme}: a peer that never reads does not hold close for ever`, async () => {
    await using peer = await stalledPeer();
    const link = await transport.dial(parseAddress(peer.url), {});
    const meter = new Meter();
    link.start(meter);
    // More than any kernel takes.
    for (let index = 0; index < 24; index++) link.send(new Uint8Array(1024 * 1024));
    const before = performance.now();
    await link.close();
    const took = performance.now() - before;
    assert(took > LINK_CLOSE_MS_MAX - 100 && took < LINK_CLOSE_MS_MAX + 2_000, `close took ${took} ms`);
    assertEquals((await meter.ended)?.code, "timeout");
  });

  test(`${scheme}: a user who ignores the answer of send loses the link, not the memory`, async () => {
    await using peer = await stalledPeer();
    const link = await transport.dial(parseAddress(peer.url), {});
    const meter = new Meter();
    link.start(meter);
    for (let index = 0; index < 96; index++) link.send(new Uint8Array(1024 * 1024));
    assertEquals((await meter.ended)?.code, "backpressure");
    await link.close();
  });
}

/** Opens a link, or two halves of two links where several do so at once, and lets one side close. */
async function openAndClose(transport: Transport, host: LinkHost, batch: number): Promise<void> {
  const near = await transport.dial(parseAddress(host.url), {});
  const far = await host.accept();
  const [nearEnd, farEnd] = [new Arrivals(), new Arrivals()];
  near.start(nearEnd);
  far.start(farEnd);
  near.send(pattern(10));
  const closer = batch % 2 === 0 ? near : far;
  await Promise.all([closer.close({ abort: batch % 4 > 1 }), nearEnd.ended, farEnd.ended]);
}

function silent(): LinkHandler {
  return { onReceive() {}, onDrain() {}, onClose() {} };
}

/** Open files of this process; 0 where the system does not say. */
async function descriptors(): Promise<number> {
  await pause(20);
  return process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whether `promise` is kept within `ms`. */
async function within(promise: Promise<void>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => timer = setTimeout(() => resolve(false), ms));
  const kept = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return kept;
}
