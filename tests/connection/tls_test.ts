// What a user of connections hears of TLS.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect, HawserError, listen } from "../../mod.ts";
import { createCertificate } from "../../src/transports/tls/certificate.ts";

const authority = await createCertificate({ authority: true });
const { certPem: cert, keyPem: key } = await createCertificate({ issuer: authority });
const ca = authority.certPem;

test("a connection is refused for the reason of its link", async () => {
  const refusals: HawserError[] = [];
  const onRefusal = (error: HawserError) => void refusals.push(error);
  const tls = { cert, key, ca, clientCertificates: true, onRefusal };
  await using server = await listen("tls://127.0.0.1:0", { tls });
  const unknown = await assertRejects(() => connect(server.urls), HawserError);
  assertEquals([unknown.code, unknown.reason], ["tls", "unknown-issuer"]);
  // With TLS 1.3 the client learns of it amid the handshake of the session.
  const anonymous = await assertRejects(() => connect(server.urls, { tls: { ca } }), HawserError);
  assertEquals([anonymous.code, anonymous.reason], ["tls", "no-certificate"], anonymous.message);
  assert(refusals.some(({ reason }) => reason === "no-certificate"));
  await using connection = await connect(server.urls, { tls: { cert, key, ca } });
  assert(connection.traits.encrypted);
});
