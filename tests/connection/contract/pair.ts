/**
 * Two ends that ask and tell each other, without a network between them: every value passes through JSON.
 *
 * @module
 */

import { HawserError } from "../../../src/errors.ts";
import type {
  Answerer,
  CallContext,
  Caller,
  CallOptions,
  EventContext,
  EventOptions,
  EventSource,
} from "../../../src/connection/contract/mod.ts";
import { ReplyError } from "../../../src/message/reply_error.ts";
import type { Peer } from "../../../src/session/config.ts";

type AnswerHandler = (value: unknown, context: CallContext) => unknown;

/** One end of two. */
export class End implements Caller, Answerer {
  readonly peer: Peer;
  /** What the handlers of this end threw that the other must not know. */
  readonly failures: unknown[] = [];
  /** The names of what was asked from here, as they left. */
  readonly asked: string[] = [];
  #other: End | undefined;
  readonly #handlers: Map<string, AnswerHandler> = new Map();
  readonly #hearing: Set<Hearing> = new Set();

  constructor(id: string) {
    this.peer = { id } as Peer;
  }

  join(other: End): void {
    this.#other = other;
  }

  handle(name: string, handler: AnswerHandler | undefined): void {
    if (handler === undefined) this.#handlers.delete(name);
    else this.#handlers.set(name, handler);
  }

  async request(name: string, value: unknown, options: CallOptions = {}): Promise<unknown> {
    this.asked.push(name);
    return copy(await this.#other!.#answer(name, copy(value), options));
  }

  async *requestMany(name: string, value: unknown, options: CallOptions = {}): AsyncIterable<unknown> {
    this.asked.push(name);
    const answers = await this.#other!.#answer(name, copy(value), options) as AsyncIterable<unknown>;
    const iterator = answers[Symbol.asyncIterator]();
    try {
      while (true) {
        const { done, value } = await this.#other!.#guard(() => iterator.next());
        if (done) return;
        yield copy(value);
      }
    } finally {
      await iterator.return?.();
    }
  }

  publish(subject: string, value: unknown, { headers = {} }: EventOptions = {}): void {
    for (const hearing of this.#other!.#hearing) {
      if (hearing.subject === subject) {
        hearing.push({ value: copy(value), info: { headers, peer: this.#other!.peer } });
      }
    }
  }

  subscribe(subject: string): EventSource<EventContext> {
    const hearing = new Hearing(subject, () => this.#hearing.delete(hearing));
    this.#hearing.add(hearing);
    return hearing;
  }

  get subscriptions(): number {
    return this.#hearing.size;
  }

  #answer(name: string, value: unknown, options: CallOptions): Promise<unknown> {
    const handler = this.#handlers.get(name);
    if (handler === undefined) throw new HawserError("unsupported", `nobody answers ${name}`);
    const { headers = {}, deadlineMs = 30_000, signal = new AbortController().signal } = options;
    return this.#guard(() => handler(value, { headers, deadlineMs, signal, peer: this.peer }));
  }

  async #guard<T>(work: () => T): Promise<Awaited<T>> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ReplyError)) this.failures.push(error);
      const { code, message, data } = error instanceof ReplyError
        ? error
        : { code: "internal", message: "", data: undefined };
      throw new HawserError("remote", message, { remote: { code, message, data: copy(data) } });
    }
  }
}

/** Two ends: one asks, one answers. */
export function pair(): { caller: End; answerer: End } {
  const caller = new End("the answerer");
  const answerer = new End("the caller");
  caller.join(answerer);
  answerer.join(caller);
  return { caller, answerer };
}

class Hearing implements EventSource<EventContext> {
  readonly subject: string;
  readonly #onEnd: () => void;
  readonly #events: { value: unknown; info: EventContext }[] = [];
  #wake: () => void = () => {};
  #isOver = false;

  constructor(subject: string, onEnd: () => void) {
    this.subject = subject;
    this.#onEnd = onEnd;
  }

  push(event: { value: unknown; info: EventContext }): void {
    this.#events.push(event);
    this.#wake();
  }

  unsubscribe(): void {
    this.#isOver = true;
    this.#onEnd();
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<{ value: unknown; info: EventContext }> {
    try {
      while (!this.#isOver) {
        const event = this.#events.shift();
        if (event !== undefined) yield event;
        else await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      this.unsubscribe();
    }
  }
}

function copy(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
