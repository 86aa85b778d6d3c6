// The code for browsers, over another implementation of the same standard interface: that of node-datachannel.

import { after, test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { RTCPeerConnection } from "node-datachannel/polyfill";
import { HawserError } from "../../../src/errors.ts";
import type { Transport } from "../../../src/link.ts";
import { webrtc } from "../../../src/transports/webrtc/mod.ts";
import { serveSignalling } from "../../../src/transports/webrtc/signalling/mod.ts";
import { webrtcTransport } from "../../../src/transports/webrtc/transport.ts";
import { type WebConnectionClass, webPeers } from "../../../src/transports/webrtc/web_peer.ts";
import { parseAddress } from "../../../src/transports/address.ts";
import { LinkHost, Meter } from "../link_host.ts";
import { pattern, sendAll } from "../suite.ts";

const signalling = await serveSignalling("ws://127.0.0.1:0");
after(() => signalling.close());

const web = webrtcTransport(() => webPeers(RTCPeerConnection as unknown as WebConnectionClass));
const pairs: [string, Transport, Transport][] = [
  ["a page dials a page", web, web],
  ["a page dials a server", web, webrtc],
  ["a server dials a page", webrtc, web],
];

for (const [name, dialler, listener] of pairs) {
  test(`webrtc: ${name}, both say much, and one ends it`, async () => {
    await using host = await LinkHost.listen(listener, `webrtc://?signalling=${signalling.url}`);
    const near = await dialler.dial(parseAddress(host.url), {});
    const far = await host.accept();
    const [atNear, atFar] = [new Meter(), new Meter()];
    near.start(atNear);
    far.start(atFar);
    const pieces = Array.from({ length: 60 }, (_, index) => pattern(65_600, index));
    await Promise.all([sendAll(near, atNear, pieces), sendAll(far, atFar, pieces)]);
    await Promise.all([atNear.reached(60 * 65_600), atFar.reached(60 * 65_600)]);
    assertEquals(atNear.digest(), atFar.digest());
    await near.close();
    assertEquals(await atFar.ended, undefined);
    assertEquals(await atNear.ended, undefined);
  });
}

test("webrtc: datagrams of a page", async () => {
  const arrived = Promise.withResolvers<number>();
  const listening = await webrtc.listen(parseAddress(`webrtc://?signalling=${signalling.url}`), {}, {
    onLink() {},
    onDatagram: (bytes) => arrived.resolve(bytes.length),
    onClose() {},
  });
  const near = await web.dial(parseAddress(listening.url), { webrtc: { ordered: false, maxRetransmits: 0 } });
  assertEquals(near.traits.kind, "datagram");
  near.start(new Meter());
  near.send(new Uint8Array(1_000));
  assertEquals(await arrived.promise, 1_000);
  await near.close();
  await listening.close();
});

test("webrtc: where there is no RTCPeerConnection, that is said", () => {
  const error = assertThrows(() => webPeers(undefined), HawserError);
  assertEquals(error.code, "unsupported");
});
