import { test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { ADDRESS_CHARS_MAX } from "../../src/limits.ts";
import { formatAddress, parseAddress } from "../../src/transports/address.ts";

const PEER = "A".repeat(42) + "E";

const RIGHT: readonly [
  text: string,
  scheme: string,
  host: string,
  port: number,
  path: string,
  href?: string,
][] = [
  ["tcp://127.0.0.1:7000", "tcp", "127.0.0.1", 7_000, ""],
  ["TCP://Example.COM:7000", "tcp", "example.com", 7_000, "", "tcp://example.com:7000"],
  ["tcp://:7000", "tcp", "127.0.0.1", 7_000, "", "tcp://127.0.0.1:7000"],
  ["tcp://", "tcp", "127.0.0.1", 0, "", "tcp://127.0.0.1"],
  ["tcp://0.0.0.0:0", "tcp", "0.0.0.0", 0, "", "tcp://0.0.0.0"],
  ["tcp://a-b.example.:65535", "tcp", "a-b.example.", 65_535, ""],
  ["tcp://[::1]:7000", "tcp", "::1", 7_000, ""],
  ["tcp://[2001:DB8:0:0::1]", "tcp", "2001:db8::1", 0, "", "tcp://[2001:db8::1]"],
  ["tcp://[fe80::1%eth0]:7", "tcp", "fe80::1%eth0", 7, ""],
  ["udp://192.0.2.1:53", "udp", "192.0.2.1", 53, ""],
  ["ws://example.com:80/a/b?c=d", "ws", "example.com", 80, "/a/b?c=d"],
  ["ws://example.com?c", "ws", "example.com", 0, "/?c", "ws://example.com/?c"],
  ["ws://example.com/%C3%A4", "ws", "example.com", 0, "/%C3%A4"],
  ["unix:///run/app.sock", "unix", "", 0, "/run/app.sock"],
  ["unix:///a%20b%3F/%C3%A4", "unix", "", 0, "/a%20b%3F/%C3%A4"],
  ["unix://", "unix", "", 0, ""],
  ["port://Harbour_1.x-y", "port", "Harbour_1.x-y", 0, ""],
  ["shm://Harbour_1.x-y", "shm", "Harbour_1.x-y", 0, ""],
  ["shm:///run/app.sock", "shm", "", 0, "/run/app.sock"],
  ["mem://Harbour_1.x-y", "mem", "Harbour_1.x-y", 0, ""],
  ["mem://", "mem", "", 0, ""],
  ["pigeon://", "pigeon", "", 0, ""],
  ["pigeon://loft:3/row", "pigeon", "loft", 3, "/row"],
];

for (const [text, scheme, host, port, path, href = text] of RIGHT) {
  test(`address: ${text}`, () => {
    assertEquals(parseAddress(text), { scheme, host, port, path, peerId: undefined, href });
    assertEquals(parseAddress(`${text}#${PEER}`), { scheme, host, port, path, peerId: PEER, href });
    assertEquals(formatAddress(parseAddress(text)), href);
    assertEquals(formatAddress(parseAddress(`${text}#${PEER}`)), `${href}#${PEER}`);
  });
}

const WRONG: readonly [text: string, what: string][] = [
  ["", "scheme"],
  ["127.0.0.1:7000", "scheme"],
  ["tcp:127.0.0.1:7000", "scheme"],
  [" tcp://127.0.0.1:7000", "scheme"],
  ["1tcp://127.0.0.1", "scheme"],
  ["tcp://127.0.0.1:65536", "port"],
  ["tcp://127.0.0.1:-1", "port"],
  ["tcp://127.0.0.1:07", "port"],
  ["tcp://127.0.0.1:", "port"],
  ["tcp://127.0.0.1:7x", "port"],
  ["tcp://[::1]7", "port"],
  ["tcp://256.0.0.1:7", "IPv4"],
  ["tcp://127.1:7", "IPv4"],
  ["tcp://127.0.0.01:7", "IPv4"],
  ["tcp://::1:7000", "brackets"],
  ["tcp://[::1:7000", "]"],
  ["tcp://[::g]:7", "IPv6"],
  ["tcp://[127.0.0.1]:7", "IPv6"],
  ["tcp://[fe80::1%]:7", "zone"],
  ["tcp://[fe80::1%a%b]:7", "zone"],
  ["tcp://host name:7", "host name"],
  ["tcp://-host:7", "host name"],
  ["tcp://a..b:7", "host name"],
  [`tcp://${"a".repeat(64)}:7`, "host name"],
  [`tcp://${"a.".repeat(127)}:7`, "host name"],
  ["tcp://bücher.example:7", "host name"],
  ["tcp://user@host:7", "user name"],
  ["tcp://host:7/", "no path"],
  ["udp://host:7?x", "no path"],
  ["mem://a/b", "no path"],
  ["mem://a:7", "name has"],
  ["mem://a b", "name has"],
  ["unix://run/app.sock", "three slashes"],
  ["unix://./app.sock", "three slashes"],
  ["shm://run/app.sock", "three slashes"],
  ["shm://a:7", "name has"],
  ["unix:///run/a b", "percent"],
  ["unix:///run/a?b", "%3F"],
  ["ws://host/a b", "percent"],
  ["ws://host/%zz", "percent"],
  ["ws://host/\r\nX: y", "percent"],
  ["tcp://host:7#", "peer id"],
  [`tcp://host:7#${"A".repeat(44)}`, "peer id"],
  [`tcp://host:7#${"A".repeat(42)}B`, "peer id"], // Bits behind the 32nd byte.
  [`tcp://host:7#${"+".repeat(43)}`, "peer id"],
  [`tcp://host:7#${PEER}#${PEER}`, "more than one #"],
];

for (const [text, what] of WRONG) {
  test(`address: ${JSON.stringify(text.slice(0, 60))} is wrong in its ${what}`, () => {
    const error = assertThrows(() => parseAddress(text), HawserError, what);
    assertEquals([error.code, error.retryable], ["invalid-address", false]);
    // The advice is a right address.
    parseAddress(error.message.split("write ")[1]);
  });
}

test("address: the longest, and one character more", () => {
  const longest = `ws://host/${"a".repeat(ADDRESS_CHARS_MAX - 10)}`;
  assertEquals(parseAddress(longest).href, longest);
  const error = assertThrows(() => parseAddress(`${longest}a`), HawserError, "longer");
  assertStringIncludes(error.message, "...");
});

test("address: what is no string is the caller's mistake", () => {
  assertThrows(() => parseAddress(7000 as unknown as string), TypeError);
});
