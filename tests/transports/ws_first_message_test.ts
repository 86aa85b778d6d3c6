// A peer may speak the moment its WebSocket is open: nothing that it says is lost while ours is still being made.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { ws } from "../../src/transports/ws/mod.ts";
import { spawnRuntime } from "../runtimes/runtimes.ts";
import { LinkHost } from "./link_host.ts";

// Without care every third message of Bun was lost.
const SOCKETS = 60;

test("ws: the first message arrives, however early it is sent", async () => {
  await using host = await LinkHost.listen(ws, "ws://127.0.0.1:0");
  await using dialer = spawnRuntime("bun", "tests/transports/fixtures/ws_first_message.ts", [
    host.url,
    `${SOCKETS}`,
  ]);
  void answerAll(host);
  assertEquals(await dialer.nextLine(), `${SOCKETS} answered`);
});

async function answerAll(host: LinkHost): Promise<void> {
  for (let index = 0; index < SOCKETS; index++) {
    const link = await host.accept();
    link.start({ onReceive: () => void link.send(new Uint8Array(1)), onDrain() {}, onClose() {} });
  }
}
