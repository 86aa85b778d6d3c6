// Which bytes of an incomplete message have arrived: sorted runs that neither
// overlap nor touch. The bytes themselves are the host's.
//
// Slot:   0  4  number of runs
//         8  8  each run: start, end (exclusive), at most RUNS_MAX of them

import { GAPS } from "./memory";

/** The most runs that a slot can hold. */
export const RUNS_MAX: u32 = 126;

// @ts-ignore: decorator
@inline
function run(slot: usize, index: u32): usize {
  return slot + 8 + (<usize> index << 3);
}

function gapAdd(gaps: u32, start: u32, end: u32): u32 {
  store<u32>(GAPS + (<usize> gaps << 3), start);
  store<u32>(GAPS + (<usize> gaps << 3), end, 4);
  return gaps + 1;
}

/**
 * Adds the bytes `start` to `end`, at least one. Lists in GAPS those that were missing, as pairs
 * of start and end, and returns their number: 0 for a duplicate; -1 if more than `runsMax`
 * runs would be needed, and then nothing has changed.
 */
export function runsAdd(slot: usize, start: u32, end: u32, runsMax: u32): i32 {
  const count = load<u32>(slot);
  let first = count;
  // From the end, because fragments mostly come in order.
  while (first > 0 && load<u32>(run(slot, first - 1), 4) >= start) first--;
  let next = first;
  let missing = start;
  let gaps: u32 = 0;
  let mergedStart = start;
  let mergedEnd = end;
  for (; next < count && load<u32>(run(slot, next)) <= end; next++) {
    const runStart = load<u32>(run(slot, next));
    const runEnd = load<u32>(run(slot, next), 4);
    if (runStart > missing) gaps = gapAdd(gaps, missing, runStart);
    missing = max(missing, runEnd);
    mergedStart = min(mergedStart, runStart);
    mergedEnd = max(mergedEnd, runEnd);
  }
  if (missing < end) gaps = gapAdd(gaps, missing, end);
  if (gaps == 0) return 0;
  if (count - (next - first) + 1 > runsMax) return -1;
  memory.copy(run(slot, first + 1), run(slot, next), (<usize> count - next) << 3);
  store<u32>(run(slot, first), mergedStart);
  store<u32>(run(slot, first), mergedEnd, 4);
  store<u32>(slot, count - (next - first) + 1);
  return gaps;
}
