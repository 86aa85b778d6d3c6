/**
 * Contracts: what two peers may ask and tell each other, as data from which types and checks follow.
 *
 * @module
 */

import { isSchema, type StandardSchema } from "./schema.ts";

/** A schema, or nothing where nothing is said. */
export type MaybeSchema = StandardSchema | undefined;

/** One question, one answer. */
export interface RequestEntry<
  In extends MaybeSchema = MaybeSchema,
  Out extends StandardSchema = StandardSchema,
> {
  /** What kind of entry it is. */
  readonly kind: "request";
  /** What is asked with; `undefined` where the question needs no value. */
  readonly input: In;
  /** What is answered. */
  readonly output: Out;
}

/** One question, any number of answers. */
export interface StreamEntry<
  In extends MaybeSchema = MaybeSchema,
  Out extends StandardSchema = StandardSchema,
> {
  /** What kind of entry it is. */
  readonly kind: "stream";
  /** What is asked with; `undefined` where the question needs no value. */
  readonly input: In;
  /** Each of the answers. */
  readonly output: Out;
}

/** What either side tells whoever subscribed to it. */
export interface EventEntry<Value extends StandardSchema = StandardSchema> {
  /** What kind of entry it is. */
  readonly kind: "event";
  /** What is told. */
  readonly value: Value;
}

/** A line of a contract. */
export type Entry = RequestEntry | StreamEntry | EventEntry;

/** The lines of a contract by name. */
export interface Definition {
  /** A line, or a contract of its own below that name. */
  readonly [name: string]: Entry | Contract;
}

/** What two peers agreed on. */
export interface Contract<D extends Definition = Definition> {
  /** What kind of entry it is, inside another. */
  readonly kind: "contract";
  /** The lines by name. */
  readonly entries: D;
}

/**
 * A contract. Contracts may hold contracts: `users: contract({ get: ... })` is called as `users.get`.
 * @throws {TypeError} for a name that is not a word, or an entry that is none.
 */
export function contract<D extends Definition>(entries: D): Contract<D> {
  for (const [name, entry] of Object.entries(entries)) {
    if (!isName(name)) {
      throw new TypeError(`"${name}" cannot be a name in a contract: letters, digits and _ may`);
    }
    if (!KINDS.has(entry?.kind)) throw new TypeError(`"${name}" is no request, stream, event or contract`);
  }
  return Object.freeze({ kind: "contract", entries: Object.freeze({ ...entries }) });
}

/**
 * A question with one answer: `request(Input, Output)`, or `request(Output)` where nothing is asked with.
 * @throws {TypeError} for what is no Standard Schema.
 */
export function request<Out extends StandardSchema>(output: Out): RequestEntry<undefined, Out>;
/** A question with one answer. */
export function request<In extends StandardSchema, Out extends StandardSchema>(
  input: In,
  output: Out,
): RequestEntry<In, Out>;
/** Makes the entry of either. */
export function request(...schemas: readonly StandardSchema[]): RequestEntry {
  return Object.freeze({ kind: "request", ...inputAndOutput(schemas) });
}

/**
 * A question with any number of answers: `stream(Input, Output)`, or `stream(Output)` where nothing is asked with.
 * @throws {TypeError} for what is no Standard Schema.
 */
export function stream<Out extends StandardSchema>(output: Out): StreamEntry<undefined, Out>;
/** A question with any number of answers. */
export function stream<In extends StandardSchema, Out extends StandardSchema>(
  input: In,
  output: Out,
): StreamEntry<In, Out>;
/** Makes the entry of either. */
export function stream(...schemas: readonly StandardSchema[]): StreamEntry {
  return Object.freeze({ kind: "stream", ...inputAndOutput(schemas) });
}

/**
 * Something that either side publishes to those who subscribed.
 * @throws {TypeError} for what is no Standard Schema.
 */
export function event<Value extends StandardSchema>(value: Value): EventEntry<Value> {
  return Object.freeze({ kind: "event", value: checked(value) });
}

/** The name under which an entry travels: its path, with dots. It is the name of a request or a subject. */
export function nameOf(path: readonly string[]): string {
  return path.join(".");
}

const KINDS: ReadonlySet<string> = new Set(["request", "stream", "event", "contract"]);

// Names become properties of objects and tokens of subjects. `then` would make a promise of such an object.
function isName(name: string): boolean {
  return /^[A-Za-z]\w*$/.test(name) && name !== "then" && name !== "constructor";
}

function inputAndOutput(schemas: readonly StandardSchema[]): {
  readonly input: MaybeSchema;
  readonly output: StandardSchema;
} {
  const [input, output] = schemas.length === 1 ? [undefined, schemas[0]] : schemas;
  return { input: input === undefined ? undefined : checked(input), output: checked(output) };
}

function checked<S extends StandardSchema>(schema: S): S {
  if (!isSchema(schema)) throw new TypeError("a contract takes validators that follow Standard Schema");
  return schema;
}
