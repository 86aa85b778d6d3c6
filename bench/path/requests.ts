/**
 * Questions and answers: values that are asked for by name, with one or many under way.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { type Figures, figures, percentiles } from "./loads.ts";
import type { Contender, RequestsWork } from "./measures.ts";

/** What is asked: an object as JSON has them. */
export interface Question {
  readonly number: number;
  readonly text: string;
  readonly tags: readonly string[];
  readonly isUrgent: boolean;
}

/** What is answered. */
export interface Answer {
  readonly number: number;
  readonly text: string;
  readonly length: number;
}

/** Asks, and resolves with the answer. */
export type Ask = (question: Question) => Promise<Answer>;

/** What carries questions. */
export interface Questions {
  /** Listens on loopback, answers with {@linkcode answer}, and returns the address to dial. */
  serve(): Promise<string>;
  /** Opens a connection. */
  dial(address: string): Promise<Ask>;
}

const TAGS = ["small", "json"];
const TEXTS = 4096;
const PROVED = 4;

/** What every server does with a question. */
export function answer({ number, text, tags }: Question): Answer {
  return { number: number + tags.length, text, length: text.length };
}

/** The questions of a contender. Only what takes part is loaded. */
export async function questionsOf(contender: Contender, { scheme }: RequestsWork): Promise<Questions> {
  switch (contender) {
    case "hawser":
      return (await import("./hawser_requests.ts")).hawserRequests(scheme);
    case "socket.io":
      return (await import("./peers/socket_io_requests.ts")).questions;
    case "capnweb":
      return (await import("./peers/capnweb_requests.ts")).questions;
    case "nats":
      return (await import("./peers/nats_requests.ts")).questions;
    default:
      throw new Error(`${contender} carries no questions`);
  }
}

/** Proves that answers are right, and measures round by round. */
export async function requestsDriver(
  ask: Ask,
  { inFlight }: RequestsWork,
  next: () => Uint8Array,
): Promise<(ms: number) => Promise<Figures>> {
  // Made before: it is not what is measured.
  const texts = Array.from({ length: TEXTS }, () => Buffer.from(next()).toString("latin1"));
  let asked = 0;
  const question = (): Question => {
    return { number: ++asked, text: texts[asked % TEXTS], tags: TAGS, isUrgent: false };
  };
  for (let count = 0; count < PROVED; count++) {
    const one = question();
    if (!isSame(await ask(one), answer(one))) throw new Error("the answer is wrong, so nothing is timed");
  }
  return async (ms) => {
    const samples: number[] = [];
    const start = performance.now();
    const askOnAndOn = async () => {
      for (let at = performance.now(); at - start < ms;) {
        await ask(question());
        const now = performance.now();
        samples.push(now - at);
        at = now;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, askOnAndOn));
    return {
      ...figures(samples.length, performance.now() - start),
      ...percentiles(Float64Array.from(samples)),
    };
  };
}

function isSame(one: Answer, other: Answer): boolean {
  return one.number === other.number && one.text === other.text && one.length === other.length;
}
