/**
 * Sockets through an HTTP proxy, by CONNECT (RFC 9110 §9.3.6), on Deno, Bun and Node.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { HawserError } from "../errors.ts";
import type { Address } from "../link.ts";
import { failure } from "./failure.ts";

/**
 * Opens a socket to `address` through `proxy`, an `http:` URL that may carry a user name and a password.
 *
 * @throws {TypeError} if `proxy` is no such URL
 * @throws {HawserError} `not-authorised` if the proxy does not want us, or our address; otherwise what went wrong
 */
export async function dialThroughProxy(
  proxy: string,
  address: Address,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const url = parseProxy(proxy);
  const target = `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const asking = request({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port || 80,
    method: "CONNECT",
    path: target,
    agent: false,
    headers: { host: target, ...authorization(url) },
  });
  // The address of the proxy without its password.
  const through = `cannot dial ${address.href} through the proxy http://${url.host}`;
  const onAbort = () => {
    asking.destroy();
    reject(signal?.reason);
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  asking.on("error", (cause) => reject(failure(cause, through)));
  asking.on("response", (answer) => {
    answer.destroy();
    reject(refusal(answer, through));
  });
  asking.on("connect", (answer, socket: Socket, head) => {
    if (answer.statusCode === undefined || answer.statusCode < 200 || answer.statusCode > 299) {
      socket.on("error", () => {});
      socket.destroy();
      return reject(refusal(answer, through));
    }
    if (head.length > 0) socket.unshift(head);
    resolve(socket);
  });
  asking.end();
  try {
    return await promise;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/** @throws {TypeError} if `proxy` is no URL of a proxy that we can use */
export function parseProxy(proxy: string): URL {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (url?.protocol !== "http:") {
    throw new TypeError("proxy is an http: URL, such as http://user:password@proxy.example:3128");
  }
  return url;
}

function authorization({ username, password }: URL): { "proxy-authorization"?: string } {
  if (username === "" && password === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}

function refusal({ statusCode: status, statusMessage = "" }: IncomingMessage, through: string): HawserError {
  const said = `${through}: it answered ${status} ${statusMessage}`.trimEnd();
  if (status === 407) {
    const advice = "write its user name and password into the proxy's URL";
    return new HawserError("not-authorised", `${said}; ${advice}`);
  }
  if (status === 403) {
    return new HawserError("not-authorised", `${said}; ask its keeper for leave to dial there`);
  }
  return new HawserError("connection-refused", `${said}; check that somebody listens at the address`);
}
