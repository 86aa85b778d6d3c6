import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { answer, requestsDriver } from "../../bench/path/requests.ts";
import type { RequestsWork } from "../../bench/path/measures.ts";

const WORK: RequestsWork = { kind: "requests", scheme: "ws", bytes: 4, inFlight: 8 };
const next = () => new TextEncoder().encode("text");

test("as many requests are under way as the work says, and all are answered before the round ends", async () => {
  let flying = 0;
  let flyingMax = 0;
  const run = await requestsDriver(
    async (question) => {
      flyingMax = Math.max(flyingMax, ++flying);
      await new Promise((resolve) => setTimeout(resolve, 1));
      flying--;
      return answer(question);
    },
    WORK,
    next,
  );
  const { perSecond, p50Us, p99Us } = await run(20);
  assertEquals([flying, flyingMax], [0, WORK.inFlight]);
  assert(perSecond > 0 && p50Us > 0 && p99Us >= p50Us);
});

test("a wrong answer is not timed", async () => {
  const wrong = requestsDriver((question) => Promise.resolve({ ...answer(question), text: "" }), WORK, next);
  await assertRejects(() => wrong, Error, "the answer is wrong");
});
