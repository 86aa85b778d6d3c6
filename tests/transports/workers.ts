/**
 * Workers for tests, of every kind that the running runtime has.
 *
 * @module
 */

import { Worker as ThreadWorker } from "node:worker_threads";
import { hear } from "../../src/transports/port/port_events.ts";
import type { PortLike } from "../../src/transports/port/registered_ports.ts";
import { currentRuntime } from "../runtimes/runtimes.ts";

/** The web's `Worker`, and that of `node:worker_threads`. */
export type WorkerKind = "Worker" | "node:worker_threads";

/** Node has no `Worker` of the web. */
export const kindsOfWorkers: readonly WorkerKind[] = currentRuntime() === "node"
  ? ["node:worker_threads"]
  : ["Worker", "node:worker_threads"];

/** A worker that runs. */
export interface TestWorker extends AsyncDisposable {
  /** What talks to it. */
  readonly port: PortLike & { postMessage(message: unknown): void };
  /** What it posts first under this key. */
  said(key: string): Promise<string>;
  /** Ends it, and resolves when that was told to it. */
  terminate(): Promise<void>;
}

/** Starts a file, relative to the root of the repository, as a worker. */
export function startWorker(kind: WorkerKind, file: string): TestWorker {
  const url = new URL(`../../${file}`, import.meta.url);
  const worker = kind === "Worker" ? new Worker(url, { type: "module" }) : new ThreadWorker(url);
  const terminate = async () => void await worker.terminate();
  const port = worker as PortLike;
  return { port, said: (key) => firstWord(port, key), terminate, [Symbol.asyncDispose]: terminate };
}

function firstWord(port: PortLike, key: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const end = hear(port, {
      onMessage(data) {
        const word = (data as Record<string, string> | undefined)?.[key];
        if (word === undefined) return;
        end();
        resolve(word);
      },
      onGone: () => reject(new Error(`the worker ended before it said its ${key}`)),
    });
  });
}
