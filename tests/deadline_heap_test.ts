import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { DeadlineHeap } from "../src/deadline_heap.ts";
import { Random } from "./simulation/random.ts";

test("DeadlineHeap knows the first, however entries come and go", () => {
  const random = new Random(7);
  const heap = new DeadlineHeap<{ due: number; place: number }>();
  const model = new Set<{ due: number; place: number }>();
  for (let step = 0; step < 20_000; step++) {
    if (random.chance(step < 10_000 ? 0.6 : 0.4)) {
      const entry = { due: random.between(0, 500), place: -1 };
      heap.add(entry);
      model.add(entry);
    } else {
      const entry = random.chance(0.5) ? heap.first : [...model][random.between(0, model.size - 1)];
      if (entry === undefined) continue;
      heap.remove(entry);
      heap.remove(entry); // It is not there any more.
      model.delete(entry);
    }
    if (step % 10 === 0) {
      assertEquals(heap.first?.due ?? Infinity, Math.min(...[...model].map(({ due }) => due)));
    }
  }
});
