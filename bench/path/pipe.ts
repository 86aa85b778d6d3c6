/**
 * The little that Hawser and the bare runtimes have in common, so that one load drives them all.
 *
 * @module
 */

import { readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Hears of bytes that arrived. Where it returns a promise, a runtime that can wait for it does. */
export type PipeHandler = (bytes: Uint8Array) => void | Promise<void>;

/** One end of something that carries bytes both ways. */
export interface Pipe {
  /** Sends bytes, which are not touched again. Where it returns a promise, the sender should wait for it. */
  send(bytes: Uint8Array): void | Promise<void>;
  /** Gives all that arrives to `handler`. Called once. */
  receive(handler: PipeHandler): void;
  /** Resolves when the other side is gone, where somebody looks after that. */
  readonly closed?: Promise<unknown>;
}

/** What listens and dials. */
export interface Network {
  /** Listens on loopback, and returns the address to dial. */
  serve(onPipe: (pipe: Pipe) => void): Promise<string>;
  /** Opens a pipe to what `serve` returned. */
  dial(address: string): Promise<Pipe>;
}

let sockets = 0;

const SOCKETS = "hawser-bench";

/** A place for a Unix socket, a new one each time, named after the process that started this one. */
export function socketPath(): string {
  return join(tmpdir(), `${SOCKETS}-${process.ppid}-${process.pid}-${++sockets}.sock`);
}

/** Removes the sockets of processes that this one has started and ended. */
export function removeSockets(): void {
  for (const name of readdirSync(tmpdir())) {
    if (name.startsWith(`${SOCKETS}-${process.pid}-`)) rmSync(join(tmpdir(), name), { force: true });
  }
}

/** The schemes that are measured. */
export type Scheme = "tcp" | "tls" | "unix" | "shm" | "ws" | "wss" | "quic" | "wt" | "webrtc" | "udp" | "mem";

/** The bare networks of one runtime, as its own documentation shows them; what it lacks is left out. */
export type RawNetworks = Readonly<Partial<Record<Scheme, Network>>>;
