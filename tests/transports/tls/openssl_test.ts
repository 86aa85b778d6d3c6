// Peers that nobody here wrote: openssl s_client and s_server, at the level of links.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { HawserError } from "../../../src/errors.ts";
import type { Listening } from "../../../src/link.ts";
import type { TlsOptions } from "../../../src/tls_options.ts";
import { parseAddress } from "../../../src/transports/address.ts";
import { type Certificate, createCertificate } from "../../../src/transports/tls/certificate.ts";
import { tls } from "../../../src/transports/tls/mod.ts";
import { Meter } from "../link_host.ts";
import { authority, client, credentials, server } from "./credentials.ts";
import { Folder, Openssl, opensslMissing } from "./openssl.ts";

const skip = opensslMissing;
const ca = authority.certPem;

const MODERN_12 = ["AES256-GCM-SHA384", "CHACHA20-POLY1305", "AES128-GCM-SHA256"];

/** A certificate and its key, as OpenSSL is told of them. */
function filesOf(folder: Folder, { certPem, keyPem }: Certificate): string[] {
  return ["-cert", folder.write("cert.pem", certPem), "-key", folder.write("key.pem", keyPem)];
}

/** Listens, and sends everything back. */
async function echo(options: TlsOptions, port = 0): Promise<Listening & AsyncDisposable> {
  const listening = await tls.listen(parseAddress(`tls://127.0.0.1:${port}`), { tls: options }, {
    onLink: (link) =>
      link.start({ onReceive: (bytes) => void link.send(bytes.slice()), onDrain() {}, onClose() {} }),
    onDatagram() {},
    onClose() {},
  });
  return { ...listening, [Symbol.asyncDispose]: () => listening.close() };
}

function opensslClient(url: string, args: readonly string[]): Openssl {
  const connect = parseAddress(url).href.slice("tls://".length);
  return new Openssl(["s_client", "-connect", connect, "-servername", "localhost", ...args]);
}

test("openssl s_client verifies our listener, and what it sends comes back", { skip }, async () => {
  using folder = new Folder();
  const trust = [
    "-CAfile",
    folder.write("ca.pem", ca),
    "-verify_return_error",
    "-verify_hostname",
    "localhost",
  ];
  await using host = await echo({ ...credentials(server), alpn: ["other", "hawser"] });
  for (const version of ["-tls1_2", "-tls1_3"]) {
    await using peer = opensslClient(host.url, [...trust, "-alpn", "hawser", version]);
    await peer.until(/Verify return code: 0 \(ok\)/);
    await peer.until(/ALPN protocol: hawser/);
    peer.write("ahoy from openssl\n");
    await peer.until(/ahoy from openssl/);
  }
});

test("openssl s_server is verified, and answers us", { skip }, async () => {
  using folder = new Folder();
  const files = filesOf(folder, server);
  for (const version of ["-tls1_2", "-tls1_3"]) {
    await using peer = new Openssl(["s_server", "-accept", "127.0.0.1:0", "-rev", version, ...files]);
    const [, port] = await peer.until(/ACCEPT [\d.]+:(\d+)/);
    const link = await tls.dial(parseAddress(`tls://localhost:${port}`), { tls: { ca, pins: [server.pin] } });
    const received = new Promise((resolve) => {
      let text = "";
      link.start({
        onReceive(bytes) {
          text += new TextDecoder().decode(bytes);
          if (text.endsWith("\n")) resolve(text);
        },
        onDrain() {},
        onClose: resolve,
      });
    });
    link.send(new TextEncoder().encode("ahoy\n"));
    assertEquals(await received, "yoha\n");
    await link.close({ abort: true });
  }
});

test("TLS 1.0 and 1.1 are refused, by a listener and by a dial", { skip }, async () => {
  using folder = new Folder();
  const files = filesOf(folder, server);
  const old = ["-cipher", "ALL:@SECLEVEL=0"];
  const refusals: HawserError[] = [];
  const onRefusal = (error: HawserError) => void refusals.push(error);
  await using host = await echo({ ...credentials(server), onRefusal });
  for (const version of ["-tls1", "-tls1_1"]) {
    await using near = opensslClient(host.url, [version, ...old]);
    assert((await near.ended()).includes("Cipher is (NONE)"), near.text);
    assertEquals(refusals.splice(0).map(({ code }) => code), ["tls"]);
    await using far = new Openssl(["s_server", "-accept", "127.0.0.1:0", version, ...old, ...files]);
    const [, port] = await far.until(/ACCEPT [\d.]+:(\d+)/);
    const dial = () => tls.dial(parseAddress(`tls://localhost:${port}`), { tls: { ca } });
    const error = await assertRejects(dial, HawserError);
    assertEquals([error.code, error.reason], ["tls", "version"], error.message);
  }
});

test("of all cipher suites that OpenSSL has, a listener takes the modern ones only", { skip }, async () => {
  using folder = new Folder();
  const [cert, key] = [folder.path("rsa.pem"), folder.path("rsa.key")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const made = spawnSync("openssl", [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-out",
    cert,
    "-keyout",
    key,
    ...subject,
  ]);
  assertEquals(made.status, 0, String(made.stderr));
  const rsa = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  for (const [kind, options] of [["ECDSA", credentials(server)], ["RSA", rsa]] as const) {
    await using host = await echo(options);
    const names = MODERN_12.map((cipher) => `ECDHE-${kind}-${cipher}`);
    for (const name of names) {
      await using peer = opensslClient(host.url, ["-tls1_2", "-cipher", name]);
      await peer.until(new RegExp(`Cipher *(is|:) ${name}`));
    }
    const others = ["ALL", "COMPLEMENTOFALL", ...names.map((name) => `-${name}`), "@SECLEVEL=0"].join(":");
    await using peer = opensslClient(host.url, ["-tls1_2", "-cipher", others]);
    assert(/alert handshake failure|no shared cipher/.test(await peer.ended()), `${kind}: ${peer.text}`);
  }
  await using host = await echo(credentials(server));
  await using small = opensslClient(host.url, [
    "-tls1_3",
    "-ciphersuites",
    "TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256",
  ]);
  assert(/alert handshake failure|no shared cipher/.test(await small.ended()), small.text);
});

test("mutual TLS with openssl s_client: with the right certificate only", { skip }, async () => {
  using folder = new Folder();
  const files = filesOf(folder, client);
  const refusals: HawserError[] = [];
  const onRefusal = (error: HawserError) => void refusals.push(error);
  await using host = await echo({ ...credentials(server), ca, clientCertificates: true, onRefusal });
  await using welcome = opensslClient(host.url, files);
  welcome.write("ahoy from openssl\n");
  await welcome.until(/ahoy from openssl/);
  assertEquals(refusals, []);
  await using unknown = opensslClient(host.url, []);
  // Deno now and then closes before the alert is out; what the listener heard is the same.
  assert(/certificate required|eof|errno/i.test(await unknown.ended()), unknown.text);
  assertEquals(refusals.map(({ reason }) => reason), ["no-certificate"]);
});

test("openssl s_server tells why it refuses us, and the link says so", { skip }, async () => {
  using folder = new Folder();
  const files = filesOf(folder, server);
  const verify = ["-CAfile", folder.write("ca.pem", ca), "-Verify", "2", "-verify_return_error"];
  const alien = await createCertificate({ names: ["alien"], usage: ["client"] });
  await using peer = new Openssl(["s_server", "-accept", "127.0.0.1:0", "-tls1_3", ...files, ...verify]);
  const [, port] = await peer.until(/ACCEPT [\d.]+:(\d+)/);
  const cases = [[{}, "no-certificate"], [credentials(alien), "own-certificate"]] as const;
  for (const [own, reason] of cases) {
    const link = await tls.dial(parseAddress(`tls://localhost:${port}`), { tls: { ca, ...own } });
    const meter = new Meter();
    link.start(meter);
    const error = await meter.ended;
    assertEquals([error?.code, error?.reason], ["tls", reason], error?.message);
  }
});
