/**
 * Which of several addresses to try first.
 *
 * @module
 */

import type { Address } from "../link.ts";

/**
 * What matters most about a connection: how soon a message arrives, how many bytes a second pass, that the network
 * itself loses nothing, or that it gets through where only the web does.
 */
export type Preference = "latency" | "throughput" | "reliability" | "firewall";

// What stays inside the machine beats every network, whatever is asked for.
const LOCAL = ["mem", "port", "shm", "unix"];

const ORDERS: Readonly<Record<Preference, readonly string[]>> = {
  latency: [...LOCAL, "udp", "quic", "wt", "tcp", "tls", "webrtc", "ws", "wss"],
  throughput: [...LOCAL, "tcp", "tls", "quic", "wt", "ws", "wss", "webrtc", "udp"],
  reliability: [...LOCAL, "tcp", "tls", "quic", "wss", "ws", "wt", "webrtc", "udp"],
  // Port 443 is open nearly everywhere over TCP, often over UDP; what looks like no web page is dropped first.
  firewall: [...LOCAL, "wss", "wt", "ws", "tls", "quic", "webrtc", "tcp", "udp"],
};

/**
 * The addresses in the order in which to try them. Without a preference, and among equals, they stay as they were given;
 * schemes that nobody here knows come last.
 * @throws {TypeError} for a preference that does not exist.
 */
export function inOrderOf(
  preference: Preference | undefined,
  addresses: readonly Address[],
): readonly Address[] {
  if (preference === undefined) return addresses;
  const order = Object.hasOwn(ORDERS, preference) ? ORDERS[preference] : undefined;
  if (order === undefined) {
    throw new TypeError(`prefer takes ${Object.keys(ORDERS).join(", ")}, not ${preference}`);
  }
  const rank = ({ scheme }: Address) => (order.indexOf(scheme) + order.length + 1) % (order.length + 1);
  return addresses.toSorted((a, b) => rank(a) - rank(b));
}
