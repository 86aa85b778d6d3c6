// The link of browsers over the WebTransport that Deno has, against the listener that is ours. Chromium itself is under
// test in tests/connection/web_transport_test.ts.

import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { HawserError } from "../../../src/errors.ts";
import type { Transport } from "../../../src/link.ts";
import { parseAddress } from "../../../src/transports/address.ts";
import { wt } from "../../../src/transports/wt/mod.ts";
import { webTransportDialler } from "../../../src/transports/wt/web.ts";
import { currentRuntime } from "../../runtimes/runtimes.ts";
import { Arrivals } from "../arrivals.ts";
import { LinkHost, LinkPair } from "../link_host.ts";
import { closes, pressure, transfers } from "../suite.ts";
import { stalledPeer } from "./stalled_peer.ts";

const url = "wt://127.0.0.1:0/hawser";
const transport: Transport = { ...wt, dial: webTransportDialler.dial };

if (currentRuntime() === "deno") {
  const suite = { transport, url, deadUrl: url, stalledPeer: () => stalledPeer(transport) };
  transfers(suite);
  closes(suite);
  pressure(suite);

  for (const side of ["near", "far"] as const) {
    test(`wt: the ${side} end of a web link gives up, which is an error at the other`, async () => {
      await using pair = await LinkPair.open(transport, url);
      const [near, far] = [new Arrivals(), new Arrivals()];
      pair.near.start(near);
      pair.far.start(far);
      await pair[side].close({ abort: true });
      await Promise.all([near.ended, far.ended]);
      const codes = [near.error?.code, far.error?.code];
      assertEquals(codes, side === "near" ? [undefined, "io"] : ["io", undefined]);
    });
  }

  test("wt: a dial of a page is given up by its signal, before and during", async () => {
    await using host = await LinkHost.listen(transport, url);
    const reason = new Error("changed my mind");
    const dial = (signal: AbortSignal) => transport.dial(parseAddress(host.url), { signal });
    assertEquals(await assertRejects(() => dial(AbortSignal.abort(reason))), reason);
    const controller = new AbortController();
    const dialling = dial(controller.signal);
    controller.abort(reason);
    assertEquals(await assertRejects(() => dialling), reason);
  });

  test("wt: a page that the listener does not know, or whose certificate is another, is told so", async () => {
    await using host = await LinkHost.listen(transport, url);
    for (
      const wrong of [
        host.url.replace("/hawser", "/other"),
        host.url.replace(/hash=.*/, `hash=${"A".repeat(43)}`),
      ]
    ) {
      const error = await assertRejects(() => transport.dial(parseAddress(wrong), {}), HawserError);
      assertEquals(error.code, "quic", wrong);
    }
  });
} else {
  test("wt: where there is no WebTransport, a page is told what to dial", async () => {
    const error = await assertRejects(
      () => transport.dial(parseAddress("wt://127.0.0.1:1"), {}),
      HawserError,
    );
    assertEquals(error.code, "unsupported");
  });
}

test("wt: a page cannot listen", async () => {
  const handler = { onLink() {}, onDatagram() {}, onClose() {} };
  const error = await assertRejects(
    () => webTransportDialler.listen(parseAddress(url), {}, handler),
    HawserError,
  );
  assertEquals(error.code, "unsupported");
});
