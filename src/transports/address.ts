/**
 * Reads and writes addresses: `scheme://host:port/path#peer id`.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { ADDRESS_CHARS_MAX } from "../limits.ts";
import type { Address } from "../link.ts";

/** What an address is made of; all but the scheme may be missing. */
export type AddressParts = Pick<Address, "scheme"> & Partial<Omit<Address, "scheme" | "href">>;

interface SchemeRules {
  /** A right address, for the message about a wrong one. */
  readonly example: string;
  /** `socket`: host and port. `name`: one word instead. `file`: nothing. `either`: one word, or a file. `any`: whatever a registered scheme makes of it. */
  readonly place: "socket" | "name" | "file" | "either" | "any";
  readonly path: boolean;
}

const RULES: Readonly<Record<string, SchemeRules>> = {
  tcp: { example: "tcp://127.0.0.1:7000", place: "socket", path: false },
  tls: { example: "tls://example.org:7000", place: "socket", path: false },
  quic: { example: "quic://example.org:7000", place: "socket", path: false },
  udp: { example: "udp://127.0.0.1:7000", place: "socket", path: false },
  ws: { example: "ws://127.0.0.1:7000/path", place: "socket", path: true },
  wss: { example: "wss://example.org/path", place: "socket", path: true },
  wt: { example: "wt://example.org:7000/path", place: "socket", path: true },
  mem: { example: "mem://name", place: "name", path: false },
  port: { example: "port://name", place: "name", path: false },
  shm: { example: "shm:///run/app.sock", place: "either", path: true },
  webrtc: { example: "webrtc://name?signalling=wss://host/path", place: "name", path: true },
  unix: { example: "unix:///run/app.sock", place: "file", path: true },
};
const OTHER: SchemeRules = { example: "scheme://host:7000/path", place: "any", path: true };

// The last of 43 characters carries four bits of the 32nd byte: only every fourth letter is canonical.
const PEER_ID = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const HOST_LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
const IPV4 = /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;
// Written out: RFC 3986 characters of a path and query, percent-encoding included.
const PATH = /^\/([A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*$/;

/**
 * Parses `text` strictly.
 *
 * The host of `tcp`, `tls`, `udp`, `ws`, `wss` and `wt` is 127.0.0.1 where none is written (`tcp://:7000`). IPv6 stands in brackets. `path`
 * holds the query too; that of `unix` is the absolute path of a file, percent-encoded. Host names are lowered, IPv6 is compressed, and `href` is the address so written.
 *
 * @throws {HawserError} `invalid-address`, with what is wrong and a right one
 */
export function parseAddress(text: string): Address {
  if (typeof text !== "string") throw new TypeError("an address is a string, such as tcp://127.0.0.1:7000");
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1].toLowerCase();
  const rules = RULES[scheme ?? "tcp"] ?? OTHER;
  const wrong = (what: string) => refusal(text, what, rules.example);
  if (text.length > ADDRESS_CHARS_MAX) throw wrong(`it is longer than ${ADDRESS_CHARS_MAX} characters`);
  if (scheme === undefined) throw wrong("it does not begin with a scheme and ://");

  const [whole, ...fragments] = text.slice(scheme.length + 3).split("#");
  if (fragments.length > 1) throw wrong("it has more than one #");
  const peerId = fragments[0];
  if (peerId !== undefined && !PEER_ID.test(peerId)) {
    throw wrong("after the # there must be a peer id: 43 characters of base64url");
  }
  const pathAt = whole.search(/[/?]/);
  const authority = pathAt < 0 ? whole : whole.slice(0, pathAt);
  const rest = pathAt < 0 ? "" : whole.slice(pathAt);
  const path = rest.startsWith("?") ? `/${rest}` : rest;
  if (path !== "" && !rules.path) throw wrong(`a ${scheme} address has no path`);
  if (path !== "" && !PATH.test(path)) throw wrong("its path has characters that must be percent-encoded");
  if (rules.place === "file" || rules.place === "either" && path !== "") checkFile(authority, path, wrong);

  const place = rules.place === "name" || rules.place === "either"
    ? { host: parseName(authority, wrong), port: 0 }
    : parsePlace(authority, wrong);
  const host = place.host === "" && rules.place === "socket" ? "127.0.0.1" : place.host;
  const parts = { scheme, host, port: place.port, path, peerId };
  return { ...parts, href: formatAddress({ ...parts, peerId: undefined }) };
}

/**
 * Writes an address. A port of 0 is left out, and IPv6 gets its brackets.
 */
export function formatAddress(parts: AddressParts): string {
  const { scheme, host = "", port = 0, path = "", peerId } = parts;
  const name = host.includes(":") ? `[${host}]` : host;
  return `${scheme}://${name}${port === 0 ? "" : `:${port}`}${path}${
    peerId === undefined ? "" : `#${peerId}`
  }`;
}

type Wrong = (what: string) => HawserError;

function refusal(text: string, what: string, example: string): HawserError {
  const shown = text.length > 100 ? `${text.slice(0, 100)}...` : text;
  return new HawserError(
    "invalid-address",
    `${JSON.stringify(shown)} is no address: ${what}; write ${example}`,
  );
}

function parsePlace(authority: string, wrong: Wrong): { host: string; port: number } {
  if (authority.includes("@")) throw wrong("an address carries no user name or password");
  if (authority.startsWith("[")) {
    const end = authority.indexOf("]");
    if (end < 0) throw wrong("its [ has no ]");
    return {
      host: parseIpv6(authority.slice(1, end), wrong),
      port: parsePort(authority.slice(end + 1), wrong),
    };
  }
  const colon = authority.indexOf(":");
  if (colon !== authority.lastIndexOf(":")) {
    throw wrong("an IPv6 address stands in brackets, as in [::1]:7000");
  }
  const host = colon < 0 ? authority : authority.slice(0, colon);
  return {
    host: parseHost(host.toLowerCase(), wrong),
    port: parsePort(colon < 0 ? "" : authority.slice(colon), wrong),
  };
}

function parsePort(text: string, wrong: Wrong): number {
  if (text === "") return 0;
  const digits = /^:(0|[1-9]\d{0,4})$/.exec(text)?.[1];
  if (digits === undefined || Number(digits) > 65_535) throw wrong("its port is no number from 0 to 65535");
  return Number(digits);
}

function parseHost(host: string, wrong: Wrong): string {
  if (host === "") return host;
  if (/^[\d.]+$/.test(host)) {
    if (!IPV4.test(host)) throw wrong("its host is no IPv4 address of four numbers from 0 to 255");
    return host;
  }
  const labels = host.split(".");
  if (labels.at(-1) === "") labels.pop();
  if (host.length > 253 || !labels.every((label) => HOST_LABEL.test(label))) {
    throw wrong("its host is no host name");
  }
  return host;
}

function parseIpv6(text: string, wrong: Wrong): string {
  const [digits, zone, ...more] = text.split("%");
  if (more.length > 0 || (zone !== undefined && !/^[A-Za-z0-9._-]+$/.test(zone))) {
    throw wrong("its zone is not right");
  }
  const url = `http://[${digits}]/`;
  if (!/^[0-9A-Fa-f:.]+$/.test(digits) || !URL.canParse(url)) {
    throw wrong("what stands in brackets is no IPv6 address");
  }
  const host = new URL(url).hostname.slice(1, -1);
  return zone === undefined ? host : `${host}%${zone}`;
}

// A path that is relative would be another one in another process.
function checkFile(authority: string, path: string, wrong: Wrong): void {
  if (authority !== "") throw wrong("its path is not absolute: three slashes begin it");
  if (path.includes("?")) throw wrong("a file has no query; a ? in its name is written %3F");
}

function parseName(name: string, wrong: Wrong): string {
  if (!/^[A-Za-z0-9._-]*$/.test(name)) {
    throw wrong("a name has letters, digits, dots, dashes and underscores only");
  }
  return name;
}
