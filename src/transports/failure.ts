/**
 * Turns what runtimes throw into errors with a code and advice.
 *
 * Deno, Bun and Node name the same failure of the operating system by the same
 * `code` (`ECONNREFUSED`) nearly everywhere; where they do not, by the name of
 * the class or the words of the message.
 *
 * @module
 */

import { HawserError, type HawserErrorCode } from "../errors.ts";

interface Meaning {
  readonly code: HawserErrorCode;
  readonly advice: string;
  readonly retryable?: boolean;
}

const NO_NAME: Meaning = {
  code: "invalid-address",
  advice: "the host name cannot be resolved; check its spelling and the name server",
};
const NO_ANSWER: Meaning = { code: "timeout", advice: "the peer did not answer in time; check the network" };
const BROKEN: Meaning = { code: "io", advice: "the peer or the network broke the link off; dial again" };
const FORBIDDEN: Meaning = {
  code: "io",
  advice: "not permitted; ports below 1024 need rights, and Deno needs --allow-net",
  retryable: false,
};

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ECONNREFUSED: {
    code: "connection-refused",
    advice: "nobody listens there; check the address and that the listener runs",
  },
  EADDRINUSE: {
    code: "address-in-use",
    advice: "another listener has the address; choose another port, or port 0 for a free one",
  },
  EADDRNOTAVAIL: { code: "invalid-address", advice: "this machine does not have the address" },
  ENOTFOUND: NO_NAME,
  EAI_NONAME: NO_NAME,
  EAI_AGAIN: { ...NO_NAME, retryable: true },
  ENOENT: NO_NAME,
  ETIMEDOUT: NO_ANSWER,
  TimedOut: NO_ANSWER,
  ECONNRESET: BROKEN,
  ECONNABORTED: BROKEN,
  EPIPE: BROKEN,
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  NotCapable: FORBIDDEN,
};

/**
 * The `HawserError` for `cause`, which a runtime threw or reported.
 *
 * @param cause what the runtime gave
 * @param doing what was being done, for the message: `cannot dial tcp://192.0.2.1:7000`
 */
export function failure(cause: unknown, doing: string): HawserError {
  if (cause instanceof HawserError) return cause;
  const { code = "", name = "", message = String(cause) } = (cause ?? {}) as Partial<
    Error & { code: string }
  >;
  const meaning = MEANINGS[code] ?? MEANINGS[name] ??
    (message.includes("failed to lookup address") ? NO_NAME : undefined) ??
    { code: "io", advice: message };
  return new HawserError(meaning.code, `${doing}: ${meaning.advice}`, {
    cause,
    retryable: meaning.retryable,
  });
}
