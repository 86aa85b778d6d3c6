/**
 * SHA-256 of blocks and payloads, by the runtime where it can.
 *
 * @module
 */

import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { nativeLongSha256 } from "../../native_signing.ts";

/** SHA-256 (FIPS 180-4). */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nativeLongSha256?.([bytes]) ?? nobleSha256(bytes);
}
