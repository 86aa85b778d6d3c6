import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Fifo } from "../../src/session/fifo.ts";
import { Random } from "../simulation/random.ts";

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
