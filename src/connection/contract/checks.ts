/**
 * Values held against the schemas of a contract.
 *
 * A schema may transform. Who sends gives what the schema takes: it is checked, and travels as it is. Who receives
 * gets what the schema makes of it. So both sides check, and a transformation happens once.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { describeIssues, plainIssues, type StandardSchema } from "../../message/schema.ts";

/**
 * What the schema makes of a value that arrived. `what` begins the sentence of the error.
 * @throws {HawserError} `serialization` with `issues`.
 */
export async function parse(schema: StandardSchema, value: unknown, what: string): Promise<unknown> {
  const verdict = await schema["~standard"].validate(value);
  if (verdict.issues === undefined) return verdict.value;
  const issues = plainIssues(verdict.issues);
  throw new HawserError("serialization", `${what} does not fit its schema: ${describeIssues(issues)}`, {
    issues,
  });
}

/**
 * The value itself, if it may leave. `what` begins the sentence of the error.
 * @throws {HawserError} `serialization` with `issues`.
 */
export async function verify(schema: StandardSchema, value: unknown, what: string): Promise<unknown> {
  await parse(schema, value, what);
  return value;
}

/**
 * What `judge` makes of each value, one after another. The source ends with the first that `judge` refuses, and is told
 * when nobody wants more.
 */
export function each(
  source: AsyncIterable<unknown>,
  judge: (value: unknown) => Promise<unknown>,
): AsyncIterableIterator<unknown> {
  const iterator = source[Symbol.asyncIterator]();
  let isOver = false;
  return {
    async next(): Promise<IteratorResult<unknown>> {
      if (isOver) return { done: true, value: undefined };
      const result = await iterator.next();
      if (result.done === true) return { done: true, value: undefined };
      try {
        return { done: false, value: await judge(result.value) };
      } catch (error) {
        isOver = true;
        await iterator.return?.();
        throw error;
      }
    },
    async return(): Promise<IteratorResult<unknown>> {
      isOver = true;
      await iterator.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
