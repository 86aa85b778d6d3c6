/**
 * The clock of every session, and the deadline that each may have.
 *
 * @module
 */

import { DeadlineHeap, type HeapEntry } from "./deadline_heap.ts";

/** Milliseconds on a clock that only goes forward. */
export function now(): number {
  return performance.now();
}

// What timers can hold: 2^31 - 1 ms.
const TIMER_MS_MAX = 2 ** 31 - 1;

// One timer of the runtime serves all deadlines: one each would cost a connection some hundred bytes.
const armed = new DeadlineHeap<DeadlineTimer>();
let runtimeTimer: ReturnType<typeof setTimeout> | undefined;
let runtimeTimerAt = Infinity;

/**
 * Calls back once a deadline has passed.
 *
 * Deadlines move with every packet, so the timer is not: it is armed anew only
 * for an earlier deadline, and when it fires early it looks again.
 */
export class DeadlineTimer implements HeapEntry {
  readonly #onDeadline: () => void;
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
  }

  /** Forgets the deadline. */
  clear(): void {
    this.#deadline = this.due = Infinity;
    armed.remove(this);
    arrange();
  }

  /** Its time to look has come. */
  handleDue(): void {
    this.due = Infinity;
    if (this.#deadline === Infinity) return;
    if (now() >= this.#deadline) this.#onDeadline();
    else this.#arm();
  }

  #arm(): void {
    armed.remove(this);
    this.due = this.#deadline;
    armed.add(this);
    arrange();
  }
}

/** Sees to it that the runtime's timer fires when the first that is armed is due. */
function arrange(): void {
  const first = armed.first?.due ?? Infinity;
  if (first === runtimeTimerAt || (first > runtimeTimerAt && first !== Infinity)) return;
  clearTimeout(runtimeTimer);
  runtimeTimerAt = first;
  if (first === Infinity) return;
  // Rounded up: a timer that fires early finds nothing to do.
  runtimeTimer = setTimeout(
    handleRuntimeTimer,
    Math.min(TIMER_MS_MAX, Math.max(0, Math.ceil(first - now()))),
  );
}

function handleRuntimeTimer(): void {
  const time = now();
  runtimeTimerAt = Infinity;
  try {
    for (let first = armed.first; first !== undefined && first.due <= time; first = armed.first) {
      armed.remove(first);
      first.handleDue();
    }
  } finally {
    arrange();
  }
}
