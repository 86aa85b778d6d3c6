/**
 * How a handler says no.
 *
 * @module
 */

/**
 * An error that a handler throws for its caller to see: code, message and data arrive there, as a `HawserError` with the
 * code `remote`. Of any other error the caller learns only that there was one.
 *
 * @example
 * ```ts
 * import { ReplyError } from "@hawser/hawser/contract";
 *
 * function withdraw(balance: number, amount: number): number {
 *   if (amount > balance) throw new ReplyError("too-little", "there is not enough in it", { balance });
 *   return balance - amount;
 * }
 * ```
 */
export class ReplyError extends Error {
  /** What went wrong, in a word of the application. */
  readonly code: string;
  /** What else the caller may know. */
  readonly data: unknown;

  /** Makes an error with a code, a sentence for people, and whatever helps the caller. */
  constructor(code: string, message: string, data?: unknown) {
    super(message);
    this.name = "ReplyError";
    this.code = code;
    this.data = data;
  }
}
