/**
 * Several attempts at the same thing, of which the first to succeed wins (RFC 8305, "happy eyeballs").
 *
 * @module
 */

/** How attempts are raced. */
export interface RaceOptions<T> {
  /** How long an attempt runs alone before the next one joins in. One that fails makes room at once. */
  readonly headStartMs: number;
  /** Gives all attempts up. */
  readonly signal: AbortSignal | undefined;
  /** Whether a failure ends the race, instead of leaving it to the others. */
  isFatal(error: unknown): boolean;
  /** Gets rid of what an attempt made although another had won. */
  discard(late: T): void;
}

/**
 * Starts the attempts one after the other and resolves with what the first successful one makes; the signals of the others
 * abort. Nothing is left running but what they need to end.
 *
 * Rejects with a fatal error, with the reason of `signal`, or, when all have failed, with an `AggregateError` of their errors
 * in the order of the attempts.
 */
export function race<T>(
  attempts: readonly ((signal: AbortSignal) => Promise<T>)[],
  options: RaceOptions<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const { signal, headStartMs } = options;
    const controllers: AbortController[] = [];
    const errors: unknown[] = [];
    let failed = 0;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;

    const end = (reason: unknown) => {
      isOver = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      for (const controller of controllers) controller.abort(reason);
    };
    const onAbort = () => {
      end(signal?.reason);
      reject(signal?.reason);
    };
    const onSuccess = (index: number, value: T) => {
      if (isOver) return options.discard(value);
      controllers.splice(index, 1);
      end(new DOMException("another address was faster", "AbortError"));
      resolve(value);
    };
    const onFailure = (index: number, error: unknown) => {
      if (isOver) return;
      errors[index] = error;
      failed++;
      if (!options.isFatal(error) && failed < attempts.length) return startNext();
      end(error);
      reject(options.isFatal(error) ? error : new AggregateError(errors, "every attempt failed"));
    };
    const startNext = () => {
      clearTimeout(timer);
      const index = controllers.length;
      if (index === attempts.length) return;
      const controller = new AbortController();
      controllers.push(controller);
      if (index + 1 < attempts.length) timer = setTimeout(startNext, headStartMs);
      attempts[index](controller.signal).then(
        (value) => onSuccess(index, value),
        (error) => onFailure(index, error),
      );
    };

    if (signal?.aborted) return reject(signal.reason);
    signal?.addEventListener("abort", onAbort);
    startNext();
  });
}
