/**
 * Identities in files.
 *
 * @module
 */

import { readPrivateFile, writePrivateFile } from "../transports/private_file.ts";
import { exportIdentity, type Identity, importIdentity } from "./identity.ts";

/**
 * Saves an identity in a new file that only its owner may read.
 *
 * @throws {HawserError} `io` if the file exists or cannot be written; `unsupported` where there are no files.
 *
 * @example
 * ```ts
 * import { createIdentity, loadIdentity, saveIdentity } from "@hawser/hawser";
 *
 * const path = `${Deno.makeTempDirSync()}/identity`;
 * const identity = createIdentity();
 * await saveIdentity(identity, path);
 * console.log((await loadIdentity(path)).id === identity.id); // true
 * ```
 */
export async function saveIdentity(identity: Identity, path: string): Promise<void> {
  await writePrivateFile(path, exportIdentity(identity) + "\n");
}

/**
 * Loads an identity that {@linkcode saveIdentity} saved.
 *
 * @throws {HawserError} `io` if the file cannot be read, `not-authorised` if others may read it, `serialization` if it
 * holds anything else; `unsupported` where there are no files.
 */
export async function loadIdentity(path: string): Promise<Identity> {
  return importIdentity(await readPrivateFile(path));
}
