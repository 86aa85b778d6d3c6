// All that the host may call and know. src/codec/wasm_exports.ts has the same list in TypeScript.

export { AAD_BYTES, GAPS, INCOMING, KEY, OPENED, OUTPUT, PLAINTEXT, REPORT, SEALED, SLOTS, WORK } from "./memory";
export { BODY_BYTES_MAX, INCOMING_BYTES, PACKET_OVERHEAD_MAX, SLOT_BYTES, WORK_BYTES } from "./memory";
export { REPLAY_WINDOW } from "./replay";
export { RUNS_MAX, runsAdd } from "./runs";
export { deframe } from "./deframer";
export {
  COMPRESSION_BYTES_MIN,
  seal,
  sealerCounter,
  sealerCreate,
  sealerEpoch,
  sealerRekey,
  slotWipe,
} from "./sealer";
export {
  open,
  openerCounter,
  openerCreate,
  openerEpoch,
  openerForget,
  openerRekey,
  openerReplays,
} from "./opener";
export {
  hchachaOnce,
  openOnce,
  polyOnce,
  sealOnce,
  streamAuthenticate,
  streamCheck,
  streamOpen,
  streamSeal,
  streamStart,
  streamTag,
} from "./oneshot";
export { tagsEqual } from "./poly1305";
export { lz4Compress, lz4Decompress, lz4DecompressAfter } from "./lz4";
export { xxh32 } from "./xxhash32";
export { fragmentBytes } from "./fragment";
export {
  STATUS_COMPRESSION,
  STATUS_EPOCH,
  STATUS_EXHAUSTED,
  STATUS_FLAGS,
  STATUS_FORGED,
  STATUS_LANE_FLAGS,
  STATUS_MAGIC,
  STATUS_REPLAYED,
  STATUS_TOO_LARGE,
  STATUS_TOO_SHORT,
  STATUS_VERSION,
} from "./status";
