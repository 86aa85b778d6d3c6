/**
 * Calls that are under way, ours or the peer's: found by their ids, and by when their time is over.
 *
 * @module
 */

import { DeadlineHeap, type HeapEntry } from "../deadline_heap.ts";

/** Something that is answered by its id, or is over at `due`, a time on the driver's clock; `Infinity` for never. */
export interface Call extends HeapEntry {
  /** Its own among those of its side that are under way. */
  readonly id: number;
}

/** A bounded table. Holds no timer: `deadline` says when `takeExpired` has something. */
export class CallTable<T extends Call> {
  readonly #callsMax: number;
  readonly #calls: Map<number, T> = new Map();
  readonly #heap: DeadlineHeap<T> = new DeadlineHeap();

  /** Has room for `callsMax` calls. */
  constructor(callsMax: number) {
    this.#callsMax = callsMax;
  }

  /** How many are under way. */
  get size(): number {
    return this.#calls.size;
  }

  /** Whether there is no room for another. */
  get isFull(): boolean {
    return this.#calls.size >= this.#callsMax;
  }

  /** Adds a call, whose id no other has. Only while there is room. */
  add(call: T): void {
    this.#calls.set(call.id, call);
    if (call.due !== Infinity) this.#heap.add(call);
  }

  /** The call of that id; `undefined` if it is over, or never was. */
  find(id: number | undefined): T | undefined {
    return id === undefined ? undefined : this.#calls.get(id);
  }

  /** Takes the call of that id out; `undefined` if it is over, or never was. */
  take(id: number | undefined): T | undefined {
    const call = this.find(id);
    if (call === undefined) return undefined;
    this.#calls.delete(call.id);
    this.#heap.remove(call);
    return call;
  }

  /** The call is over. Returns whether it was under way until now. */
  remove(call: T): boolean {
    if (this.#calls.get(call.id) !== call) return false;
    this.#calls.delete(call.id);
    this.#heap.remove(call);
    return true;
  }

  /** When the time of one is over; `Infinity` if never. */
  deadline(): number {
    return this.#heap.first?.due ?? Infinity;
  }

  /** Takes a call out whose time is over; `undefined` if there is none. */
  takeExpired(now: number): T | undefined {
    const { first } = this.#heap;
    if (first === undefined || first.due > now) return undefined;
    this.remove(first);
    return first;
  }

  /** Takes all out. */
  takeAll(): T[] {
    const calls = [...this.#calls.values()];
    for (const call of calls) this.remove(call);
    return calls;
  }
}
