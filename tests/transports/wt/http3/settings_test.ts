// SETTINGS: what we say, and what is understood.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../../../src/errors.ts";
import { FrameReader } from "../../../../src/transports/wt/http3/frames.ts";
import { decodeSettings, SETTINGS, takesSessions } from "../../../../src/transports/wt/http3/settings.ts";
import { varints } from "../../../../src/transports/wt/http3/varint.ts";
import { hex } from "../bytes.ts";

test("ours say that sessions are taken, in the words of every draft", () => {
  const [frame] = new FrameReader().feed(SETTINGS);
  const settings = decodeSettings(frame.payload);
  const said = [[0x08, 1], [0x33, 1], [0x2b603742, 1], [0xc671706a, 16], [0x14e9cd29, 16]] as const;
  assertEquals([...settings], said.map(([id, value]) => [id, value]));
  assertEquals(takesSessions(settings), true);
});

test("any of the drafts will do, and a 0 is a no", () => {
  for (const id of [0x2b603742, 0xc671706a, 0x14e9cd29]) {
    assertEquals(takesSessions(decodeSettings(varints(id, 1))), true);
    assertEquals(takesSessions(decodeSettings(varints(id, 0))), false);
  }
  assertEquals(takesSessions(decodeSettings(hex(""))), false);
});

test("what is said twice, cut off or of HTTP/2 is refused", () => {
  for (const payload of [varints(8, 1, 8, 1), varints(8), varints(2, 0), varints(5, 1), hex("08 40")]) {
    assertEquals(assertThrows(() => decodeSettings(payload), HawserError).code, "protocol");
  }
});
