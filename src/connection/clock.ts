/**
 * The clock of every session, and the deadline that each may have.
 *
 * @module
 */

import { DeadlineHeap, type HeapEntry } from "../deadline_heap.ts";

/** Milliseconds on a clock that only goes forward. */
export function now(): number {
  return performance.now();
}

/** Milliseconds since 1970, as the machine believes: for what two machines compare. It may jump. */
export function wallClock(): number {
  return Date.now();
}

// What timers can hold: 2^31 - 1 ms.
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Deadlines that one timer of the runtime serves: one timer each would cost a connection some hundred bytes. */
class Deadlines {
  readonly #armed: DeadlineHeap<DeadlineTimer> = new DeadlineHeap();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Infinity;

  /** It looks whether its deadline has passed at `due`, and not at what was set before. */
  arm(deadline: DeadlineTimer, due: number): void {
    this.#armed.remove(deadline);
    deadline.due = due;
    this.#armed.add(deadline);
    this.#arrange();
  }

  disarm(deadline: DeadlineTimer): void {
    this.#armed.remove(deadline);
    this.#arrange();
  }

  /** Sees to it that the runtime's timer fires when the first that is armed is due. */
  #arrange(): void {
    const first = this.#armed.first?.due ?? Infinity;
    if (first === this.#timerAt || (first > this.#timerAt && first !== Infinity)) return;
    clearTimeout(this.#timer);
    this.#timerAt = first;
    if (first === Infinity) return;
    // Rounded up: a timer that fires early finds nothing to do.
    const ms = Math.min(TIMER_MS_MAX, Math.max(0, Math.ceil(first - now())));
    this.#timer = setTimeout(() => this.#handleTimer(), ms);
  }

  #handleTimer(): void {
    const time = now();
    const armed = this.#armed;
    this.#timerAt = Infinity;
    try {
      for (let first = armed.first; first !== undefined && first.due <= time; first = armed.first) {
        armed.remove(first);
        first.handleDue();
      }
    } finally {
      this.#arrange();
    }
  }
}

let shared: Deadlines | undefined = new Deadlines();

/**
 * From now on each deadline has a timer of its own: for workerd, where a timer ends with the request or the object that
 * armed it, and its callback may touch nothing of another. Call it while the module loads.
 */
export function keepTimersApart(): void {
  shared = undefined;
}

/**
 * Calls back once a deadline has passed.
 *
 * Deadlines move with every packet, so the timer is not: it is armed anew only
 * for an earlier deadline, and when it fires early it looks again.
 */
export class DeadlineTimer implements HeapEntry {
  readonly #onDeadline: () => void;
  readonly #deadlines: Deadlines = shared ?? new Deadlines();
  #deadline = Infinity;
  /** When it looks whether the deadline has passed; `Infinity` if it does not. */
  due = Infinity;
  /** Its place among those that are armed. */
  place = -1;

  /** Calls `onDeadline` at or after each deadline. */
  constructor(onDeadline: () => void) {
    this.#onDeadline = onDeadline;
  }

  /** Sets the deadline; `Infinity` for none. */
  set(deadline: number): void {
    this.#deadline = deadline;
    if (deadline < this.due) this.#arm();
    // A timer that is armed for nothing would keep awake what sleeps between messages.
    else if (deadline === Infinity && this.due !== Infinity) this.clear();
  }

  /** Forgets the deadline. */
  clear(): void {
    this.#deadlines.disarm(this);
    this.#deadline = this.due = Infinity;
  }

  /** Its time to look has come. */
  handleDue(): void {
    this.due = Infinity;
    if (this.#deadline === Infinity) return;
    if (now() >= this.#deadline) this.#onDeadline();
    else this.#arm();
  }

  #arm(): void {
    this.#deadlines.arm(this, this.#deadline);
  }
}
