/**
 * What a handler of the application may return: something that is done later, or anything else.
 *
 * @module
 */

/** Whether it is done later. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined | null)?.then === "function";
}
