/**
 * How values become bytes: the formats that a side knows, and the byte that names one.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { FORMAT_BYTES, FORMAT_NONE, FORMAT_TEXT } from "./envelope.ts";
import { json } from "./json_format.ts";

/**
 * A way to write values as bytes.
 *
 * @example
 * ```ts
 * import { connect, type Format, listen } from "@hawser/hawser";
 *
 * const dates: Format = {
 *   name: "dates",
 *   id: 0x80,
 *   encode: (value) => (value as Date).toISOString(),
 *   decode: (bytes) => new Date(new TextDecoder().decode(bytes)),
 * };
 * await using server = await listen("mem://format-example", { formats: [dates] });
 * server.onConnection((connection) => connection.handle("year", (date) => (date as Date).getUTCFullYear()));
 *
 * await using connection = await connect(server.urls, { formats: [dates] });
 * console.log(await connection.request("year", new Date(0), { format: "dates" })); // 1970
 * ```
 */
export interface Format {
  /** How both sides call it: lower-case letters, digits and `-`. */
  readonly name: string;
  /** The byte that names it on its way: 0x80 to 0xFF for an application's own. Both sides need the same. */
  readonly id: number;
  /** A value as bytes, or as a text that is sent as UTF-8. What it throws reaches whoever sends. */
  encode(value: unknown): Uint8Array | string;
  /** The value of such bytes. They come from the peer: refuse what costs more than it should, by throwing. */
  decode(bytes: Uint8Array): unknown;
}

/** The first id that belongs to applications. */
export const CUSTOM_ID_MIN = 0x80;

/** A value, encoded. */
export interface EncodedValue {
  readonly format: number;
  readonly payload: Uint8Array | string;
}

const NAME = /^[a-z0-9-]{1,32}$/;
const CAPABILITY = "format:";
const NOTHING = new Uint8Array(0);

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const bytesFormat: Format = {
  name: "bytes",
  id: FORMAT_BYTES,
  encode(value) {
    if (value instanceof Uint8Array) return value;
    throw new TypeError("the format bytes takes a Uint8Array");
  },
  // The bytes that it came in are others' too.
  decode: (bytes) => bytes.slice(),
};

const textFormat: Format = {
  name: "text",
  id: FORMAT_TEXT,
  encode(value) {
    if (typeof value === "string") return value;
    throw new TypeError("the format text takes a string");
  },
  decode: (bytes) => decoder.decode(bytes),
};

// What every side knows, and so need not say.
const EVERYWHERE: readonly Format[] = [bytesFormat, textFormat, json];

/** The formats that one side knows. */
export class Formats {
  readonly #byName: Map<string, Format> = new Map();
  readonly #byId: (Format | undefined)[] = [];
  /** What values are encoded with that are neither bytes nor text, unless a message says otherwise. */
  readonly preferred: Format;

  /**
   * Knows bytes, text, JSON, and `more`; prefers the one of the name `preferred`.
   * @throws {TypeError} for a format with a name or id that it may not have, or that another has; or a preferred one
   * that is not among them.
   */
  constructor(more: readonly Format[] = [], preferred: string = json.name) {
    for (const format of EVERYWHERE) this.#add(format);
    for (const format of more) {
      if (!NAME.test(format.name)) throw new TypeError(`"${format.name}" is no name for a format`);
      const { id, name } = format;
      if (!(Number.isInteger(id) && id > json.id && id <= 0xff)) {
        throw new TypeError(`the format ${name} needs an id from ${CUSTOM_ID_MIN} to 255, not ${id}`);
      }
      if (this.#byName.has(name) || this.#byId[id] !== undefined) {
        throw new TypeError(`the format ${name} (${id}) has a name or id of another`);
      }
      this.#add(format);
    }
    const format = this.#byName.get(preferred);
    if (format === undefined) {
      throw new TypeError(`there is no format ${preferred}: give it as one of formats`);
    }
    this.preferred = format;
  }

  /** What the peer is told in the handshake: the names and ids of formats that not everybody knows. */
  get capabilities(): string[] {
    const known = [...this.#byName.values()].filter((format) => !EVERYWHERE.includes(format));
    return known.map(capabilityOf);
  }

  /**
   * Encodes a value with the format of that name; without one, bytes and texts as they are and the rest with the
   * preferred format. `peerCapabilities` are those that both sides have.
   *
   * @throws {HawserError} `serialization` if the value cannot be encoded, `unsupported` if a side does not know the format.
   */
  encode(value: unknown, name: string | undefined, peerCapabilities: readonly string[]): EncodedValue {
    if (value === undefined) return { format: FORMAT_NONE, payload: NOTHING };
    if (name === undefined) {
      if (value instanceof Uint8Array) return { format: FORMAT_BYTES, payload: value };
      if (typeof value === "string") return { format: FORMAT_TEXT, payload: value };
    }
    const format = name === undefined ? this.preferred : this.#byName.get(name);
    if (format === undefined) throw new HawserError("unsupported", `there is no format ${name} on this side`);
    if (format.id > json.id && !peerCapabilities.includes(capabilityOf(format))) {
      throw new HawserError("unsupported", `the peer does not know the format ${format.name}`);
    }
    try {
      return { format: format.id, payload: format.encode(value) };
    } catch (cause) {
      throw new HawserError("serialization", `the value cannot be sent as ${format.name}: ${words(cause)}`, {
        cause,
      });
    }
  }

  /** Whether a peer that has these capabilities in common with us knows the format of that byte. */
  isKnownTo(format: number, peerCapabilities: readonly string[]): boolean {
    if (format <= json.id) return true;
    const known = this.#byId[format];
    return known !== undefined && peerCapabilities.includes(capabilityOf(known));
  }

  /**
   * The name of the format for the answer to what came in the format `id`: the same, if it is for values of every kind and
   * better than JSON; else undefined, which leaves the choice to `encode`.
   */
  answering(id: number): string | undefined {
    return id > json.id && id < CUSTOM_ID_MIN ? this.#byId[id]?.name : undefined;
  }

  /**
   * Decodes what the peer sent.
   * @throws {HawserError} `serialization` if the bytes are not what they should be, or nobody knows the format.
   */
  decode(format: number, payload: Uint8Array): unknown {
    if (format === FORMAT_NONE) return undefined;
    const known = this.#byId[format];
    if (known === undefined) {
      throw new HawserError(
        "serialization",
        `the peer used a format that this side does not know: ${format}`,
      );
    }
    try {
      return known.decode(payload);
    } catch (cause) {
      throw new HawserError("serialization", `what the peer sent is no ${known.name}: ${words(cause)}`, {
        cause,
      });
    }
  }

  #add(format: Format): void {
    this.#byName.set(format.name, format);
    this.#byId[format.id] = format;
  }
}

// The id is part of it: two sides that call different things by one name do not find together.
function capabilityOf({ name, id }: Format): string {
  return `${CAPABILITY}${name}:${id}`;
}

function words(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
