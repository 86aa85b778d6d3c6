/**
 * What an address of WebTransport says: `wt://host:port/path?hash=...`.
 *
 * `hash` is the SHA-256 of a certificate that the listener may show, in base64url; there may be several.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Address } from "../../link.ts";
import { formatAddress } from "../address.ts";

/** Where a session is asked for, and whom to trust there. */
export interface WtPlace {
  /** `host:port`, as in a URL; without a port, that is 443. */
  readonly authority: string;
  /** With its slash, and with the query but for the hashes. */
  readonly path: string;
  /** SHA-256 of certificates. */
  readonly hashes: readonly Uint8Array<ArrayBuffer>[];
}

/**
 * Takes an address apart.
 * @throws {HawserError} `invalid-address` for a hash that is none
 */
export function placeOf({ host, port, path, href }: Address): WtPlace {
  const [pathname, query = ""] = path.split("?");
  const hashes: Uint8Array<ArrayBuffer>[] = [];
  const others = query.split("&").filter((part) => {
    if (!part.startsWith("hash=")) return part !== "";
    hashes.push(decodeHash(part, href));
  });
  return {
    authority: formatAddress({ scheme: "", host, port }).slice("://".length),
    path: (pathname || "/") + (others.length > 0 ? `?${others.join("&")}` : ""),
    hashes,
  };
}

function decodeHash(part: string, href: string): Uint8Array<ArrayBuffer> {
  const digits = /^hash=([\w-]{43})$/.exec(part)?.[1].replaceAll("-", "+").replaceAll("_", "/");
  if (digits !== undefined) return Uint8Array.from(atob(digits), (char) => char.charCodeAt(0));
  throw new HawserError(
    "invalid-address",
    `${href} has a hash that is none: write 43 characters of base64url`,
  );
}
