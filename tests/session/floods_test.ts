// A peer that has the keys, floods with every kind of control frame, and never reads an answer: THREATS row 26.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import * as frames from "../../src/wire/frames.ts";
import { FAIR, World } from "../simulation/world.ts";

// What can be pending at once in answers: one of each kind, in one packet.
const ANSWER_BYTES_MAX = 256;
const PACKETS = 25;
const SCALE = Number(process.env.HAWSER_SCALE ?? 1);

type Write = (body: Uint8Array, at: number, index: number) => number;

const number = (type: number, value: (index: number) => number): Write => (body, at, index) =>
  frames.writeNumberFrame(body, at, type, value(index));
const pair = (type: number, first: number): Write => (body, at, index) =>
  frames.writePairFrame(body, at, type, first, index);

const FLOODS: readonly [name: string, write: Write, kinds: readonly ("stream" | "datagram")[]][] = [
  ["PING", number(frames.FRAME_PING, (index) => index), ["stream", "datagram"]],
  ["PONG", number(frames.FRAME_PONG, (index) => index), ["stream", "datagram"]],
  ["WINDOW", number(frames.FRAME_WINDOW, (index) => index), ["stream", "datagram"]],
  ["BLOCKED", number(frames.FRAME_BLOCKED, () => 0), ["datagram"]],
  ["ACCEPT", (body, at) => (body[at] = frames.FRAME_ACCEPT, at + 1), ["stream", "datagram"]],
  ["PADDING", (_, at) => at + 1, ["stream", "datagram"]],
  ["STREAMS_WINDOW", number(frames.FRAME_STREAMS_WINDOW, (index) => index), ["stream"]],
  ["STREAMS_MAX", number(frames.FRAME_STREAMS_MAX, () => 1), ["stream"]],
  ["STREAM_STOP of no stream", pair(frames.FRAME_STREAM_STOP, 2), ["stream"]],
  ["STREAM_WINDOW of no stream", pair(frames.FRAME_STREAM_WINDOW, 2), ["stream"]],
];

for (const [name, write, kinds] of FLOODS) {
  for (const kind of kinds) {
    test(`a flood of ${name} leaves one small answer, or ends the session (${kind})`, () => {
      let isFlood = false;
      let sent = 0;
      const mangle = (body: Uint8Array) => {
        if (!isFlood) return;
        body.fill(frames.FRAME_PADDING);
        for (let at = 0; at < body.length - 20; sent++) at = write(body, at, sent);
      };
      const world = new World(1, { ...FAIR, kind, mtu: kind === "stream" ? undefined : 8_972 }, { mangle })
        .open();
      const [{ session: flooder }, { session: victim }] = [world.initiator, world.responder];
      isFlood = true;
      let events = 0;
      for (let count = 0; count < PACKETS * SCALE && victim.state === "open"; count++) {
        flooder.ping(world.now);
        flooder.send(new Uint8Array(flooder.wholeMessageBytesMax - 100), { compress: false });
        const packet = new Uint8Array(70_000);
        const length = flooder.transmit(packet, 0, world.now);
        if (length === 0) break; // Its own window is used up.
        victim.handleReceive(packet.subarray(0, length), world.now);
        assert(victim.packetBytesMax <= ANSWER_BYTES_MAX, `${victim.packetBytesMax} bytes of answers`);
        for (let event = victim.takeEvent(); event !== undefined; event = victim.takeEvent()) events++;
      }
      assert(sent > 5_000, `only ${sent} were sent`);
      assert(events <= PACKETS * SCALE, `${events} events`);
      if (victim.state !== "open") return;
      // What is answered is answered once.
      const answer = new Uint8Array(ANSWER_BYTES_MAX);
      victim.transmit(answer, 0, world.now);
      assertEquals(victim.packetBytesMax, 0);
    });
  }
}

test("messages and frames that nobody takes stay within the window, whatever their kind", () => {
  for (const options of [{}, { typed: true }, { priority: 255 }, { channel: "a" }]) {
    const world = new World(2, { ...FAIR, kind: "stream" }).open();
    const { initiator, responder } = world;
    responder.session.takeMessage = () => undefined;
    for (let count = 0; count < 60_000; count++) initiator.session.send(new Uint8Array(0), options);
    world.run(() => false, 5_000);
    const { waitingMessages } = responder.session.stats(world.now);
    const most = responder.config.limits.windowBytes / 64;
    assert(waitingMessages > most / 2 && waitingMessages <= most, `${waitingMessages} messages wait`);
  }
});
