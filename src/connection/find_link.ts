/**
 * How a connection that dialled finds another link for its session: every address in turn, again and again.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import type { Address, Link } from "../link.ts";
import type { Claim, SessionConfig } from "../session/mod.ts";
import { redial, type ResumeOptions } from "./redial.ts";
import type { FindLink } from "./resumable_connection.ts";
import { ResumeAttempt, type ResumeTarget } from "./resume_attempt.ts";

/** What it takes to dial again as it was dialled before. */
export interface DialAgain {
  readonly addresses: readonly Address[];
  readonly options: ResumeOptions;
  /** Opens a link. */
  dial(address: Address, signal: AbortSignal): Promise<Link>;
  /** What a session is made of; the static key in it is disposed of after each attempt. */
  config(): Promise<Omit<SessionConfig, "traits">>;
}

/** Looks for links in that way. */
export function findLinkBy(again: DialAgain): FindLink {
  return (target, claim, signal) =>
    redial((signal) => tryAll(again, target, claim, signal), again.options, signal);
}

async function tryAll(
  again: DialAgain,
  target: ResumeTarget,
  claim: () => Claim,
  signal: AbortSignal,
): Promise<void> {
  const errors: unknown[] = [];
  for (const address of again.addresses) {
    try {
      return await tryOne(again, address, target, claim, signal);
    } catch (error) {
      signal.throwIfAborted();
      errors.push(error);
    }
  }
  // One that time may mend counts more than those that it does not.
  throw errors.find((error) => error instanceof HawserError && error.retryable) ?? errors[0];
}

async function tryOne(
  again: DialAgain,
  address: Address,
  target: ResumeTarget,
  claim: () => Claim,
  signal: AbortSignal,
): Promise<void> {
  const config = await again.config();
  try {
    const link = await dialAgain(again, address, signal);
    if (link.traits.kind === "datagram") {
      await link.close({ abort: true });
      throw new HawserError(
        "unsupported",
        `${address.href} keeps no order: a session goes on over links that do`,
      );
    }
    await new ResumeAttempt(link, { ...config, claim: claim() }, target).run(signal);
  } finally {
    config.staticKey.dispose();
  }
}

// It led to the peer before, so time may mend what is wrong with it now: a name server that cannot be reached, a proxy
// that stands in for the listener, a WebSocket that does not say why it failed.
async function dialAgain(again: DialAgain, address: Address, signal: AbortSignal): Promise<Link> {
  try {
    return await again.dial(address, signal);
  } catch (error) {
    if (!(error instanceof HawserError) || error.retryable || error.code === "unsupported") throw error;
    throw new HawserError(error.code, error.message, { cause: error, retryable: true });
  }
}
