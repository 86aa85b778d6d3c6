// Certificates that follow each other: in their dates, and on a listener that outlives them.

import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { X509Certificate } from "node:crypto";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { HawserError } from "../../../src/errors.ts";
import { CERTIFICATE_AGE_MS } from "../../../src/limits.ts";
import type { ListenHandler } from "../../../src/link.ts";
import { parseAddress } from "../../../src/transports/address.ts";
import { RotatingCertificate } from "../../../src/transports/wt/rotating_certificate.ts";
import { wt } from "../../../src/transports/wt/mod.ts";
import { currentRuntime } from "../../runtimes/runtimes.ts";

const DAY = 24 * 60 * 60_000;
// A turn every so many milliseconds.
const turning = (ms: number) => ({ lifeMs: 2 * CERTIFICATE_AGE_MS + ms, overlapMs: CERTIFICATE_AGE_MS });

const onDeno = currentRuntime() === "deno" ? undefined : "only Deno listens on wt://";
if (onDeno !== undefined) console.log(`skipped: ${onDeno}`);

test("a certificate lives for less than 14 days, and the next one begins well before its end", async () => {
  const certificate = await RotatingCertificate.create(["localhost"]);
  const { validFrom, validTo } = new X509Certificate(certificate.current.certPem);
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  assert(from < Date.now() && to - from < 14 * DAY && to - Date.now() > 12 * DAY);
  assertEquals(certificate.query.match(/hash=[\w-]{43}/g)?.length, 2);
});

test("at its turn the next certificate is shown, which the address had named before", async () => {
  const certificate = await RotatingCertificate.create(["localhost"], turning(500));
  const [first, second] = certificate.query.split("&");
  const { promise: turned, resolve } = Promise.withResolvers<void>();
  certificate.start(() => resolve());
  // The timer keeps nothing running, so something else must.
  await Promise.race([turned, pause(10_000)]);
  while (certificate.query.startsWith(first) || certificate.query.endsWith(second)) await pause(20);
  certificate.stop();
  assertEquals(certificate.query.split("&")[0], second);
  const shown = certificate.query;
  await pause(1_000);
  assertEquals(certificate.query, shown);
});

test("a listener shows the next certificate to whoever comes later, and keeps its links", {
  skip: onDeno,
}, async () => {
  const { listen } = await import("../../../src/transports/wt/deno.ts");
  const handler: ListenHandler = {
    onLink: (link) =>
      link.start({ onReceive: (bytes) => link.send(bytes.slice()), onDrain() {}, onClose() {} }),
    onDatagram() {},
    onClose() {},
  };
  const listening = await listen(parseAddress("wt://127.0.0.1:0/a"), {}, handler, turning(2_000));
  const early = listening.url;
  const [first, second] = early.split("?")[1].split("&");
  const link = await wt.dial(parseAddress(early), {});
  while (listening.url.includes(first)) await pause(50);
  assert(listening.url.includes(second));

  const later = await wt.dial(parseAddress(early), {});
  // The first one is not shown any more: whoever trusts only that is not let in.
  const [place] = early.split("?");
  const error = await assertRejects(() => wt.dial(parseAddress(`${place}?${first}`), {}), HawserError);
  assertEquals([error.code, error.reason], ["tls", "unknown-issuer"]);
  for (const one of [link, later]) {
    const echoed = new Promise<number>((resolve) =>
      one.start({ onReceive: (bytes) => resolve(bytes.length), onDrain() {}, onClose() {} })
    );
    one.send(new Uint8Array(7));
    assertEquals(await echoed, 7);
    await one.close();
  }
  await listening.close();
});
