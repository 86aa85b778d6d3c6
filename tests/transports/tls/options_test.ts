// Options that cannot be right are the caller's mistake, and are told before anything is opened.

import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { HawserError } from "../../../src/errors.ts";
import type { TlsOptions } from "../../../src/tls_options.ts";
import { parseAddress } from "../../../src/transports/address.ts";
import { tls } from "../../../src/transports/tls/mod.ts";
import { LinkHost } from "../link_host.ts";
import { authority, client, credentials, server } from "./credentials.ts";

const right = credentials(server);
const ca = authority.certPem;

const wrongForListeners: Record<string, TlsOptions> = {
  "no certificate": {},
  "a certificate without key": { cert: right.cert },
  "a key without certificate": { key: right.key },
  "no PEM": { ...right, cert: "certificate" },
  "no key in PEM": { ...right, key: right.cert },
  "the key of another certificate": { ...right, key: credentials(client).key },
  "an authority that is none": { ...right, ca: "authority" },
  "client certificates of nobody": { ...right, clientCertificates: true },
  "pins of nobody": { ...right, ca, pins: [client.pin] },
  "a pin in hexadecimal": { ...right, ca, clientCertificates: true, pins: ["00".repeat(32)] },
  "a further host without certificate": { ...right, hosts: { "b.test": { cert: "", key: "" } } },
};

for (const [what, options] of Object.entries(wrongForListeners)) {
  test(`a listener is told: ${what}`, async () => {
    await assertRejects(() => LinkHost.listen(tls, "tls://127.0.0.1:0", { tls: options }), TypeError, "tls.");
  });
}

test("a dial is told of a pin, an authority and a key that are none", async () => {
  const wrong: TlsOptions[] = [{ pins: ["sha256/short="] }, { ca: ["authority"] }, { ...right, key: "key" }];
  for (const options of wrong) {
    await assertRejects(() => tls.dial(parseAddress("tls://127.0.0.1:1"), { tls: options }), TypeError);
  }
});

test("an address without port cannot be dialled, and options that no socket has are refused", async () => {
  const error = await assertRejects(() => tls.dial(parseAddress("tls://127.0.0.1"), {}), HawserError);
  assertEquals(error.code, "invalid-address");
  const unsupported = await assertRejects(
    () => LinkHost.listen(tls, "tls://127.0.0.1:0", { tls: right, ttl: 8 }),
    HawserError,
  );
  assertEquals(unsupported.code, "unsupported");
});
