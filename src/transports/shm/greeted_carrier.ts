/**
 * The link that carries the memory, while both sides agree: what it brings first is not the sound of a bell, but a
 * greeting.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Link, LinkCloseOptions, LinkHandler, LinkTraits } from "../../link.ts";

/** A link whose first bytes are a greeting. */
export class GreetedCarrier implements Link {
  readonly traits: LinkTraits;
  readonly localAddress: string;
  readonly remoteAddress: string;
  /** The greeting, as Latin-1 text. Rejects if the link ends before. */
  readonly greeting: Promise<string>;
  readonly #link: Link;
  readonly #length: number;
  #text = "";
  #handler: LinkHandler | undefined;
  #end: { readonly error: HawserError | undefined } | undefined;

  /** Starts `link`, whose first `length` bytes are the greeting. */
  constructor(link: Link, length: number) {
    this.#link = link;
    this.#length = length;
    this.traits = link.traits;
    this.localAddress = link.localAddress;
    this.remoteAddress = link.remoteAddress;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.greeting = promise;
    promise.catch(() => {}); // Who waits for it is told all the same.
    link.start({
      onReceive: (bytes) => this.#handleReceive(bytes, resolve),
      onDrain: () => this.#handler?.onDrain(),
      onClose: (error) => {
        this.#end = { error };
        reject(error ?? new HawserError("io", `${this.remoteAddress} said no more; dial again`));
        this.#handler?.onClose(error);
      },
    });
  }

  start(handler: LinkHandler): void {
    this.#handler = handler;
    const end = this.#end;
    if (end !== undefined) queueMicrotask(() => handler.onClose(end.error));
  }

  send(bytes: Uint8Array): boolean {
    return this.#link.send(bytes);
  }

  close(options?: LinkCloseOptions): Promise<void> {
    return this.#link.close(options);
  }

  #handleReceive(bytes: Uint8Array, resolve: (greeting: string) => void): void {
    if (this.#text.length === this.#length) return this.#handler?.onReceive(bytes);
    const rest = bytes.subarray(0, this.#length - this.#text.length);
    this.#text += String.fromCharCode(...rest);
    if (this.#text.length === this.#length) resolve(this.#text);
  }
}
