/**
 * What the WebAssembly core exports: the TypeScript side of wasm/assembly/index.ts.
 *
 * Addresses, lengths and counts are numbers; the core takes and returns 32-bit words, so results above
 * 2^31 arrive negative and are made unsigned with `>>> 0`. Calls per packet take 0 or 1 for a truth value, because
 * JavaScriptCore needs 70 ns to convert a boolean.
 *
 * @module
 */

/** A constant of the core. */
interface Constant {
  readonly value: number;
}

/** The exports of an instance. */
export interface CoreExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };

  readonly KEY: Constant;
  readonly AAD_BYTES: Constant;
  readonly REPORT: Constant;
  readonly GAPS: Constant;
  readonly PLAINTEXT: Constant;
  readonly SEALED: Constant;
  readonly OPENED: Constant;
  readonly WORK: Constant;
  readonly OUTPUT: Constant;
  readonly INCOMING: Constant;
  readonly SLOTS: Constant;
  readonly BODY_BYTES_MAX: Constant;
  readonly INCOMING_BYTES: Constant;
  readonly SLOT_BYTES: Constant;
  readonly WORK_BYTES: Constant;

  deframe(at: number, end: number, lengthMax: number): number;

  sealerCreate(
    slot: number,
    laneLow: number,
    laneHigh: number,
    epoch: number,
    counter: number,
    datagram: boolean,
  ): void;
  sealerCounter(slot: number): number;
  sealerEpoch(slot: number): number;
  sealerRekey(slot: number): number;
  seal(slot: number, length: number, compression: number, sessionHigh: number, sessionLow: number): number;

  openerCreate(
    slot: number,
    laneLow: number,
    laneHigh: number,
    epoch: number,
    counter: number,
    datagram: boolean,
  ): void;
  openerCounter(slot: number): number;
  openerEpoch(slot: number): number;
  openerReplays(slot: number): number;
  openerRekey(slot: number): number;
  openerForget(slot: number): void;
  open(slot: number, packet: number, length: number): number;
  slotWipe(slot: number): void;

  runsAdd(slot: number, start: number, end: number, runsMax: number): number;
  fragmentBytes(total: number, room: number): number;

  sealOnce(extended: number, aadLength: number, length: number): void;
  openOnce(extended: number, aadLength: number, length: number): number;
  streamStart(extended: number): void;
  streamAuthenticate(length: number): void;
  streamSeal(counter: number, length: number): void;
  streamOpen(counter: number, length: number): void;
  streamTag(aadLength: number, textLength: number): void;
  streamCheck(aadLength: number, textLength: number): number;
  hchachaOnce(): void;
  polyOnce(blocks: number): void;
  tagsEqual(a: number, b: number): number;

  lz4Compress(source: number, sourceLength: number, target: number, targetCapacity: number): number;
  lz4DecompressAfter(
    source: number,
    sourceLength: number,
    targetBegin: number,
    target: number,
    targetCapacity: number,
  ): number;
  xxh32(source: number, length: number, seed: number): number;
}
