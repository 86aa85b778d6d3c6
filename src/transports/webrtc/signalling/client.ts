/**
 * A peer's side of a signalling endpoint, over the `WebSocket` that every runtime has.
 *
 * @module
 */

import { HawserError } from "../../../errors.ts";
import { SIGNALLING_JOIN_MS_MAX, SIGNALLING_PING_MS } from "../../../limits.ts";
import type { Signal, Signalling, SignallingHandler, SignallingSeat } from "../../../signalling.ts";
import { CLOSE_CODES, parseFromEndpoint, type ToEndpoint } from "./messages.ts";

/**
 * The signalling over the endpoint at `url`: one of `serveSignalling` or `signallingEndpoint`.
 *
 * Its query is kept, so a token may stand there: `wss://host/path?token=...`.
 *
 * @throws {HawserError} `invalid-address` if that is no URL of a WebSocket
 *
 * @example
 * ```ts
 * import { webrtcSignalling } from "@hawser/hawser/signalling";
 *
 * const signalling = webrtcSignalling("ws://127.0.0.1:9");
 * const nobody = { onSignal() {}, onClose() {} };
 * await signalling.join("alice", nobody).catch((error) => console.log(error.code)); // websocket
 * ```
 */
export function webrtcSignalling(url: string): Signalling {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== "ws:" && parsed?.protocol !== "wss:") {
    const shown = JSON.stringify(url.slice(0, 100));
    throw new HawserError("invalid-address", `${shown} is no signalling endpoint; write wss://host/path`);
  }
  parsed.hash = "";
  return {
    async join(name, handler, signal) {
      signal?.throwIfAborted();
      const own = new URL(parsed);
      own.searchParams.set("name", name);
      const client = new Client(own, parsed.href, handler);
      const onAbort = () => client.fail(signal?.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        await client.joined;
      } finally {
        signal?.removeEventListener("abort", onAbort);
      }
      return client;
    },
  };
}

class Client implements SignallingSeat {
  readonly #endpoint: string;
  readonly #handler: SignallingHandler;
  readonly #socket: WebSocket;
  readonly #joined: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #gone: PromiseWithResolvers<void> = Promise.withResolvers();
  #state: "joining" | "joined" | "over" = "joining";
  #isHeard = true;
  #timer: ReturnType<typeof setTimeout>;

  constructor(url: URL, endpoint: string, handler: SignallingHandler) {
    this.#endpoint = endpoint;
    this.#handler = handler;
    this.#socket = new WebSocket(url);
    this.#socket.onmessage = ({ data }) => this.#onMessage(data);
    this.#socket.onclose = ({ code, reason }) => this.#onClose(code, reason);
    this.#timer = setTimeout(() => this.#onSilence(), SIGNALLING_JOIN_MS_MAX);
  }

  get joined(): Promise<void> {
    return this.#joined.promise;
  }

  send(to: string, signal: Signal): void {
    this.#say({ to, signal });
  }

  close(): Promise<void> {
    this.#end();
    return this.#gone.promise;
  }

  /** Ends it all, for this reason. */
  fail(reason: unknown): void {
    const wasJoined = this.#state === "joined";
    if (this.#state === "over") return;
    this.#end();
    if (wasJoined) this.#handler.onClose(reason as HawserError);
    else this.#joined.reject(reason);
  }

  #end(): void {
    this.#state = "over";
    clearTimeout(this.#timer);
    if (this.#socket.readyState === this.#socket.CLOSED) this.#gone.resolve();
    else this.#socket.close();
  }

  #say(message: ToEndpoint): void {
    if (this.#state === "joined") this.#socket.send(JSON.stringify(message));
  }

  #onMessage(data: unknown): void {
    this.#isHeard = true;
    const message = parseFromEndpoint(data);
    if (this.#state === "over" || message === undefined) return;
    if ("joined" in message && this.#state === "joining") {
      this.#state = "joined";
      clearTimeout(this.#timer);
      this.#ask();
      this.#joined.resolve();
    } else if ("signal" in message) {
      this.#handler.onSignal(message.from, message.signal);
    }
  }

  #ask(): void {
    this.#isHeard = false;
    this.#say({ ping: true });
    this.#timer = setTimeout(() => {
      if (this.#isHeard) this.#ask();
      else this.#onSilence();
    }, SIGNALLING_PING_MS);
  }

  #onSilence(): void {
    this.fail(new HawserError("timeout", `the signalling endpoint ${this.#endpoint} does not answer`));
  }

  #onClose(code: number, reason: string): void {
    this.#gone.resolve();
    const known = CLOSE_CODES[code];
    const message = known === undefined
      ? `the signalling endpoint ${this.#endpoint} cannot be reached, or is gone: check that it runs, and admits us`
      : `the signalling endpoint ${this.#endpoint} refuses: ${reason}`;
    const retryable = known === undefined ? true : undefined;
    this.fail(new HawserError(known ?? "websocket", message, { retryable }));
  }
}
