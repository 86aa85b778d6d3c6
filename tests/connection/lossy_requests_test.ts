// Requests over a network that loses datagrams: each settles once, by its reply or by its deadline, and leaves nothing.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  connect,
  type HawserError,
  type Link,
  listen,
  registerTransport,
  type Transport,
} from "../../mod.ts";
import { udp } from "../../src/transports/udp/mod.ts";
import { Random } from "../simulation/random.ts";

const SEED = 20_261_121;
const LOST = 0.15;
const AT_ONCE = 20;
const EACH = 12;
const DEADLINE_MS = 150;

const random = new Random(SEED);
// The handshake is others' matter.
let isLossy = false;

const lossy: Transport = {
  ...udp,
  schemes: ["lossy"],
  async dial(address, options) {
    return new LossyLink(await udp.dial({ ...address, scheme: "udp" }, options));
  },
};

registerTransport(lossy);

test("over a lossy network every request settles once", async () => {
  await using server = await listen("udp://127.0.0.1:0");
  const accepted = server.accept();
  await using connection = await connect(server.urls[0].replace("udp:", "lossy:"));
  const there = await accepted;
  there.handle("same", (value) => value);
  isLossy = true;
  const settled = { replied: 0, late: 0 };
  const ask = async (_: unknown, first: number) => {
    for (let number = first; number < AT_ONCE * EACH; number += AT_ONCE) {
      // So that they do not all share one datagram.
      await new Promise((resolve) => setTimeout(resolve, random.between(0, 10)));
      try {
        assertEquals(await connection.request("same", number, { deadlineMs: DEADLINE_MS }), number);
        settled.replied++;
      } catch (error) {
        assertEquals((error as HawserError).code, "timeout");
        settled.late++;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  isLossy = false;
  const what = `seed ${SEED}: ${JSON.stringify(settled)}`;
  assertEquals(settled.replied + settled.late, AT_ONCE * EACH, what);
  assert(settled.replied > 0 && settled.late > 0, what);
  assertEquals(connection.messages.requests.size, 0, what);
  assertEquals(await connection.request("same", "still there", { deadlineMs: 5_000 }), "still there");
  assertEquals(there.messages.answers.size, 0, what);
});

/** Loses some of what passes through it, both ways. */
class LossyLink implements Link {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  get traits(): Link["traits"] {
    return this.#link.traits;
  }

  get localAddress(): string {
    return this.#link.localAddress;
  }

  get remoteAddress(): string {
    return this.#link.remoteAddress;
  }

  start(handler: Parameters<Link["start"]>[0]): void {
    this.#link.start({
      onReceive: (bytes) => {
        if (!isLost()) handler.onReceive(bytes);
      },
      onDrain: () => handler.onDrain(),
      onClose: (error) => handler.onClose(error),
    });
  }

  send(bytes: Uint8Array): boolean {
    return isLost() || this.#link.send(bytes);
  }

  close(options?: Parameters<Link["close"]>[0]): Promise<void> {
    return this.#link.close(options);
  }
}

function isLost(): boolean {
  return isLossy && random.chance(LOST);
}
