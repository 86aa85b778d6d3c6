/**
 * Connections that many users share in turn.
 *
 * Written here because no maintained package knows what a pool of these must: connections that say by themselves when
 * they end, deadlines and abort signals of those who wait, and leases that `await using` gives back.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import {
  POOL_DRAIN_MS_MAX,
  POOL_LIFETIME_JITTER,
  POOL_WARM_MS_MAX,
  POOL_WARM_MS_MIN,
} from "../../pool_limits.ts";
import { DeadlineTimer, now } from "../clock.ts";
import type { Connection } from "../connection.ts";
import { Waiters, type WaitOptions } from "../waiters.ts";
import { Breaker, type CircuitState } from "./breaker.ts";
import { Lease, type Returned } from "./lease.ts";
import type { PoolConfig } from "./options.ts";

/** What a pool counted, and how it stands. */
export interface PoolStats {
  /** Connections that are open: leased, idle, or asked whether they are well. */
  readonly open: number;
  /** Those that lie idle. */
  readonly idle: number;
  /** Those that are leased. */
  readonly leased: number;
  /** Dials under way. */
  readonly opening: number;
  /** Who waits for a connection. */
  readonly waiting: number;
  /** Connections that were opened so far. */
  readonly opened: number;
  /** Leases so far. */
  readonly leases: number;
  /** Dials that failed so far. */
  readonly failed: number;
  /** Connections that ended or were closed so far. */
  readonly closed: number;
  /** Connections that were not well when they were asked. */
  readonly unwell: number;
  /** How dials stand. */
  readonly circuit: CircuitState;
}

interface Pooled {
  readonly connection: Connection;
  /** When it is used no longer. */
  readonly until: number;
  /** Since when it lies idle. */
  idleSince: number;
  /** When it is to be asked whether it is well. */
  checkAt: number;
}

/** Connections to one place, opened when they are needed, and kept for the next who asks. */
export class Pool implements AsyncDisposable {
  readonly #config: PoolConfig;
  readonly #dial: (signal: AbortSignal) => Promise<Connection>;
  readonly #breaker: Breaker | undefined;
  readonly #all: Set<Pooled> = new Set();
  // In the order in which they came back: the first has been idle for longest.
  readonly #idle: Set<Pooled> = new Set();
  readonly #leased: Set<Pooled> = new Set();
  readonly #waiters: Waiters<Pooled> = new Waiters("a connection of the pool becoming free");
  readonly #returned: Waiters<void> = new Waiters("the return of all leases");
  readonly #timer: DeadlineTimer = new DeadlineTimer(() => this.#tend());
  readonly #ending: AbortController = new AbortController();
  readonly #counted = { opened: 0, leases: 0, failed: 0, closed: 0, unwell: 0 };
  readonly #opening: Set<Promise<void>> = new Set();
  readonly #closing: Set<Pooled> = new Set();
  #warmAt = 0;
  #warmMs = POOL_WARM_MS_MIN;

  /** @ignore Pools come from `createPool`. */
  constructor(config: PoolConfig, dial: (signal: AbortSignal) => Promise<Connection>) {
    this.#config = config;
    this.#dial = dial;
    this.#breaker = config.breaker === undefined ? undefined : new Breaker(config.breaker);
    this.#tend();
  }

  /**
   * Leases a connection: the one that has been idle for longest, or a new one. Who comes when `max` are leased waits in
   * line.
   * @throws {HawserError} `closed` when the pool ends, `limit` when too many wait, `timeout`, `unavailable` while the
   * circuit is open, or why a connection could not be opened. With `signal`, its reason.
   */
  async acquire(options: WaitOptions = {}): Promise<Lease> {
    options.signal?.throwIfAborted();
    if (this.#ending.signal.aborted) throw ended();
    const pooled = this.#takeIdle() ?? await this.#wait(options);
    this.#leased.add(pooled);
    this.#counted.leases++;
    return new Lease(pooled.connection, (returned) => this.#handleReturned(pooled, returned));
  }

  /** What was counted so far. */
  stats(): PoolStats {
    return {
      ...this.#counted,
      open: this.#all.size,
      idle: this.#idle.size,
      leased: this.#leased.size,
      opening: this.#opening.size,
      waiting: this.#waiters.size,
      circuit: this.#breaker?.state ?? "closed",
    };
  }

  /**
   * Ends the pool in order: nobody gets a lease any more, idle connections close at once, leased ones when they come back.
   * After `timeoutMs` (default 10,000) the rest is aborted. Resolves when all are gone. Safe to call twice.
   */
  async drain(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const { timeoutMs = POOL_DRAIN_MS_MAX } = options;
    this.#timer.clear();
    this.#ending.abort(ended());
    this.#waiters.rejectAll(ended());
    const closing = [...this.#idle].map((pooled) => this.#close(pooled));
    if (this.#leased.size > 0) await this.#returned.wait({ timeoutMs }).catch(() => {});
    await Promise.allSettled([...closing, ...this.#opening]);
    const rest = [...this.#all, ...this.#closing];
    await Promise.all(rest.map(({ connection }) => connection.abort("the pool has ended")));
  }

  /** Drains it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }

  #takeIdle(): Pooled | undefined {
    if (this.#waiters.size > 0) return undefined;
    const time = now();
    for (const pooled of this.#idle) {
      this.#idle.delete(pooled);
      if (pooled.until > time) return pooled;
      void this.#close(pooled);
    }
    return undefined;
  }

  #wait(options: WaitOptions): Promise<Pooled> {
    const { waitersMax, max } = this.#config;
    if (this.#waiters.size >= waitersMax + Math.max(0, max - this.#all.size)) {
      throw new HawserError(
        "limit",
        `${this.#waiters.size} already wait for a connection of the pool: raise max or waitersMax, or ask for less`,
      );
    }
    const pooled = this.#waiters.wait(options);
    this.#openForWaiters();
    return pooled;
  }

  #openForWaiters(): void {
    while (this.#waiters.size > this.#opening.size && this.#size < this.#config.max) {
      const opened = this.#open().catch((error) => void this.#waiters.rejectFirst(error));
      void opened.then(() => this.#openForWaiters());
    }
  }

  // What is open, or will be, or still is.
  get #size(): number {
    return this.#all.size + this.#opening.size + this.#closing.size;
  }

  /** Opens one and offers it. Rejects if it cannot be opened. */
  async #open(): Promise<void> {
    const { signal } = this.#ending;
    const dial = () => this.#dial(signal).catch((error) => this.#handleFailed(error));
    const dialled = this.#breaker === undefined ? dial() : this.#breaker.run(dial, signal);
    const opening = dialled.then((connection) => {
      this.#counted.opened++;
      this.#opening.delete(opening);
      this.#offer(this.#adopt(connection));
    });
    this.#opening.add(opening);
    try {
      await opening;
    } finally {
      this.#opening.delete(opening);
    }
  }

  #handleFailed(error: unknown): never {
    this.#counted.failed++;
    throw error;
  }

  #adopt(connection: Connection): Pooled {
    const share = 1 + POOL_LIFETIME_JITTER * (2 * Math.random() - 1);
    const pooled = { connection, until: now() + this.#config.lifetimeMs * share, idleSince: 0, checkAt: 0 };
    this.#all.add(pooled);
    void connection.closed.then(() => this.#handleClosed(pooled));
    return pooled;
  }

  /** Gives it to who has waited longest, or lays it aside. */
  #offer(pooled: Pooled): void {
    const time = now();
    if (!this.#all.has(pooled)) return; // It has ended meanwhile.
    if (this.#ending.signal.aborted || pooled.until <= time) return void this.#close(pooled);
    if (this.#waiters.resolveFirst(pooled)) return;
    pooled.idleSince = time;
    pooled.checkAt = time + (this.#config.healthCheck?.everyMs ?? Infinity);
    this.#idle.add(pooled);
    this.#tend();
  }

  #handleReturned(pooled: Pooled, returned: Returned): void {
    if (!this.#leased.delete(pooled)) return;
    if (returned === "discard") void this.#close(pooled);
    else this.#offer(pooled);
    if (this.#leased.size === 0) this.#returned.resolveAll();
  }

  #handleClosed(pooled: Pooled): void {
    this.#counted.closed++;
    this.#all.delete(pooled);
    this.#closing.delete(pooled);
    this.#idle.delete(pooled);
    if (this.#leased.delete(pooled) && this.#leased.size === 0) this.#returned.resolveAll();
    this.#openForWaiters();
    this.#tend();
  }

  async #close(pooled: Pooled): Promise<void> {
    this.#idle.delete(pooled);
    if (this.#all.delete(pooled)) this.#closing.add(pooled);
    await pooled.connection.close();
  }

  /** Does what is due to those that lie idle, and opens what is missing. */
  #tend(): void {
    if (this.#ending.signal.aborted) return;
    const { min, idleMs } = this.#config;
    const time = now();
    let next = Infinity;
    let spare = this.#all.size - min;
    for (const pooled of this.#idle) {
      const idleUntil = spare > 0 ? pooled.idleSince + idleMs : Infinity;
      const until = Math.min(pooled.until, idleUntil);
      if (until <= time) {
        spare--;
        void this.#close(pooled);
      } else if (pooled.checkAt <= time) {
        this.#idle.delete(pooled);
        void this.#check(pooled);
      } else next = Math.min(next, until, pooled.checkAt);
    }
    this.#timer.set(Math.min(next, this.#warm(time)));
  }

  // Returns when it should be tried again.
  #warm(time: number): number {
    const { min, warm } = this.#config;
    const missing = min - this.#size;
    if (!warm || missing <= 0) return Infinity;
    if (time < this.#warmAt) return this.#warmAt;
    for (let count = 0; count < missing; count++) {
      this.#open().then(() => this.#warmMs = POOL_WARM_MS_MIN, () => this.#handleCold());
    }
    return Infinity;
  }

  #handleCold(): void {
    // Full jitter, so that the many pools of one server do not come back together.
    this.#warmAt = now() + Math.random() * this.#warmMs;
    this.#warmMs = Math.min(POOL_WARM_MS_MAX, this.#warmMs * 2);
    this.#tend();
  }

  async #check(pooled: Pooled): Promise<void> {
    const { timeoutMs, check = isAnswering } = this.#config.healthCheck!;
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(timeoutMs)]);
    let isWell = false;
    try {
      isWell = await check(pooled.connection, signal) && !signal.aborted;
    } catch {
      // What it says is that the connection is not well.
    }
    if (isWell) return this.#offer(pooled);
    if (!this.#ending.signal.aborted) this.#counted.unwell++;
    await pooled.connection.abort("the pool found that it is not well");
  }
}

async function isAnswering(connection: Connection, signal: AbortSignal): Promise<boolean> {
  await connection.ping({ signal });
  return true;
}

function ended(): HawserError {
  return new HawserError("closed", "the pool has ended", { retryable: false });
}
