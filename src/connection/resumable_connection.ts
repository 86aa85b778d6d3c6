/**
 * What a connection does when its link is gone and it may have another.
 *
 * @module
 */

import type { HawserError } from "../errors.ts";
import type { Claim } from "../session/mod.ts";
import { BaseConnection, type ConnectionParts } from "./base_connection.ts";
import { now } from "./clock.ts";
import type { Pump } from "./pump.ts";
import type { ResumeTarget } from "./resume_attempt.ts";

/** How a connection went on over another link. */
export interface Resumed {
  /** `replayed`: some of what was said had to be said again. `nothing-missed`: nothing was on its way. */
  readonly outcome: "nothing-missed" | "replayed";
  /** Packets that this side said again; each is taken exactly once. */
  readonly replayed: number;
  /** How long there was no link, in milliseconds. */
  readonly suspendedMs: number;
}

/** Looks for another link until `target` has it; rejects when it gives up. */
export type FindLink = (target: ResumeTarget, claim: () => Claim, signal: AbortSignal) => Promise<void>;

/** A connection that may outlive its link. */
export abstract class ResumableConnection extends BaseConnection {
  readonly #findLink: FindLink | undefined;
  #onSuspended: ((error: HawserError) => void) | undefined;
  #onResumed: ((resumed: Resumed) => void) | undefined;
  // While there is no link.
  #search: AbortController | undefined;
  #suspendedAt: number | undefined;

  /** @ignore Connections come from `connect` and `listen`. */
  constructor(parts: ConnectionParts) {
    super(parts);
    this.#findLink = parts.findLink;
  }

  /** Whether the link is gone, and another one is waited for. What is sent meanwhile goes out then. */
  get isSuspended(): boolean {
    return this.#suspendedAt !== undefined;
  }

  /** Calls `handler` when the link is gone and another one is waited for; `undefined` takes it away. */
  onSuspended(handler: ((error: HawserError) => void) | undefined): void {
    this.#onSuspended = handler;
  }

  /** Calls `handler` when the connection goes on over another link; `undefined` takes it away. */
  onResumed(handler: ((resumed: Resumed) => void) | undefined): void {
    this.#onResumed = handler;
  }

  /** @ignore Whom a new link must lead to. */
  get peerId(): string {
    return this.peer.id;
  }

  /** @ignore What the session is known by, if it may be resumed. */
  get tokens(): readonly Uint8Array[] {
    return this.pump.session.survival.resumption?.tokens ?? [];
  }

  /** @ignore Whether the peer `peerId`, which shows `claim`, may go on with this session. */
  admits(claim: Claim, peerId: string): boolean {
    return !this.isClosed && peerId === this.peerId && this.pump.session.admits(claim);
  }

  /** @ignore Goes on over the link of `pump`; the peer has heard `received` packets. */
  resumeOver(pump: Pump, received: number): void {
    const suspendedMs = now() - (this.#suspendedAt ?? now());
    this.#suspendedAt = this.#search = undefined;
    const replayed = this.pump.takeOver(pump, received);
    this.handleResumed();
    this.#onResumed?.({ outcome: replayed > 0 ? "replayed" : "nothing-missed", replayed, suspendedMs });
  }

  /** @ignore The same, over the link of a connection that is nothing else any more. */
  resumeFrom(other: ResumableConnection, received: number): void {
    this.resumeOver(other.pump, received);
    other.dissolve();
  }

  /** @ignore */
  protected override handleSuspended(error: HawserError): void {
    this.#suspendedAt = now();
    this.#onSuspended?.(error);
    if (this.#findLink === undefined || this.isClosed) return;
    const search = this.#search = new AbortController();
    const claim = () => this.pump.session.survival.resumption!.claim;
    this.#findLink(this, claim, search.signal).catch((cause: HawserError) => {
      if (!search.signal.aborted) this.pump.abort(cause);
    });
  }

  /** @ignore */
  protected override handleEnd(error: HawserError): void {
    this.#search?.abort(error);
    this.#suspendedAt = this.#search = undefined;
  }
}
