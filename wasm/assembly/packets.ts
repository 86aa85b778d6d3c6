// The exports of the small build: what sessions call and know, without the functions that stand alone.
// Functions that src/codec/wasm_exports.ts lists and that are missing here are not called by src/codec/wasm_packets.ts.

export { AAD_BYTES, GAPS, INCOMING, KEY, OPENED, OUTPUT, PLAINTEXT, REPORT, SEALED, SLOTS, WORK } from "./memory";
export { BODY_BYTES_MAX, INCOMING_BYTES, SLOT_BYTES, WORK_BYTES } from "./memory";
export { runsAdd } from "./runs";
export { deframe } from "./deframer";
export { seal, sealerCounter, sealerCreate, sealerEpoch, sealerRekey, slotWipe } from "./sealer";
export {
  open,
  openerCounter,
  openerCreate,
  openerEpoch,
  openerForget,
  openerRekey,
  openerReplays,
} from "./opener";
export { openOnce, sealOnce } from "./oneshot";
export { fragmentBytes } from "./fragment";
