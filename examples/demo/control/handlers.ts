/**
 * What all plain channels keep: the handler, and what came before there was one.
 *
 * @module
 */

/** Hands messages to a handler that may be given late, or replaced. */
export class Handlers {
  /** Resolves, with the reason, when the channel has ended. */
  readonly ended: Promise<string>;
  readonly #end: (reason: string) => void;
  readonly #early: Uint8Array[] = [];
  #handler: ((message: Uint8Array) => void) | undefined;
  #drained: PromiseWithResolvers<void> | undefined;
  #isOver = false;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.ended = promise;
    this.#end = resolve;
  }

  /** Whether the channel has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Sets the handler. */
  readonly onMessage = (handler: (message: Uint8Array) => void): void => {
    this.#handler = handler;
    for (const message of this.#early.splice(0)) handler(message);
  };

  /** A message arrived. */
  readonly handleMessage = (message: Uint8Array): void => {
    if (this.#handler === undefined) this.#early.push(message.slice());
    else this.#handler(message);
  };

  /** Waits for `handleDrained`. */
  drained(): Promise<void> {
    if (this.#isOver) return Promise.reject(new Error("the channel has ended"));
    this.#drained ??= Promise.withResolvers();
    return this.#drained.promise;
  }

  /** There is room again. */
  handleDrained(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  /** It is over; only the first reason counts. */
  handleEnd(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#end(reason);
    this.#drained?.reject(new Error(reason));
  }
}
