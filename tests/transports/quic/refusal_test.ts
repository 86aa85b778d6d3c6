// What QUIC refuses, and how it dies: every failure has a code, and nothing is left of it.

import { test } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { HawserError } from "../../../src/errors.ts";
import type { TransportOptions } from "../../../src/link.ts";
import { parseAddress } from "../../../src/transports/address.ts";
import { quic } from "../../../src/transports/quic/mod.ts";
import { createCertificate } from "../../../src/transports/tls/certificate.ts";
import { currentRuntime, spawnRuntime } from "../../runtimes/runtimes.ts";
import { LinkHost, Meter } from "../link_host.ts";
import { pattern } from "../suite.ts";
import { authority, credentials, server } from "../tls/credentials.ts";
import { dialling, transport } from "./credentials.ts";
import { outageBefore } from "./outage.ts";

const URL = "quic://127.0.0.1:0";
const DAY_MS = 24 * 60 * 60_000;

const foreign = await createCertificate();
const named = await createCertificate({ issuer: authority, names: ["elsewhere.test"] });
const old = await createCertificate({
  issuer: authority,
  validFrom: new Date(Date.now() - 3 * DAY_MS),
  validTo: new Date(Date.now() - DAY_MS),
});

const { ca } = dialling.tls!;
const hash = (of: typeof foreign): TransportOptions => ({ quic: { serverCertificateHashes: [of.sha256] } });

const refusals: readonly [
  what: string,
  certificate: typeof foreign,
  told: TransportOptions,
  reason: string,
][] = [
  ["of an authority that nobody trusts", server, { tls: {} }, "unknown-issuer"],
  ["signed by itself", foreign, { tls: { ca } }, "unknown-issuer"],
  ["for another name", named, { tls: { ca } }, "wrong-name"],
  ["for another address", server, { tls: { ca, serverName: "127.0.0.2" } }, "wrong-name"],
  ["that has expired", old, { tls: { ca } }, "expired"],
  ["with another hash", server, hash(foreign), "unknown-issuer"],
  ["with another application protocol", server, { tls: { ca, alpn: ["other"] } }, "alpn"],
];

for (const [what, certificate, told, reason] of refusals) {
  test(`quic: a listener ${what} is refused: ${reason}`, async () => {
    await using host = await LinkHost.listen(quic, URL, { tls: credentials(certificate) });
    const error = await assertRejects(() => quic.dial(parseAddress(host.url), told), HawserError);
    assertEquals([error.code, error.reason], ["tls", reason], `${error.message} (${error.cause})`);
    assertStringIncludes(error.message, host.url);
  });
}

test("quic: a certificate that is known by its hash needs no authority and no name", async () => {
  await using host = await LinkHost.listen(quic, URL, { tls: credentials(foreign) });
  const link = await quic.dial(parseAddress(host.url), hash(foreign));
  await link.close({ abort: true });
  await using other = await LinkHost.listen(quic, URL, { tls: credentials(named) });
  const named2 = await quic.dial(parseAddress(other.url), { tls: { ca, serverName: "elsewhere.test" } });
  await named2.close({ abort: true });
});

test("quic: what cannot be is said before anything is sent", async () => {
  const own = credentials(server);
  const listens: TransportOptions[] = [
    { tls: { ...own, clientCertificates: true, ca: authority.certPem } },
    { tls: { ...own, hosts: { "b.test": own } } },
    { tls: { ...own, pins: [server.pin] } },
  ];
  for (const options of listens) {
    const error = await assertRejects(() => LinkHost.listen(quic, URL, options), HawserError);
    assertEquals(error.code, "unsupported");
  }
  const address = parseAddress("quic://127.0.0.1:9");
  const dials: TransportOptions[] = [{ tls: own }, { tls: { pins: [server.pin] } }];
  if (currentRuntime() === "deno") dials.push({ quic: { windowBytes: 2 ** 20 } });
  else dials.push({ quic: { earlyData: true } });
  for (const options of dials) {
    const error = await assertRejects(() => quic.dial(address, options), HawserError);
    assertEquals(error.code, "unsupported");
  }
  await assertRejects(() => quic.dial(address, { quic: { idleMsMax: 0 } }), RangeError, "idleMsMax");
  await assertRejects(() => quic.dial(address, { tls: { alpn: [] } }), TypeError, "alpn");
  await assertRejects(() => LinkHost.listen(quic, URL), TypeError, "tls.cert");
  const nowhere = await assertRejects(() => quic.dial(parseAddress("quic://127.0.0.1"), {}), HawserError);
  assertEquals(nowhere.code, "invalid-address");
  const unknown = await assertRejects(() => quic.dial(parseAddress("quic://no.invalid:7"), {}), HawserError);
  assertEquals(unknown.code, "invalid-address");
});

test("quic: a peer that falls silent is given up after the idle time, at both ends", async () => {
  const told = { quic: { idleMsMax: 1_000, keepAliveMs: Infinity } };
  await using host = await LinkHost.listen(transport, URL, told);
  await using outage = await outageBefore(parseAddress(host.url).port);
  const near = await transport.dial(parseAddress(`quic://127.0.0.1:${outage.port}`), told);
  const ends = [new Meter(), new Meter()];
  near.start(ends[0]);
  (await host.accept()).start(ends[1]);
  near.send(pattern(100));
  await ends[1].reached(100);
  outage.down = true;
  const errors = await Promise.all(ends.map(({ ended }) => ended));
  // Bun ends the streams before it says why.
  const code = currentRuntime() === "bun" ? "io" : "timeout";
  assertEquals(errors.map((error) => error?.code), [code, code]);
});

test("quic: a network that lost much is no end, and a connection that is kept alive does not idle", async () => {
  const told = { quic: { idleMsMax: 2_000, keepAliveMs: 300 } };
  await using host = await LinkHost.listen(transport, URL, told);
  await using outage = await outageBefore(parseAddress(host.url).port);
  const near = await transport.dial(parseAddress(`quic://127.0.0.1:${outage.port}`), told);
  const [one, other] = [new Meter(), new Meter()];
  near.start(one);
  (await host.accept()).start(other);
  near.send(pattern(100));
  await other.reached(100);
  const quiet = outage.sent;
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  assertEquals(outage.sent > quiet + 3, true, `${outage.sent - quiet} datagrams in 3 s`);
  outage.down = true;
  near.send(pattern(100));
  await new Promise((resolve) => setTimeout(resolve, 300));
  outage.down = false;
  await other.reached(200);
  await near.close();
  assertEquals([await one.ended, await other.ended], [undefined, undefined]);
});

test("quic: a handshake that nobody answers ends in time", async () => {
  await using host = await LinkHost.listen(transport, URL);
  await using outage = await outageBefore(parseAddress(host.url).port);
  outage.down = true;
  const address = parseAddress(`quic://127.0.0.1:${outage.port}`);
  const before = performance.now();
  const error = await assertRejects(
    () => transport.dial(address, { quic: { handshakeMsMax: 500 } }),
    HawserError,
  );
  assertEquals(error.code, "timeout");
  assertEquals(performance.now() - before < 2_000, true);
});

test("quic: a peer that is killed amid a link never ended it in an orderly way", async () => {
  const peer = spawnRuntime(currentRuntime(), "tests/transports/quic/fixtures/echo.ts", []);
  const { url, hash } = JSON.parse(await peer.nextLine());
  const link = await quic.dial(parseAddress(url), {
    quic: {
      serverCertificateHashes: [Uint8Array.from(hash as number[])],
      idleMsMax: 1_000,
      keepAliveMs: 200,
    },
  });
  const meter = new Meter();
  link.start(meter);
  link.send(pattern(1_000));
  await meter.reached(1_000);
  await peer.kill();
  const error = await meter.ended;
  assertEquals(error instanceof HawserError, true, "taken for an orderly end");
});

test("quic: an address is listened on again as soon as it is free", async () => {
  const first = await LinkHost.listen(transport, URL);
  await first.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await using again = await LinkHost.listen(transport, first.url);
  assertEquals(again.url, first.url);
  const near = await transport.dial(parseAddress(again.url), {});
  const meter = new Meter();
  (await again.accept()).start(meter);
  near.send(pattern(10));
  await meter.reached(10);
  await near.close({ abort: true });
});
