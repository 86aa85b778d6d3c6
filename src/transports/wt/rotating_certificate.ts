/**
 * Certificates for development that follow each other, so that a listener can run for longer than one of them lives.
 *
 * Whoever knows a listener's address knows the certificate that it shows and the one after that. So an address stays
 * good for at least one life, though browsers pin no certificate that lives longer than 14 days.
 *
 * @module
 */

import { CERTIFICATE_AGE_MS, CERTIFICATE_LIFE_MS } from "../../limits.ts";
import { WT_CERTIFICATE_OVERLAP_MS } from "../../quic_limits.ts";
import { type Certificate, createCertificate } from "../tls/certificate.ts";

/** How long certificates live, and how long before its end each is followed by the next; in milliseconds. */
export interface CertificateTimes {
  readonly lifeMs: number;
  readonly overlapMs: number;
}

const TIMES: CertificateTimes = { lifeMs: CERTIFICATE_LIFE_MS, overlapMs: WT_CERTIFICATE_OVERLAP_MS };

/** The certificate of now, and the next. */
export class RotatingCertificate {
  readonly #names: readonly string[];
  readonly #times: CertificateTimes;
  #current: Certificate;
  #next: Certificate;
  // When the next one takes over.
  #turnsAt: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(
    names: readonly string[],
    times: CertificateTimes,
    pair: readonly [Certificate, Certificate],
    turnsAt: number,
  ) {
    this.#names = names;
    this.#times = times;
    [this.#current, this.#next] = pair;
    this.#turnsAt = turnsAt;
  }

  /** Makes both, for these names. Throws as `createCertificate` does. */
  static async create(
    names: readonly string[],
    times: CertificateTimes = TIMES,
  ): Promise<RotatingCertificate> {
    const now = Date.now();
    const turnsAt = now - CERTIFICATE_AGE_MS + times.lifeMs - times.overlapMs;
    const pair = [await made(names, now, times), await made(names, turnsAt, times)] as const;
    return new RotatingCertificate(names, times, pair, turnsAt);
  }

  /** What the listener shows now. */
  get current(): Certificate {
    return this.#current;
  }

  /** The query of an address that trusts both. */
  get query(): string {
    return [this.#current, this.#next].map(({ sha256 }) => `hash=${toBase64Url(sha256)}`).join("&");
  }

  /** Calls `onTurn` whenever another certificate is the one to show. Keeps no program running. */
  start(onTurn: (certificate: Certificate) => void): void {
    this.#timer = setTimeout(() => {
      this.#current = this.#next;
      onTurn(this.#current);
      void this.#prepare().then(() => {
        if (this.#timer !== undefined) this.start(onTurn);
      });
    }, Math.max(0, this.#turnsAt - Date.now()));
    unref(this.#timer);
  }

  /** Shows no others any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #prepare(): Promise<void> {
    this.#turnsAt += this.#times.lifeMs - this.#times.overlapMs - CERTIFICATE_AGE_MS;
    this.#next = await made(this.#names, this.#turnsAt, this.#times);
  }
}

function made(names: readonly string[], from: number, { lifeMs }: CertificateTimes): Promise<Certificate> {
  const validFrom = new Date(from - CERTIFICATE_AGE_MS);
  return createCertificate({ names, validFrom, validTo: new Date(validFrom.getTime() + lifeMs) });
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function unref(timer: unknown): void {
  if (typeof timer === "number") Deno.unrefTimer(timer);
  else (timer as { unref(): void }).unref();
}
