import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../../src/errors.ts";
import type { SessionStream } from "../../../src/session/streams/session_stream.ts";
import { LANE_HEAD_BYTES, readHead, type StreamLane } from "../../../src/session/streams/stream_lane.ts";
import { STREAMS_INITIAL } from "../../../src/stream_limits.ts";
import { FAIR, World } from "../../simulation/world.ts";

/** Two open sessions, whose codec refuses to seal twice under one nonce. */
function open(): World {
  const limits = { rekeyPacketsMax: 3 };
  return new World(1, { ...FAIR, kind: "stream" }, { limits, nativeStreams: true }).open();
}

function quiet(): void {}

/** A stream of the initiator with its lane, and the responder's lane for it. */
function carried(world: World): [stream: SessionStream, near: StreamLane, far: StreamLane] {
  const { streams } = world.initiator.session;
  let near: StreamLane | undefined;
  const stream = streams.use("open").open(
    "carried",
    {},
    (id) => near = streams.laneFor(id, quiet, world.now),
  )!;
  const far = world.responder.session.streams.acceptLane(stream.id, quiet, world.now)!;
  return [stream, near!, far];
}

/** All that a lane has to say, with its head the first time. */
function say(lane: StreamLane): Uint8Array {
  const said: number[] = [];
  for (let size = lane.packetBytesMax; size > 0; size = lane.packetBytesMax) {
    const packet = new Uint8Array(size);
    const length = lane.transmit(packet, 0);
    if (length === 0) break;
    said.push(...packet.subarray(0, length));
  }
  return Uint8Array.from(said);
}

test("StreamLane: a stream goes there and back on packets of its own, with new keys now and then", () => {
  const world = open();
  const [stream, near, far] = carried(world);
  const first = say(near);
  assertEquals(readHead(first), stream.id);
  far.receive(first.subarray(LANE_HEAD_BYTES), world.now);
  const arrived = world.responder.session.streams.table!.takeArrived()!;
  for (let round = 0; round < 20; round++) {
    stream.outgoing.push(Uint8Array.of(round));
    far.receive(say(near), world.now);
    assertEquals(arrived.incoming.take(), Uint8Array.of(round));
    arrived.outgoing.push(Uint8Array.of(round, round));
    near.receive(say(far), world.now);
    assertEquals(stream.incoming.take(), Uint8Array.of(round, round));
  }
  assert(world.initiator.session.packetBytesMax < 100, "on the main lane there is nothing but limits");
});

test("StreamLane: an end counts when it was answered, and only then may the session close", () => {
  const world = open();
  const [stream, near, far] = carried(world);
  stream.outgoing.push(new Uint8Array(1_000));
  stream.outgoing.end();
  const said = say(near);
  assert(!stream.outgoing.isFinished && stream.outgoing.isFlushing);
  world.initiator.session.close(0, "", world.now);
  world.settle();
  assertEquals(world.responder.session.state, "open");

  far.receive(said.subarray(LANE_HEAD_BYTES), world.now);
  near.receive(say(far), world.now);
  assert(stream.outgoing.isFinished && stream.outgoing.error === undefined);
  world.run(() => world.responder.info !== undefined);
  assertEquals(world.responder.info?.error, undefined);
});

test("StreamLane: what was sealed for one lane opens on no other", () => {
  const world = open();
  const [, near] = carried(world);
  const [, , other] = carried(world);
  const said = say(near).subarray(LANE_HEAD_BYTES);
  assertEquals(assertThrows(() => other.receive(said, 0), HawserError).code, "open-failed");
  world.inject(world.responder, said);
  world.run(() => world.responder.info !== undefined, 1_000);
  assertEquals(world.responder.info?.error?.code, "open-failed", "nor on the main lane");
});

test("StreamLane: only its own stream may be spoken of", () => {
  const world = open();
  const { streams } = world.initiator.session;
  // The lane of stream 2 carries the frames of stream 0.
  const wrong = streams.laneFor(2, quiet, 0);
  streams.use("open").open("", {}, () => wrong);
  const far = world.responder.session.streams.acceptLane(2, quiet, 0)!;
  const said = say(wrong).subarray(LANE_HEAD_BYTES);
  assertEquals(assertThrows(() => far.receive(said, 0), HawserError, "on the lane").code, "protocol");
});

test("StreamLane: there is one for each stream that the peer may open, and never a second", () => {
  const world = open();
  const { streams } = world.responder.session;
  const accept = (id: number) => streams.acceptLane(id, quiet, 0) !== undefined;
  assertEquals([accept(0), accept(0)], [true, false]);
  assertEquals([accept(1), accept(2 * STREAMS_INITIAL)], [false, false], "one of ours, and one too many");
  assert(accept(2 * (STREAMS_INITIAL - 1)));

  const [stream, near, far] = carried(open());
  far.receive(say(near).subarray(LANE_HEAD_BYTES), 0);
  stream.abort(0);
  far.receive(say(near), 0);
  assertEquals(world.responder.session.streams.acceptLane(0, quiet, 0), undefined);
});

test("StreamLane: a lane that is lost takes its stream along, and nothing else", () => {
  const world = open();
  const [stream, near, far] = carried(world);
  far.receive(say(near).subarray(LANE_HEAD_BYTES), 0);
  const { table } = world.responder.session.streams;
  const arrived = table!.takeArrived()!;
  const error = new HawserError("io", "the cable is cut");
  table!.handleLost(stream.id, error);
  assertEquals([arrived.incoming.error, arrived.outgoing.error, table!.size], [error, error, 0]);
  assertEquals(world.responder.session.state, "open");
});

test("streams ride on the main lane where one side cannot do otherwise", () => {
  const world = new World(1, { ...FAIR, kind: "stream" }).open();
  assertEquals(world.initiator.session.streams.isNative, false);
  assertEquals(world.initiator.session.streams.acceptLane(1, quiet, 0), undefined);
});
