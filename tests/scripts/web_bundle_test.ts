// What a browser loads: small, of one piece, and alive.

import { test } from "node:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { listen } from "../../mod.ts";
import { type Bundle, bundleForWeb } from "../../scripts/web_bundle.ts";

// The goal is 35,000 bytes. What stands between is named when the test fails: nothing may be added without need.
// WebTransport takes some 1,100 of them.
const GZIP_BYTES_MAX = 72_000;
// An identity needs a curve, a random source and base64, but neither session nor core.
const IDENTITY_GZIP_BYTES_MAX = 4_500;

// Contracts bring no validator: that is the application's. Without `serve` they are smaller.
const CONTRACT_GZIP_BYTES_MAX = 3_200;
const CONTRACT_CLIENT_GZIP_BYTES_MAX = 2_400;

// The same with `listen`, ports and shared memory.
const WORKERS_GZIP_BYTES_MAX = 82_000;

const whole = await bundleForWeb();

test(`the bundle for browsers has at most ${GZIP_BYTES_MAX} bytes in gzip`, () => {
  assert(whole.gzipBytes <= GZIP_BYTES_MAX, `${whole.gzipBytes} bytes; before gzip: ${weights(whole)}`);
});

test("the bundle imports nothing, and names no module of Node", () => {
  assertEquals(whole.imports, []);
  assertEquals(/["'`]node:/.exec(whole.code), null);
});

test("the bundle for pages with workers has neither Node nor the large core in it", async () => {
  const workers = await bundleForWeb('export * from "./web_workers.ts";');
  assertEquals(workers.imports, []);
  assertEquals(/["'`]node:/.exec(workers.code), null);
  assert(workers.gzipBytes <= WORKERS_GZIP_BYTES_MAX, `${workers.gzipBytes} bytes: ${weights(workers)}`);
});

test("who takes only a part loads only that part", async () => {
  const identity = await bundleForWeb('export { createIdentity } from "./web.ts";');
  assert(identity.gzipBytes <= IDENTITY_GZIP_BYTES_MAX, `${identity.gzipBytes} bytes: ${weights(identity)}`);
  const error = await bundleForWeb('export { HawserError } from "./web.ts";');
  assert(error.gzipBytes <= 500, `${error.gzipBytes} bytes: ${weights(error)}`);
});

test("a page with contracts pays for the side that it takes", async () => {
  const door = "./src/connection/contract/mod.ts";
  const all = await bundleForWeb(`export * from "${door}";`);
  assert(all.gzipBytes <= CONTRACT_GZIP_BYTES_MAX, `${all.gzipBytes} bytes: ${weights(all)}`);
  const client = await bundleForWeb(`export { client, contract, event, request, stream } from "${door}";`);
  assert(client.gzipBytes <= CONTRACT_CLIENT_GZIP_BYTES_MAX, `${client.gzipBytes} bytes: ${weights(client)}`);
  assertEquals([all.imports, client.imports], [[], []]);
});

test("the bundle dials, says what it must, and is answered", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hawser-web-"));
  try {
    const path = join(folder, "hawser.mjs");
    await writeFile(path, whole.code);
    const hawser = await import(pathToFileURL(path).href) as typeof import("../../web.ts");
    await using server = await listen("ws://127.0.0.1:0");
    server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
    await using connection = await hawser.connect(server.urls);
    for (const length of [0, 1, 512, 65_536, 300_000]) {
      const message = new Uint8Array(length).map((_, index) => index * index);
      connection.send(message);
      assertEquals(await connection.receive({ timeoutMs: 5_000 }), message);
    }
    assert(connection.stats().codec.includes("small"), connection.stats().codec);
    const stranger = hawser.createIdentity().id;
    const [url] = server.urls[0].split("#");
    const error = await assertRejects(() => hawser.connect(`${url}#${stranger}`), hawser.HawserError);
    assertEquals(error.code, "not-authorised");
  } finally {
    await rm(folder, { recursive: true });
  }
});

function weights({ parts }: Bundle): string {
  return parts.map(([part, bytes]) => `${bytes} ${part}`).join(", ");
}
