/**
 * The part of `@std/assert` that the tests use, on top of `node:assert`.
 *
 * It stands in for the package where JSR cannot be reached; every name has the
 * signature that `@std/assert` gives it.
 *
 * @module
 */

import nodeAssert from "node:assert/strict";

/** Fails unless `condition` is truthy. */
export function assert(condition: unknown, message = "assertion failed"): asserts condition {
  nodeAssert.ok(condition, message);
}

/** Fails unless the two are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.deepStrictEqual(actual, expected, message);
}

/** Fails if the two are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.notDeepStrictEqual(actual, expected, message);
}

/** Fails unless the two are the same value. */
export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T {
  nodeAssert.strictEqual(actual, expected, message);
}

/** Fails unless `text` contains `part`. */
export function assertStringIncludes(text: string, part: string, message?: string): void {
  nodeAssert.ok(
    text.includes(part),
    message ?? `expected ${JSON.stringify(text)} to contain ${JSON.stringify(part)}`,
  );
}

/** Fails unless `text` matches `pattern`. */
export function assertMatch(text: string, pattern: RegExp, message?: string): void {
  nodeAssert.match(text, pattern, message);
}

/** Fails always. */
export function fail(message?: string): never {
  nodeAssert.fail(message);
}

// deno-lint-ignore no-explicit-any -- the signature of @std/assert
type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

/** Fails unless `call` throws; returns what it threw. */
export function assertThrows<E extends Error = Error>(
  call: () => unknown,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
): E {
  try {
    call();
  } catch (error) {
    return judge(error, errorClass, messageIncludes);
  }
  nodeAssert.fail("expected the function to throw");
}

/** Fails unless the promise of `call` rejects; resolves to what it rejected with. */
export async function assertRejects<E extends Error = Error>(
  call: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
): Promise<E> {
  try {
    await call();
  } catch (error) {
    return judge(error, errorClass, messageIncludes);
  }
  nodeAssert.fail("expected the promise to reject");
}

function judge<E extends Error>(error: unknown, errorClass?: ErrorClass<E>, messageIncludes?: string): E {
  nodeAssert.ok(error instanceof (errorClass ?? Error), `unexpected error: ${error}`);
  if (messageIncludes !== undefined) assertStringIncludes((error as E).message, messageIncludes);
  return error as E;
}
