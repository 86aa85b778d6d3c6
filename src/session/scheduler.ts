/**
 * Who may write into the next packet: weighted fair queueing over flows.
 *
 * Each flow has a virtual time that runs the faster the more it sends and the
 * less it weighs; whose time is least is next (start-time fair queueing: Goyal,
 * Vin and Cheng, 1996). A flow that wakes up starts at the present, which is
 * ahead of all that have been sending: so what is urgent and small goes out
 * with the next packet, and nothing that waits starves.
 *
 * @module
 */

import { PRIORITY_DEFAULT } from "../scheduler_limits.ts";

/** Something that has bytes to send: a queue of messages, a stream. */
export interface Flow {
  /** From 0 to 255: how much of the way it gets beside others. */
  readonly priority: number;
  /** Whether anything of it may leave now, be it in an empty packet: not while its window is used up. */
  readonly isPending: boolean;
  /** Whether what is next of it may be compressed: that shares no packet with what may not. */
  readonly isCompressible: boolean;
  /** No less than `compose` would write now: the buffer of the packet is made for as much. */
  readonly bytesMax: number;
  /**
   * Writes frames into `target` from `at` up to `end`; returns the position behind them. Without any, `isPending` says
   * whether it waits for a packet with more room. It must not wake other flows before the packet is complete.
   */
  compose(target: Uint8Array, at: number, end: number, now: number): number;
}

/** The place of one flow in line. */
export class Slot {
  /** What stands here. */
  readonly flow: Flow;
  readonly #scheduler: Scheduler;
  /** @ignore Of the scheduler: when it is its turn, in virtual time. */
  start = 0;
  /** @ignore Of the scheduler: the flow's priority when it last took its place: of two with the same start the higher goes first, */
  priority = 0;
  /** @ignore and of two with the same priority the one that came first. */
  order = 0;
  /** @ignore Of the scheduler: whether it stands in line. */
  isWaiting = false;

  /** @ignore Slots come from {@linkcode Scheduler.add}. */
  constructor(flow: Flow, scheduler: Scheduler) {
    this.flow = flow;
    this.#scheduler = scheduler;
  }

  /** The flow has something to send. Costs next to nothing if it stands in line already. */
  wake(): void {
    if (!this.isWaiting) this.#scheduler.enter(this);
  }
}

/** All flows of one session that have something to send. */
export class Scheduler {
  // A binary heap: each comes before the two at twice its place.
  readonly #line: Slot[] = [];
  #virtual = 0;
  #orders = 0;
  /** Whether what `compose` wrote last may be compressed. */
  isCompressible = true;

  /** Gives a flow its place; `wake` puts it in line. A flow that is let go needs no farewell. */
  add(flow: Flow): Slot {
    return new Slot(flow, this);
  }

  /** Flows in line. */
  get waiting(): number {
    return this.#line.length;
  }

  /** No less than `compose` would write now, up to `max`, beyond which nobody counts. */
  bytesMax(max: number): number {
    let bytes = 0;
    for (let index = 0; index < this.#line.length && bytes < max; index++) {
      const { flow } = this.#line[index];
      if (flow.isPending) bytes += flow.bytesMax;
    }
    return Math.min(bytes, max);
  }

  /** Lets flows write into `target` from `at` up to `end`, each in its turn; returns the position behind all. */
  compose(target: Uint8Array, at: number, end: number, now: number): number {
    const line = this.#line;
    const begin = at;
    while (line.length > 0) {
      const slot = line[0];
      const { flow } = slot;
      const { priority, isCompressible } = flow;
      if (at === begin) this.isCompressible = isCompressible;
      else if (flow.isPending && isCompressible !== this.isCompressible) break;
      const next = flow.isPending ? flow.compose(target, at, end, now) : at;
      if (next > at) this.#charge(slot, (next - at) / weightOf(priority));
      else if (flow.isPending && (at > begin || flow.isCompressible === isCompressible)) break;
      at = next;
      if (flow.isPending) this.#sink(0);
      else this.#leave();
    }
    return at;
  }

  /** Nobody stands in line any more. */
  clear(): void {
    for (const slot of this.#line) slot.isWaiting = false;
    this.#line.length = 0;
  }

  /** @ignore For {@linkcode Slot.wake}. */
  enter(slot: Slot): void {
    slot.isWaiting = true;
    slot.start = Math.max(slot.start, this.#virtual);
    slot.priority = slot.flow.priority;
    slot.order = this.#orders++;
    this.#line.push(slot);
    this.#rise(this.#line.length - 1);
  }

  #charge(slot: Slot, cost: number): void {
    this.#virtual = Math.max(this.#virtual, slot.start);
    slot.start += cost;
    slot.priority = slot.flow.priority;
    slot.order = this.#orders++;
  }

  #leave(): void {
    const slot = this.#line[0];
    const last = this.#line.pop()!;
    slot.isWaiting = false;
    if (last === slot) return;
    this.#line[0] = last;
    this.#sink(0);
  }

  #rise(index: number): void {
    const line = this.#line;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!isBefore(line[index], line[above])) return;
      [line[index], line[above]] = [line[above], line[index]];
      index = above;
    }
  }

  #sink(index: number): void {
    const line = this.#line;
    while (true) {
      const left = 2 * index + 1;
      if (left >= line.length) return;
      const right = left + 1;
      const below = right < line.length && isBefore(line[right], line[left]) ? right : left;
      if (!isBefore(line[below], line[index])) return;
      [line[index], line[below]] = [line[below], line[index]];
      index = below;
    }
  }
}

/** How much a priority weighs: twice as much every 16 steps. */
export function weightOf(priority: number): number {
  return 2 ** ((priority - PRIORITY_DEFAULT) / 16);
}

function isBefore(one: Slot, other: Slot): boolean {
  if (one.start !== other.start) return one.start < other.start;
  return one.priority === other.priority ? one.order < other.order : one.priority > other.priority;
}
