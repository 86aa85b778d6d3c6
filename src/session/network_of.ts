/**
 * Who counts as one stranger: a host, whatever its port.
 *
 * @module
 */

/**
 * The network that one stranger may have for itself: an IPv4 address, or the first 64 bits of an IPv6 one
 * (RFC 6177: less is never assigned). `addressKey` ends in `:port`; a key of another form stands for itself.
 */
export function networkOf(addressKey: string): string {
  const port = addressKey.lastIndexOf(":");
  const host = port < 0 ? addressKey : addressKey.slice(0, port);
  const ipv6 = /\[([0-9a-f:]+)(?:%[^\]]*)?\]$/i.exec(host)?.[1];
  // Addresses below ::ffff:0:0/96 are IPv4 (RFC 4291 §2.5.5.2).
  return ipv6 === undefined || /^::ffff:/i.test(ipv6) ? host : first64(ipv6);
}

function first64(ipv6: string): string {
  const [left, right] = ipv6.split("::").map((groups) => groups === "" ? [] : groups.split(":"));
  const zeros = right === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...new Array<string>(zeros).fill("0"), ...right ?? []].slice(0, 4).join(":");
}
