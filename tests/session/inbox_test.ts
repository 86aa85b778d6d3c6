// What a peer may put on the pile of messages that nobody has taken yet: THREATS rows 18 and 20.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { pickCodec } from "../../src/codec/pick.ts";
import { HawserError } from "../../src/errors.ts";
import { FRAME_COST_BYTES, SESSION_LIMITS } from "../../src/limits.ts";
import { ReceiveWindow } from "../../src/session/flow.ts";
import { Inbox } from "../../src/session/inbox.ts";
import { writeFragment, writeMessage } from "../../src/wire/frames.ts";
import { Cursor } from "../../src/wire/varint.ts";

const LIMITS = { ...SESSION_LIMITS, messageBytesMax: 1_000, datagramWindowBytes: 16_384 };

function pile(datagram: boolean, windowBytes: number): { inbox: Inbox; window: ReceiveWindow } {
  const window = new ReceiveWindow(windowBytes);
  return { window, inbox: new Inbox(pickCodec(), window, datagram, LIMITS) };
}

/** The fields behind the type of a frame that `write` makes. */
function fields(write: (target: Uint8Array) => number): Cursor {
  const bytes = new Uint8Array(2_000);
  const cursor = new Cursor(bytes);
  cursor.reset(bytes, 1, write(bytes));
  return cursor;
}

function message(size: number): Cursor {
  return fields((target) => writeMessage(target, 0, new Uint8Array(size)));
}

function fragment(id: number, whole: number, offset: number, length: number): Cursor {
  return fields((target) => writeFragment(target, 0, id, new Uint8Array(whole), offset, length));
}

test("Inbox: an empty message costs its frame, up to the window and not one more", () => {
  const { inbox, window } = pile(false, 10 * FRAME_COST_BYTES);
  window.beginPacket();
  for (let count = 0; count < 10; count++) inbox.handleMessage(message(0));
  assertEquals(assertThrows(() => inbox.handleMessage(message(0)), HawserError).code, "protocol");
  assertEquals(inbox.messages, 10);
});

test("Inbox: a message of the largest size is taken, and not one byte more, whole or in parts", () => {
  const { inbox, window } = pile(false, 100_000);
  window.beginPacket();
  inbox.handleMessage(message(1_000));
  assertEquals(inbox.take()?.length, 1_000);
  const codes = [
    assertThrows(() => inbox.handleMessage(message(1_001)), HawserError).code,
    assertThrows(() => inbox.handleFragment(fragment(1, 1_001, 0, 500), 0), HawserError).code,
  ];
  assertEquals(codes, ["packet-too-large", "packet-too-large"]);
});

test("Inbox: doubled parts are a lie on an ordered lane, and an accident over datagrams", () => {
  for (const datagram of [false, true]) {
    const { inbox, window } = pile(datagram, 100_000);
    window.beginPacket();
    inbox.handleFragment(fragment(1, 900, 0, 400), 0);
    const again = () => inbox.handleFragment(fragment(1, 900, 0, 400), 0);
    if (!datagram) assertEquals(assertThrows(again, HawserError).code, "protocol");
    else again();
    if (datagram) inbox.handleFragment(fragment(1, 900, 400, 500), 0);
    assertEquals(inbox.messages, datagram ? 1 : 0);
  }
});

test("Inbox: over datagrams, packets that pretend to be late fill no memory either", () => {
  const { inbox, window } = pile(true, LIMITS.datagramWindowBytes);
  const bound = LIMITS.datagramWindowBytes + LIMITS.messageBytesMax + 900 + FRAME_COST_BYTES;
  for (let count = 0; count < 1_000; count++) {
    window.beginPacket(0);
    inbox.handleMessage(message(900));
    assert(window.waiting <= bound, `${window.waiting} bytes wait`);
  }
  assertEquals(inbox.messages + inbox.dropped, 1_000);
  assert(inbox.dropped > 900);
  // What the application takes makes room again.
  while (inbox.take() !== undefined);
  inbox.handleMessage(message(900));
  assertEquals(inbox.messages, 1);
});
