// New keys by bytes and by time over real sockets, between this runtime and itself; by packets: the conformance suite.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { connect, listen } from "../../mod.ts";

test("keys change by bytes and by time while both sides send", async () => {
  await Promise.all([{ rekeyBytesMax: 3_000 }, { rekeyMsMax: 10 }].map(async (limits) => {
    await using server = await listen(["tcp", "udp", "ws"].map((scheme) => `${scheme}://127.0.0.1:0`), {
      limits,
    });
    server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
    await Promise.all(server.urls.map(async (url) => {
      await using connection = await connect(url, { limits });
      const message = crypto.getRandomValues(new Uint8Array(400));
      for (let count = 0; count < 80; count++) {
        connection.send(message);
        assertEquals(await connection.receive({ timeoutMs: 5_000 }), message);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      const { sent, received } = connection.stats();
      assert(sent.rekeys >= 3 && received.rekeys >= 3, `${url}: ${sent.rekeys} and ${received.rekeys}`);
    }));
  }));
});
