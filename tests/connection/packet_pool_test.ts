import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { PacketLoans } from "../../src/connection/packet_pool.ts";
import { BODY_BYTES_MAX, PACKET_OVERHEAD_MAX, PACKET_SPARES_MAX } from "../../src/limits.ts";

test("PacketLoans: what is lent is nobody else's until it is given back, and then it is used again", () => {
  const [ours, theirs] = [new PacketLoans(), new PacketLoans()];
  const lent = [ours.lend(), ours.lend(), theirs.lend()];
  assertEquals(new Set(lent).size, 3);
  for (const packet of lent) assertEquals(packet.length, BODY_BYTES_MAX + PACKET_OVERHEAD_MAX);
  ours.giveBack();
  ours.giveBack();
  const again = [theirs.lend(), theirs.lend()];
  assertEquals(new Set([...again, lent[2]]).size, 3);
  assert(again.every((packet) => lent.includes(packet)));
  theirs.giveBack();
});

test("PacketLoans: no more than the spares are kept", () => {
  const loans = new PacketLoans();
  const first = Array.from({ length: PACKET_SPARES_MAX + 8 }, () => loans.lend());
  loans.giveBack();
  const second = first.map(() => loans.lend());
  assertEquals(second.filter((packet) => first.includes(packet)).length, PACKET_SPARES_MAX);
  loans.giveBack();
});
