// Two tables of streams that speak to each other without a session: packets are handed over by hand.

import { Scheduler } from "../../../src/session/scheduler.ts";
import { StreamTable } from "../../../src/session/streams/table.ts";
import { STREAM_LIMITS, type StreamLimits } from "../../../src/stream_limits.ts";
import {
  FRAME_STREAM,
  FRAME_STREAM_END,
  FRAME_STREAM_OPEN,
  FRAME_STREAMS_MAX,
  FRAME_STREAMS_WINDOW,
} from "../../../src/wire/frames.ts";
import { Cursor, writeVarint } from "../../../src/wire/varint.ts";

/** One side. */
export class Side {
  readonly table: StreamTable;
  readonly scheduler = new Scheduler();
  /** How often it said that there are news. */
  told = 0;

  constructor(isInitiator: boolean, limits: Partial<StreamLimits> = {}) {
    this.table = new StreamTable({
      isInitiator,
      limits: { ...STREAM_LIMITS, ...limits },
      addFlow: (flow) => this.scheduler.add(flow),
      onNews: () => this.told++,
    });
  }

  /** The next packet; empty if there is nothing to say. */
  packet(bytes = 4_096, now = 0): Uint8Array {
    const target = new Uint8Array(bytes);
    const at = this.table.controls.compose(target, 0, bytes);
    return target.subarray(0, this.scheduler.compose(target, at, bytes, now));
  }

  /** Takes a packet of the other side; returns the types of its frames. */
  receive(packet: Uint8Array, now = 0): number[] {
    const types: number[] = [];
    const fields = new Cursor(packet);
    while (fields.at < fields.end) {
      types.push(packet[fields.at]);
      this.table.handleFrame(fields.varint(), fields, now);
    }
    return types;
  }
}

/** Two sides. */
export function pair(limits?: Partial<StreamLimits>): [Side, Side] {
  return [new Side(true, limits), new Side(false, limits)];
}

/** Hands packets over, both ways, until neither has anything to say; returns how many bytes went each way. */
export function settle(one: Side, other: Side, bytes?: number, now = 0): [number, number] {
  const moved: [number, number] = [0, 0];
  for (let isMoving = true; isMoving;) {
    isMoving = false;
    for (const [index, [from, to]] of ([[one, other], [other, one]] as const).entries()) {
      const packet = from.packet(bytes, now);
      if (packet.length === 0) continue;
      moved[index] += packet.length;
      to.receive(packet, now);
      isMoving = true;
    }
  }
  return moved;
}

/** A frame of the fields given, as a peer without manners would write it. */
export function frame(type: number, ...fields: (number | Uint8Array)[]): Uint8Array {
  const bytes = fields.reduce<number>(
    (sum, field) => sum + (typeof field === "number" ? 8 : field.length),
    1,
  );
  const target = new Uint8Array(bytes);
  target[0] = type;
  let at = 1;
  for (const field of fields) {
    if (typeof field === "number") {
      at = writeVarint(target, at, field);
      continue;
    }
    target.set(field, at);
    at += field.length;
  }
  return target.subarray(0, at);
}

/** STREAM_OPEN. */
export function openFrame(id: number, name = "", priority = 128): Uint8Array {
  return frame(FRAME_STREAM_OPEN, id, priority, name.length, new TextEncoder().encode(name));
}

/** STREAM, or STREAM_END. */
export function dataFrame(id: number, offset: number, data: Uint8Array, isLast = false): Uint8Array {
  return frame(isLast ? FRAME_STREAM_END : FRAME_STREAM, id, offset, data.length, data);
}

/** Whether limits are among the frames of these types. */
export function saysLimits(types: readonly number[]): boolean {
  return types.includes(FRAME_STREAMS_MAX) && types.includes(FRAME_STREAMS_WINDOW);
}
