// Finds whole packets in bytes that arrive in any split.

import { FLAG_SEQUENCED, HEADER_BYTES, headerJudge } from "./header";
import { REPORT } from "./memory";

/**
 * Looks at the packet that begins at `at`, with what has arrived up to `end`. Returns its
 * whole length, 0 if more bytes are needed, or the status of a header that lies.
 *
 * Reports seven words: bytes that the whole packet needs (0 while its header is
 * incomplete), flags, body length, session id (high, low), sequence (high, low).
 */
export function deframe(at: usize, end: usize, lengthMax: u32): i32 {
  const available = <u32> (end - at);
  store<u32>(REPORT, 0);
  const status = headerJudge(at, available, lengthMax);
  if (status != 0) return status;
  if (available < HEADER_BYTES) return 0;
  const flags = <u32> load<u8>(at, 5);
  const length = bswap<u32>(load<u32>(at, 6));
  const whole = HEADER_BYTES + length;
  store<u32>(REPORT, whole);
  if (available < whole) return 0;
  store<u32>(REPORT, flags, 4);
  store<u32>(REPORT, length, 8);
  if ((flags & FLAG_SEQUENCED) != 0) {
    store<u32>(REPORT, bswap<u32>(load<u32>(at, 10)), 12);
    store<u32>(REPORT, bswap<u32>(load<u32>(at, 14)), 16);
    store<u32>(REPORT, bswap<u32>(load<u32>(at, 18)), 20);
    store<u32>(REPORT, bswap<u32>(load<u32>(at, 22)), 24);
  }
  return whole;
}
