// What every link must do, over real WebTransport on the loopback interface. Deno alone can; the others say so.

import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { HawserError } from "../../../src/errors.ts";
import type { Transport } from "../../../src/link.ts";
import { parseAddress } from "../../../src/transports/address.ts";
import { wt } from "../../../src/transports/wt/mod.ts";
import { noteCell } from "../../conformance/portability.ts";
import { currentRuntime } from "../../runtimes/runtimes.ts";
import { linkSuite } from "../suite.ts";
import { stalledPeer } from "./stalled_peer.ts";

const transport: Transport = {
  ...wt,
  dial: (address, options) => wt.dial(address, { quic: { handshakeMsMax: 3_000 }, ...options }),
};

if (currentRuntime() === "deno") {
  linkSuite({
    transport,
    url: "wt://127.0.0.1:0/hawser",
    deadUrl: "wt://127.0.0.1:1",
    deadCode: "timeout", // Deno cannot see that nobody listens.
    stalledPeer: () => stalledPeer(transport),
  });
} else {
  test(`wt:// is unsupported on ${currentRuntime()}, for listeners and dials`, async () => {
    const address = parseAddress("wt://127.0.0.1:7000/hawser");
    const handler = { onLink() {}, onDatagram() {}, onClose() {} };
    for (const attempt of [() => wt.dial(address, {}), () => wt.listen(address, {}, handler)]) {
      assertEquals((await assertRejects(attempt, HawserError)).code, "unsupported");
    }
    noteCell({ scheme: "wt", listener: "deno", dialler: currentRuntime(), outcome: "refused" });
  });
}
