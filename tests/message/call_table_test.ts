// Calls are found by id and by deadline, whatever the order in which they come and go.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { type Call, CallTable } from "../../src/message/call_table.ts";
import { MessageIds } from "../../src/message/message_ids.ts";
import { Random } from "../simulation/random.ts";

function call(id: number, due: number): Call {
  return { id, due, place: -1 };
}

test("a table has room up to its bound", () => {
  const table = new CallTable(2);
  const first = call(1, Infinity);
  table.add(first);
  assertEquals(table.isFull, false);
  table.add(call(2, 5));
  assertEquals([table.isFull, table.size], [true, 2]);
  assertEquals([table.remove(first), table.remove(first), table.isFull], [true, false, false]);
});

test("every call leaves once: by its id, by its deadline, or with all", () => {
  const random = new Random(5);
  const table = new CallTable<Call>(Infinity);
  const open = new Map<number, Call>();
  for (let now = 0; now < 2_000; now++) {
    const added = call(now, random.chance(0.1) ? Infinity : now + random.between(1, 300));
    table.add(added);
    open.set(now, added);
    const id = random.between(0, now);
    if (random.chance(0.2)) assertEquals(table.remove(open.get(id) ?? call(id, 0)), open.delete(id));
    if (random.chance(0.2)) {
      assertEquals(table.take(id), open.get(id));
      open.delete(id);
    }
    assertEquals(table.find(id), open.get(id));
    for (let expired = table.takeExpired(now); expired !== undefined; expired = table.takeExpired(now)) {
      assertEquals([expired.due <= now, open.delete(expired.id)], [true, true]);
    }
    assertEquals(table.deadline(), Math.min(...[...open.values()].map(({ due }) => due)));
    assertEquals(table.size, open.size);
  }
  assertEquals(table.takeAll().length, open.size);
  assertEquals([table.size, table.deadline()], [0, Infinity]);
});

test("ids are remembered up to the bound, the newest ones", () => {
  const ids = new MessageIds(3);
  assertEquals(["a", "b", "c"].map((id) => ids.add(id)), [true, true, true]);
  assertEquals(["a", "b", "c"].map((id) => ids.add(id)), [false, false, false]);
  assertEquals(ids.add("d"), true);
  assertEquals(["b", "c", "d", "a"].map((id) => ids.add(id)), [false, false, false, true]);
  ids.forget("d");
  assertEquals(ids.add("d"), true);
});
