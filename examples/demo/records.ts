/**
 * The demo's own little protocol: what its messages look like.
 *
 * ```
 * 0  1  kind
 * 1  4  number, unsigned big-endian
 * 5     body
 * ```
 *
 * The near end sends each file as FILE, DATA, DATA ..., END, numbered from 0 through all files. The far end
 * answers each END with a RECEIPT of the same number, and, where messages may be lost, each of the others with
 * an ACK. ECHO comes back as it is.
 *
 * @module
 */

/** A file begins; the body is its name. */
export const RECORD_FILE = 1;
/** Bytes of the file. */
export const RECORD_DATA = 2;
/** The file ends; the body is the SHA-256 of what was read from disk. */
export const RECORD_END = 3;
/** What the far end got: `[1 if the digests agree][SHA-256][bytes f64]`. */
export const RECORD_RECEIPT = 4;
/** The far end has the record of this number. */
export const RECORD_ACK = 5;
/** To be sent back as it is. */
export const RECORD_ECHO = 6;
/** The far end cannot go on; the body says why. */
export const RECORD_COMPLAINT = 7;

/** Bytes before the body. */
export const RECORD_HEADER_BYTES = 5;

/** Bytes of a SHA-256. */
export const DIGEST_BYTES = 32;

/** A record with an empty body of `bodyBytes` bytes. */
export function makeRecord(kind: number, number: number, bodyBytes: number): Uint8Array {
  const record = new Uint8Array(RECORD_HEADER_BYTES + bodyBytes);
  record[0] = kind;
  record[1] = number >>> 24;
  record[2] = number >>> 16;
  record[3] = number >>> 8;
  record[4] = number;
  return record;
}

/** A record with a copy of `body`. */
export function recordOf(kind: number, number: number, body: Uint8Array): Uint8Array {
  const record = makeRecord(kind, number, body.length);
  record.set(body, RECORD_HEADER_BYTES);
  return record;
}

/** The number of a record. */
export function numberOf(record: Uint8Array): number {
  return ((record[1] << 24) | (record[2] << 16) | (record[3] << 8) | record[4]) >>> 0;
}

/** The body of a record: a view. */
export function bodyOf(record: Uint8Array): Uint8Array {
  return record.subarray(RECORD_HEADER_BYTES);
}

/** What the far end says of a file. */
export interface Receipt {
  /** Whether the far end found both digests equal. */
  readonly agrees: boolean;
  /** SHA-256 of what arrived, in hexadecimal. */
  readonly digest: string;
  /** How many bytes arrived. */
  readonly bytes: number;
}

/** Writes a receipt. */
export function makeReceipt(number: number, agrees: boolean, digest: Uint8Array, bytes: number): Uint8Array {
  const record = makeRecord(RECORD_RECEIPT, number, 1 + DIGEST_BYTES + 8);
  record[RECORD_HEADER_BYTES] = agrees ? 1 : 0;
  record.set(digest, RECORD_HEADER_BYTES + 1);
  new DataView(record.buffer).setFloat64(RECORD_HEADER_BYTES + 1 + DIGEST_BYTES, bytes);
  return record;
}

/** Reads a receipt. */
export function readReceipt(record: Uint8Array): Receipt {
  const body = bodyOf(record);
  return {
    agrees: body[0] === 1,
    digest: toHex(body.subarray(1, 1 + DIGEST_BYTES)),
    bytes: new DataView(body.buffer, body.byteOffset + 1 + DIGEST_BYTES, 8).getFloat64(0),
  };
}

/** Bytes in hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
