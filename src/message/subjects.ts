/**
 * Subjects, which say what an event is about, and patterns, which say what a subscriber wants.
 *
 * A subject is a row of tokens between dots: `room.7.chat`. In a pattern the token `*` stands for any one token, and
 * `>`, at the end, for one or more. So `room.*.chat` and `room.>` both match `room.7.chat`. Case counts.
 * The syntax is that of NATS (https://docs.nats.io/nats-concepts/subjects).
 *
 * @module
 */

import { SUBJECT_BYTES_MAX, SUBJECT_TOKENS_MAX } from "../topic_limits.ts";

/** What separates tokens. */
export const SEPARATOR = ".";

/** The token of a pattern that stands for any one token. */
export const ANY_TOKEN = "*";

/** The last token of a pattern, which stands for one or more tokens. */
export const ANY_TOKENS = ">";

// White space and control characters: invisible in logs, and not the same to everybody.
// deno-lint-ignore no-control-regex -- These are meant.
const UNFIT = /[\s\u0000-\u001f\u007f-\u009f]/u;

const encoder = new TextEncoder();

// Whoever publishes mostly repeats the subject: one that was good stays good.
let lastGood: string | undefined;

/** What is wrong with a subject, as a sentence; `undefined` for a good one. */
export function faultOfSubject(subject: string): string | undefined {
  if (subject === lastGood) return undefined;
  const fault = faultOfTokens(subject);
  if (fault !== undefined) return fault;
  if (!/[*>]/.test(subject)) {
    lastGood = subject;
    return undefined;
  }
  return `an event has one subject, and "${subject}" is a pattern: "*" and ">" are for subscribers`;
}

/** What is wrong with a pattern, as a sentence; `undefined` for a good one. */
export function faultOfPattern(pattern: string): string | undefined {
  const fault = faultOfTokens(pattern);
  if (fault !== undefined || !/[*>]/.test(pattern)) return fault;
  const tokens = pattern.split(SEPARATOR);
  if (tokens.some((token) => token.length > 1 && /[*>]/.test(token))) {
    return `in the pattern "${pattern}", "*" and ">" must stand alone between dots`;
  }
  const end = tokens.indexOf(ANY_TOKENS);
  if (end < 0 || end === tokens.length - 1) return undefined;
  return `in the pattern "${pattern}", ">" must come last`;
}

/**
 * Refuses what is no subject.
 * @throws {TypeError} that says what is wrong.
 */
export function checkSubject(subject: string): void {
  const fault = faultOfSubject(subject);
  if (fault !== undefined) throw new TypeError(fault);
}

/**
 * Refuses what is no pattern.
 * @throws {TypeError} that says what is wrong.
 */
export function checkPattern(pattern: string): void {
  const fault = faultOfPattern(pattern);
  if (fault !== undefined) throw new TypeError(fault);
}

function faultOfTokens(subject: string): string | undefined {
  if (typeof subject !== "string" || subject === "") return "a subject is a text that is not empty";
  // Three bytes per character at most: most subjects need not be counted.
  const isShort = subject.length * 3 <= SUBJECT_BYTES_MAX;
  if (!isShort && encoder.encode(subject.slice(0, SUBJECT_BYTES_MAX + 1)).length > SUBJECT_BYTES_MAX) {
    return `a subject has at most ${SUBJECT_BYTES_MAX} bytes of UTF-8: "${subject.slice(0, 40)}..." has more`;
  }
  if (UNFIT.test(subject)) return "a subject has no white space and no control characters";
  if (!subject.isWellFormed()) return "a subject is well-formed Unicode: this one has half a character";
  const tokens = subject.split(SEPARATOR);
  if (tokens.includes("")) return `a subject has something between its dots: "${subject}" has not`;
  if (tokens.length <= SUBJECT_TOKENS_MAX) return undefined;
  return `a subject has at most ${SUBJECT_TOKENS_MAX} tokens: "${subject}" has ${tokens.length}`;
}
