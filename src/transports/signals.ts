/**
 * Signals of the operating system to this process.
 *
 * @module
 */

import { HawserError } from "../errors.ts";

interface SignalProcess {
  on?(signal: string, listener: (signal: string) => void): void;
  removeListener?(signal: string, listener: (signal: string) => void): void;
}

/**
 * Calls `handler` with the name of each of these signals, in place of what the system does with them. Returns what takes
 * the handler away. A process that does nothing else ends all the same.
 * @throws {HawserError} `unsupported` where there are no signals, or not these.
 */
export function onSignals(names: readonly string[], handler: (name: string) => void): () => void {
  // Deno, Bun and Node have the same one.
  const { process } = globalThis as { readonly process?: SignalProcess };
  if (process?.on === undefined || process.removeListener === undefined) {
    throw new HawserError("unsupported", "this runtime tells a program nothing of signals");
  }
  const heard: string[] = [];
  const stop = () => {
    for (const name of heard.splice(0)) process.removeListener!(name, handler);
  };
  for (const name of names) {
    try {
      process.on(name, handler);
    } catch (cause) {
      stop();
      throw new HawserError("unsupported", `the signal ${name} cannot be heard here`, { cause });
    }
    heard.push(name);
  }
  return stop;
}
