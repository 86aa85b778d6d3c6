import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { OutputTurn } from "../../scripts/output_turn.ts";

test("what is printed out of turn is kept, and shown in order when the turn has come", async () => {
  const shown: string[] = [];
  const encoder = new TextEncoder();
  const turn = new OutputTurn((bytes) => Promise.resolve(void shown.push(new TextDecoder().decode(bytes))));
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const stream = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
  const text = turn.take(stream);
  for (const word of ["a", "b"]) controller.enqueue(encoder.encode(word));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(shown, []);
  turn.begin();
  await turn.shown;
  assertEquals(shown, ["a", "b"]);
  controller.enqueue(encoder.encode("c"));
  controller.close();
  assertEquals(await text, "abc");
  assertEquals(shown, ["a", "b", "c"]);
});
