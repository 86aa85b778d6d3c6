// Who is refused, by which end, and for which reason: the matrix of a local authority.

import { connect as connectTcp } from "node:net";
import { connect as connectTls, createServer } from "node:tls";
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { HawserError, type TlsRefusal } from "../../../src/errors.ts";
import type { TlsOptions } from "../../../src/tls_options.ts";
import { parseAddress } from "../../../src/transports/address.ts";
import { type Certificate, createCertificate } from "../../../src/transports/tls/certificate.ts";
import { tls } from "../../../src/transports/tls/mod.ts";
import { currentRuntime } from "../../runtimes/runtimes.ts";
import { LinkHost, Meter } from "../link_host.ts";
import { authority, client, credentials, server } from "./credentials.ts";

const DAY_MS = 24 * 60 * 60_000;
const daysFromNow = (days: number) => new Date(Date.now() + days * DAY_MS);
const ca = authority.certPem;

const stranger = await createCertificate({ authority: true, names: ["Stranger CA"] });
const expired = { validFrom: daysFromNow(-9), validTo: daysFromNow(-2) };
const bad: Record<string, Certificate> = {
  expired: await createCertificate({ issuer: authority, ...expired }),
  early: await createCertificate({ issuer: authority, validFrom: daysFromNow(2) }),
  selfSigned: await createCertificate(),
  alien: await createCertificate({ issuer: stranger }),
  otherName: await createCertificate({ issuer: authority, names: ["example.test"] }),
  otherAddress: await createCertificate({ issuer: authority, names: ["127.0.0.2", "localhost"] }),
  ofClient: await createCertificate({ issuer: authority, usage: ["client"] }),
};

async function refusalOfDial(listen: TlsOptions, dial: TlsOptions): Promise<HawserError> {
  await using host = await LinkHost.listen(tls, "tls://127.0.0.1:0", { tls: listen });
  return await assertRejects(() => tls.dial(parseAddress(host.url), { tls: dial }), HawserError);
}

const servers: readonly [certificate: string, reason: TlsRefusal][] = [
  ["expired", "expired"],
  ["early", "not-yet-valid"],
  ["selfSigned", "unknown-issuer"],
  ["alien", "unknown-issuer"],
  ["otherName", "wrong-name"],
  ["otherAddress", "wrong-name"],
  // rustls does not say which of the two it is.
  ["ofClient", currentRuntime() === "deno" ? "unknown-issuer" : "wrong-usage"],
];

for (const [certificate, reason] of servers) {
  test(`a server's certificate is refused: ${certificate}`, async () => {
    const error = await refusalOfDial(credentials(bad[certificate]), { ca });
    assertEquals([error.code, error.reason, error.retryable], ["tls", reason, false], error.message);
  });
}

test("without an authority of our own the public ones count, and those of the system if wanted", async () => {
  for (const options of [{}, { ca: "system" }]) {
    const error = await refusalOfDial(credentials(server), options);
    assertEquals(error.reason, "unknown-issuer");
  }
  await using host = await LinkHost.listen(tls, "tls://127.0.0.1:0", { tls: credentials(server) });
  const link = await tls.dial(parseAddress(host.url), { tls: { ca: ["system", ca] } });
  await link.close({ abort: true });
});

test("pins: one of them must be right, and everything else besides", async () => {
  const other = await createCertificate();
  const wrong = await refusalOfDial(credentials(server), { ca, pins: [other.pin] });
  assertEquals([wrong.code, wrong.reason], ["tls", "pin-mismatch"]);
  // A pin of the issuer proves nothing about the server.
  assertEquals(
    (await refusalOfDial(credentials(server), { ca, pins: [authority.pin] })).reason,
    "pin-mismatch",
  );
  for (const [name, reason] of servers) {
    const error = await refusalOfDial(credentials(bad[name]), { ca, pins: [bad[name].pin] });
    assertEquals(error.reason, reason, `${name}: a pin must not switch verification off`);
  }
  await using host = await LinkHost.listen(tls, "tls://127.0.0.1:0", { tls: credentials(server) });
  const right = await tls.dial(parseAddress(host.url), { tls: { ca, pins: [other.pin, server.pin] } });
  await right.close({ abort: true });
});

test("a self-signed certificate is its own authority, and can be pinned too", async () => {
  const { certPem, pin } = bad.selfSigned;
  const listen = credentials(bad.selfSigned);
  await using host = await LinkHost.listen(tls, "tls://127.0.0.1:0", { tls: listen });
  const link = await tls.dial(parseAddress(host.url), { tls: { ca: certPem, pins: [pin] } });
  await link.close({ abort: true });
});

test("SNI: a server has a certificate for each name, and a client may ask for another name", async () => {
  const hosts = { "example.test": credentials(bad.otherName) };
  await using host = await LinkHost.listen(tls, "tls://127.0.0.1:0", {
    tls: { ...credentials(server), hosts },
  });
  const dial = (options: TlsOptions) => tls.dial(parseAddress(host.url), { tls: { ca, ...options } });
  const named = await dial({ serverName: "example.test", pins: [bad.otherName.pin] });
  const unnamed = await dial({ pins: [server.pin] });
  const error = await assertRejects(() => dial({ serverName: "other.test" }), HawserError);
  assertEquals(error.reason, "wrong-name");
  await Promise.all([named.close({ abort: true }), unnamed.close({ abort: true })]);
});

test("ALPN: both ends must agree on a protocol, if one of them asks for it", async () => {
  const right = credentials(server);
  const agree = async (listen?: string[], dial?: string[]) => {
    await using host = await LinkHost.listen(tls, "tls://127.0.0.1:0", { tls: { ...right, alpn: listen } });
    const link = await tls.dial(parseAddress(host.url), { tls: { ca, alpn: dial } });
    const meter = new Meter();
    link.start(meter);
    const far = await Promise.race([host.accept(), meter.ended.then(() => undefined)]);
    await Promise.all([link.close({ abort: true }), far?.close({ abort: true })]);
    return far !== undefined;
  };
  assertEquals(await agree(["b", "a"], ["a"]), true);
  assertEquals(await agree(), true);
  for (const pair of [[["b"], ["a"]], [undefined, ["a"]]]) {
    const error = await assertRejects(() => agree(...pair), HawserError);
    assertEquals([error.code, error.reason], ["tls", "alpn"], error.message);
  }
  assertEquals(await agree(["a"], undefined), false);
});

interface Refusal {
  readonly error: HawserError;
  readonly remote: string;
}

/** Dials a listener that wants certificates of clients; what the client hears, and what the listener. */
async function mutual(listen: TlsOptions, dial: TlsOptions): Promise<[HawserError | undefined, Refusal]> {
  const { promise: refused, resolve } = Promise.withResolvers<Refusal>();
  const options = { ca, clientCertificates: true, ...credentials(server), ...listen };
  await using host = await LinkHost.listen(tls, "tls://127.0.0.1:0", {
    tls: { ...options, onRefusal: (error, remote) => resolve({ error, remote }) },
  });
  try {
    const link = await tls.dial(parseAddress(host.url), { tls: { ca, ...dial } });
    const meter = new Meter();
    link.start(meter);
    return [await meter.ended, await refused];
  } catch (error) {
    return [error as HawserError, await refused];
  }
}

test("mutual TLS: a client with the right certificate comes in, and can be pinned", async () => {
  const options = { ca, clientCertificates: true, pins: [client.pin], ...credentials(server) };
  await using host = await LinkHost.listen(tls, "tls://127.0.0.1:0", { tls: options });
  const link = await tls.dial(parseAddress(host.url), { tls: { ca, ...credentials(client) } });
  const far = await host.accept();
  const meter = new Meter();
  far.start(meter);
  link.start(new Meter());
  link.send(new Uint8Array(3));
  await meter.reached(3);
  await Promise.all([link.close(), far.close()]);
});

test("mutual TLS: a client without a certificate is refused, and both ends know why", async () => {
  const [near, far] = await mutual({}, {});
  assertEquals([near?.code, near?.reason], ["tls", "no-certificate"], near?.message);
  assertEquals([far.error.code, far.error.reason], ["tls", "no-certificate"], far.error.message);
  assertEquals(parseAddress(far.remote).scheme, "tls");
  assert(parseAddress(far.remote).port > 0, far.remote);
});

test("mutual TLS: wrong certificates of clients are refused", async () => {
  const clients: [string, TlsRefusal][] = [
    ["alien", "unknown-issuer"],
    ["selfSigned", "unknown-issuer"],
    ["expired", currentRuntime() === "deno" ? "unknown-issuer" : "expired"],
  ];
  for (const [name, reason] of clients) {
    const [, far] = await mutual({}, credentials(bad[name]));
    assertEquals([far.error.code, far.error.reason], ["tls", reason], `${name}: ${far.error.message}`);
  }
  const [, wrongUsage] = await mutual({}, credentials(server));
  assertEquals(wrongUsage.error.reason, currentRuntime() === "deno" ? "unknown-issuer" : "wrong-usage");
  const [, unpinned] = await mutual({ pins: [server.pin] }, credentials(client));
  assertEquals(unpinned.error.reason, "pin-mismatch");
});

test("a version that is too old is refused", async () => {
  const right = credentials(server);
  await using host = await LinkHost.listen(tls, "tls://127.0.0.1:0", {
    tls: { ...right, versionMin: "1.3" },
  });
  const { port } = parseAddress(host.url);
  const code = await new Promise((resolve) => {
    const socket = connectTls({ port, host: "127.0.0.1", ca, maxVersion: "TLSv1.2" });
    socket.on("error", (error: Error & { code: string }) => resolve(error.code));
    socket.on("secureConnect", () => resolve("connected"));
  });
  assert(String(code).includes("PROTOCOL_VERSION"), String(code));

  const old = createServer({ ...right, maxVersion: "TLSv1.2" });
  await new Promise<void>((resolve) => old.listen(0, "127.0.0.1", resolve));
  const url = `tls://127.0.0.1:${(old.address() as { port: number }).port}`;
  const dial = () => tls.dial(parseAddress(url), { tls: { ca, versionMin: "1.3" } });
  const error = await assertRejects(dial, HawserError);
  assertEquals([error.code, error.reason], ["tls", "version"], error.message);
  old.close();
});

test("what is no TLS is refused at both ends", async () => {
  const refusals: HawserError[] = [];
  const options = { ...credentials(server), onRefusal: (error: HawserError) => void refusals.push(error) };
  await using host = await LinkHost.listen(tls, "tls://127.0.0.1:0", { tls: options });
  const socket = connectTcp(parseAddress(host.url).port, "127.0.0.1");
  await new Promise<void>((resolve) => {
    socket.on("error", () => {});
    socket.on("close", () => resolve());
    socket.resume();
    socket.write("GET / HTTP/1.1\r\n\r\n");
  });
  assertEquals(refusals.map(({ code, reason }) => [code, reason]), [["tls", "handshake"]]);

  const { createServer } = await import("node:net");
  const plain = createServer((accepted) => {
    accepted.on("error", () => {});
    accepted.end("220 mail.example.test ESMTP\r\n");
  });
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const url = `tls://127.0.0.1:${(plain.address() as { port: number }).port}`;
  const error = await assertRejects(() => tls.dial(parseAddress(url), { tls: { ca } }), HawserError);
  assertEquals([error.code, error.reason], ["tls", "handshake"], error.message);
  plain.close();
});

test("a listener that closes ends handshakes that are under way", async () => {
  const host = await LinkHost.listen(tls, "tls://127.0.0.1:0", { tls: credentials(server) });
  const socket = connectTcp(parseAddress(host.url).port, "127.0.0.1");
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  socket.resume();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await host.close();
  await closed;
});
