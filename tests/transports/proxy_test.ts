// Dials through an HTTP proxy of a few lines, which wants a user name and a password.

import { Buffer } from "node:buffer";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import type { Transport } from "../../src/link.ts";
import { parseAddress } from "../../src/transports/address.ts";
import { tls } from "../../src/transports/tls/mod.ts";
import { ws } from "../../src/transports/ws/mod.ts";
import { LinkHost, Meter } from "./link_host.ts";
import { authority, credentials, server, withTls } from "./tls/credentials.ts";

const RIGHT = "user:p%40ss";
const BASIC = Buffer.from("user:p@ss").toString("base64");
const options = { ...credentials(server), ca: authority.certPem };
const transports: Record<string, Transport> = { tls: withTls(tls, options), ws, wss: withTls(ws, options) };

/** Answers CONNECT for whom it knows, and notes for where. */
class Proxy implements AsyncDisposable {
  readonly targets: string[] = [];
  readonly #server: Server = createServer((client) => this.#serve(client));
  readonly #sockets: Socket[] = [];

  static async listen(): Promise<Proxy> {
    const proxy = new Proxy();
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #serve(client: Socket): void {
    this.#sockets.push(client);
    client.on("error", () => {});
    client.once("data", (bytes) => {
      const head = String(bytes);
      const answer = (status: string) => client.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
      const [, host, port] = /^CONNECT ([\d.]+):(\d+) HTTP\/1.1\r\n/.exec(head) ?? [];
      if (!/proxy-authorization: Basic (.*)\r\n/i.exec(head)?.[1].includes(BASIC)) {
        return answer("407 Proxy Authentication Required");
      }
      if (port === "1") return answer("403 Forbidden");
      this.targets.push(`${host}:${port}`);
      const far = connect(Number(port), host, () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        client.pipe(far).pipe(client);
      });
      far.on("error", () => answer("502 Bad Gateway"));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

for (const [scheme, transport] of Object.entries(transports)) {
  test(`${scheme}: a dial goes through a proxy that knows its user`, async () => {
    await using proxy = await Proxy.listen();
    await using host = await LinkHost.listen(transport, `${scheme}://127.0.0.1:0`);
    const address = parseAddress(host.url);
    const link = await transport.dial(address, { proxy: `http://${RIGHT}@${proxy.host}` });
    const far = await host.accept();
    const meter = new Meter();
    far.start(meter);
    link.start(new Meter());
    link.send(new Uint8Array(100_000));
    await meter.reached(100_000);
    assertEquals(proxy.targets, [`127.0.0.1:${address.port}`]);
    assertEquals(link.remoteAddress, host.url);
    await Promise.all([link.close({ abort: true }), far.close({ abort: true })]);
  });

  test(`${scheme}: what a proxy refuses is said, and its password is not`, async () => {
    await using proxy = await Proxy.listen();
    const url = `${scheme}://127.0.0.1`;
    const cases: [user: string, address: string, code: string][] = [
      ["user:wrong@", `${url}:2`, "not-authorised"],
      ["", `${url}:2`, "not-authorised"],
      [`${RIGHT}@`, `${url}:1`, "not-authorised"],
      [`${RIGHT}@`, `${url}:2`, "connection-refused"],
    ];
    for (const [user, address, code] of cases) {
      const dial = () => transport.dial(parseAddress(address), { proxy: `http://${user}${proxy.host}` });
      const error = await assertRejects(dial, HawserError);
      assertEquals(error.code, code, error.message);
      assert(!/wrong|p%40ss|p@ss/.test(error.message), error.message);
    }
  });

  test(`${scheme}: a proxy that is not there, none at all, and a dial that is given up`, async () => {
    const address = parseAddress(`${scheme}://127.0.0.1:2`);
    const dial = (proxy: string, signal?: AbortSignal) => transport.dial(address, { proxy, signal });
    const error = await assertRejects(() => dial("http://127.0.0.1:1"), HawserError);
    assertEquals(error.code, "connection-refused", error.message);
    for (const wrong of ["socks5://127.0.0.1:1", "proxy"]) await assertRejects(() => dial(wrong), TypeError);
    const silent = createServer((client) => void client.on("error", () => {}).resume());
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    const dialling = dial(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`, controller.signal);
    setTimeout(() => controller.abort(reason), 30);
    assertEquals(await assertRejects(() => dialling), reason);
    await new Promise((resolve) => silent.close(resolve));
  });
}
