// What a certificate says is read back by node:crypto, which had no part in making it.

import { Buffer } from "node:buffer";
import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createCertificate, pinOf } from "../../../src/transports/tls/certificate.ts";

const DAY_MS = 24 * 60 * 60_000;

test("an authority issues certificates that verify, and nobody else's do", async () => {
  const authority = await createCertificate({ authority: true, names: ["Test CA"] });
  const other = await createCertificate({ authority: true, names: ["Test CA"] });
  const server = await createCertificate({
    issuer: authority,
    names: ["example.test", "192.0.2.1", "2001:db8::1"],
  });
  const [ca, stranger, leaf] = [authority, other, server].map(({ certPem }) => new X509Certificate(certPem));
  assert(ca.ca && !leaf.ca);
  assert(leaf.verify(ca.publicKey) && !leaf.verify(stranger.publicKey));
  assert(leaf.checkIssued(ca) && ca.verify(ca.publicKey));
  assertEquals(leaf.checkHost("example.test"), "example.test");
  assertEquals(leaf.checkHost("other.test"), undefined);
  assertEquals(leaf.checkIP("192.0.2.1"), "192.0.2.1");
  assertMatch(leaf.subjectAltName ?? "", /2001:DB8|2001:db8/);
});

test("PEM, DER, hash and pin are of the same certificate and key", async () => {
  const made = await createCertificate();
  const read = new X509Certificate(made.certPem);
  assertEquals(new Uint8Array(read.raw), made.certDer);
  assertEquals(Array.from(made.sha256), Array.from(createHash("sha256").update(read.raw).digest()));
  const spki = read.publicKey.export({ type: "spki", format: "der" });
  assertEquals(made.pin, `sha256/${createHash("sha256").update(spki).digest("base64")}`);
  assertEquals(await pinOf(new Uint8Array(spki)), made.pin);
  assert(read.checkPrivateKey(createPrivateKey(made.keyPem)));
  assert(
    read.checkPrivateKey(createPrivateKey({ key: Buffer.from(made.keyDer), format: "der", type: "pkcs8" })),
  );
  for (const line of made.certPem.trimEnd().split("\n")) assert(line.length <= 64, line);
});

test("a certificate lives as long as it is told, by default for less than 14 days", async () => {
  const byDefault = new X509Certificate((await createCertificate()).certPem);
  const lifeMs = Date.parse(byDefault.validTo) - Date.parse(byDefault.validFrom);
  assert(lifeMs > 12 * DAY_MS && lifeMs < 14 * DAY_MS);
  assert(Date.parse(byDefault.validFrom) < Date.now() && Date.parse(byDefault.validTo) > Date.now());
  const validFrom = new Date("2020-01-01T00:00:00Z");
  const expired = await createCertificate({ validFrom, validTo: new Date("2020-01-02T00:00:00Z") });
  assertEquals(Date.parse(new X509Certificate(expired.certPem).validTo), Date.parse("2020-01-02T00:00:00Z"));
  await assertRejects(() => createCertificate({ validFrom, validTo: validFrom }), RangeError);
  await assertRejects(() => createCertificate({ names: [] }), RangeError);
});

test("the usage is what was asked for", async () => {
  // Deno's X509Certificate does not tell, so the object identifiers are looked for: RFC 5280 §4.2.1.12.
  const [server, client] = ["06082b06010505070301", "06082b06010505070302"];
  const usages = async (usage?: ("server" | "client")[]) => {
    const der = Buffer.from((await createCertificate({ usage })).certDer).toString("hex");
    return [der.includes(server), der.includes(client)];
  };
  assertEquals(await usages(["server"]), [true, false]);
  assertEquals(await usages(["client"]), [false, true]);
  assertEquals(await usages(), [true, true]);
});
