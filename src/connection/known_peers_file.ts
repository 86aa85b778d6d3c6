/**
 * Known peers in a file: one line each, `tcp://host:7000 <peer id>`, that only its owner may read or write.
 *
 * Lines are only ever added, so several processes may share it: of two lines with one address the first counts. A line
 * that begins with `#` is a remark.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { parsePeerId } from "../session/mod.ts";
import { appendPrivateFile, readPrivateFile } from "../transports/private_file.ts";
import type { KnownPeers } from "./known_peers.ts";

/**
 * The known peers of a file, which is made when the first is remembered: for `connect(url, { trust: "first-use",
 * knownPeers: knownPeersFile(path) })`, where `knownPeers: path` says the same.
 *
 * Its methods throw a {@linkcode HawserError}: `io` if the file cannot be read or written, `not-authorised` if others may
 * read it, `serialization` for a line that is none, `unsupported` where there are no files.
 *
 * @example
 * ```ts
 * import { createIdentity, knownPeersFile } from "@hawser/hawser";
 *
 * const known = knownPeersFile(`${Deno.makeTempDirSync()}/known-peers`);
 * const { id } = createIdentity();
 * await known.remember("tcp://example.org:7000", id);
 * console.log(await known.find("tcp://example.org:7000") === id); // true
 * ```
 */
export function knownPeersFile(path: string): KnownPeers {
  return {
    async find(address: string): Promise<string | undefined> {
      return parse(await readPrivateFile(path, ""), path).get(address);
    },
    async remember(address: string, peerId: string): Promise<void> {
      await appendPrivateFile(path, `${address} ${peerId}\n`);
    },
  };
}

function parse(text: string, path: string): Map<string, string> {
  const known = new Map<string, string>();
  for (const [index, whole] of text.split("\n").entries()) {
    const line = whole.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [address, peerId, ...rest] = line.split(/\s+/);
    if (rest.length > 0 || !isPeerId(peerId)) {
      throw new HawserError(
        "serialization",
        `${path}, line ${index + 1}: it must be an address and a peer id`,
      );
    }
    if (!known.has(address)) known.set(address, peerId);
  }
  return known;
}

function isPeerId(text: string | undefined): boolean {
  try {
    return text !== undefined && parsePeerId(text).length > 0;
  } catch {
    return false;
  }
}
