/**
 * One attempt to go on over a new link: it brings the link through the handshake, and hands it over.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import type { Link } from "../link.ts";
import { CLOSE_SESSION_UNKNOWN, type CloseInfo, type Peer, type SessionConfig } from "../session/mod.ts";
import { Pump } from "./pump.ts";
import type { PumpHandler } from "./pump_handler.ts";

/** Who goes on. */
export interface ResumeTarget {
  /** Takes the link of `pump` over: the peer has heard `received` packets. */
  resumeOver(pump: Pump, received: number): void;
  /** The peer that must be found at the other end. */
  readonly peerId: string;
}

/** The side of an initiator. */
export class ResumeAttempt implements PumpHandler {
  readonly #target: ResumeTarget;
  readonly #pump: Pump;
  readonly #outcome: PromiseWithResolvers<void> = Promise.withResolvers();

  /** Starts at once. */
  constructor(link: Link, config: Omit<SessionConfig, "traits">, target: ResumeTarget) {
    this.#target = target;
    this.#pump = new Pump(link, config, this);
    this.#pump.start();
  }

  /**
   * Resolves when the target has gone on.
   * @throws {HawserError} `session-lost` if the peer does not know the session any more, or why the attempt failed.
   */
  async run(signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#pump.abort(new HawserError("closed", "the attempt was given up"));
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    try {
      await this.#outcome.promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  handlePeer(peer: Peer): boolean {
    return peer.id === this.#target.peerId;
  }

  handleAdmitted(received: number): void {
    this.#target.resumeOver(this.#pump, received);
    this.#outcome.resolve();
  }

  // A peer that does not know about claims would begin anew.
  handleOpen(): void {
    this.#pump.abort(sessionLost());
  }

  handleClosed({ code, error }: CloseInfo): void {
    const isUnknown = code === CLOSE_SESSION_UNKNOWN;
    this.#outcome.reject(isUnknown ? sessionLost() : error ?? new HawserError("closed", "the peer hung up"));
  }

  handleMessages(): void {}
  handleDrained(): void {}
  handleStreams(): void {}
  handlePong(): void {}
  handleSettled(): void {}
}

function sessionLost(): HawserError {
  return new HawserError(
    "session-lost",
    "the peer does not know the session any more, so what it had not acknowledged may be lost: connect again",
  );
}
