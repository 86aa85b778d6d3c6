/**
 * What a page in a browser does in the tests: it connects, talks to an echo, closes, and dials where it must fail.
 *
 * @module
 */

/** Lengths of the messages that the page has echoed. */
export const LENGTHS = [0, 1, 100, 4_096, 65_536, 65_537, 300_000, 1_048_576];

const REPORT_MS_MAX = 20_000;

interface Failure {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

/** What the page reports. */
export interface Report {
  readonly userAgent: string;
  readonly echoes: readonly { readonly length: number; readonly same: boolean; readonly digest: string }[];
  readonly closed: { readonly by: string; readonly code: number };
  /** How each of the dials failed that must. */
  readonly failures: Readonly<Record<string, Failure>>;
}

/** The page's module: talks to the echo at `url`, then dials each of `failing`. */
export function scriptFor(url: string, failing: Readonly<Record<string, string>>): string {
  return `
import { connect } from "/hawser.js";
const hex = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).join();
const failureOf = (dial) => dial.then(() => ({}), ({ name, code, message }) => ({ name, code, message }));
const echoes = [];
const connection = await connect(${JSON.stringify(url)});
for (const length of ${JSON.stringify(LENGTHS)}) {
  const message = new Uint8Array(length);
  for (let at = 0; at < length; at += 65536) crypto.getRandomValues(message.subarray(at, at + 65536));
  if (!connection.send(message)) await connection.drained();
  const digest = await hex(message);
  const echo = await connection.receive({ timeoutMs: 10000 });
  echoes.push({ length: echo.length, digest, same: digest === await hex(echo) });
}
const { by, code } = await connection.close();
const failures = {};
for (const [name, url] of Object.entries(${
    JSON.stringify(failing)
  })) failures[name] = await failureOf(connect(url));
const report = { userAgent: navigator.userAgent, echoes, closed: { by, code }, failures };
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
`;
}

/** SHA-256, written as the page does. */
export async function digestOf(message: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", message as Uint8Array<ArrayBuffer>)).join();
}

/** The report, or an error with what the browser `said` if there is none in time. */
export async function within<T>(report: Promise<T>, said: () => string): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      reject(new Error(`the page reported nothing within ${REPORT_MS_MAX} ms; Chromium said:\n${said()}`)),
    REPORT_MS_MAX,
  );
  return await Promise.race([report, promise]).finally(() => clearTimeout(timer));
}
