import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Fifo } from "../src/fifo.ts";
import { Random } from "./simulation/random.ts";

test("Fifo does what an array does, however pushes and shifts alternate", () => {
  const random = new Random(5);
  const fifo = new Fifo<number>();
  const model: number[] = [];
  let next = 0;
  for (let round = 0; round < 400; round++) {
    // Some rounds fill it far beyond what it keeps, some empty it.
    for (let count = random.between(0, 3_000); count > 0; count--) {
      fifo.push(next);
      model.push(next++);
    }
    if (random.chance(0.2) && model.length > 0) {
      fifo.replaceLast(-1);
      model[model.length - 1] = -1;
    }
    for (let count = random.between(0, 4_000); count > 0; count--) {
      assertEquals(fifo.peek(), model[0]);
      assertEquals(fifo.shift(), model.shift());
    }
    if (random.chance(0.05)) {
      fifo.clear();
      model.length = 0;
    }
    assertEquals(fifo.length, model.length);
  }
});

test("Fifo shows what waits, by its place", () => {
  const fifo = new Fifo<number>();
  // Three in, two out: the ring wraps.
  for (let next = 0; next < 12; next++) {
    fifo.push(next);
    if (next % 3 !== 0) fifo.shift();
  }
  assertEquals([0, 1, 2, 3, 4].map((index) => fifo.at(index)), [8, 9, 10, 11, undefined]);
});

test("Fifo puts another in place of the last, and goes on after a clear", () => {
  const fifo = new Fifo<string>();
  fifo.push("a");
  fifo.push("b");
  fifo.replaceLast("c");
  assertEquals([fifo.shift(), fifo.shift(), fifo.shift()], ["a", "c", undefined]);
  fifo.push("d");
  fifo.clear();
  assertEquals(fifo.length, 0);
  fifo.push("e");
  assertEquals(fifo.shift(), "e");
});
