// The replay window of RFC 6479: a ring of 64-bit blocks, one bit per packet.
//
// Whole blocks are cleared as the window moves, never single bits, so the
// window is one block smaller than the ring. `window` points at 8 bytes with the highest
// number seen, followed by the ring.

const BLOCKS: u64 = 34;

/** How far behind the highest a packet may be: at least 2,048. */
export const REPLAY_WINDOW: u64 = (BLOCKS - 1) * 64;

/** Bytes of one window: the highest number and the ring. */
export const REPLAY_BYTES: usize = 8 + <usize> BLOCKS * 8;

// @ts-ignore: decorator
@inline
function blockAt(window: usize, number: u64): usize {
  return window + 8 + (<usize> ((number >> 6) % BLOCKS) << 3);
}

/** Whether `number` is neither too old nor seen. Changes nothing. */
export function replayFresh(window: usize, number: u64): bool {
  const highest = load<u64>(window);
  if (number > highest) return true;
  if (highest - number > REPLAY_WINDOW) return false;
  return ((load<u64>(blockAt(window, number)) >> (number & 63)) & 1) == 0;
}

/** Marks `number`, which must be fresh, as seen. Only for packets that proved authentic. */
export function replayAccept(window: usize, number: u64): void {
  const highest = load<u64>(window);
  if (number > highest) {
    const steps = min((number >> 6) - (highest >> 6), BLOCKS);
    for (let i: u64 = 1; i <= steps; i++) store<u64>(blockAt(window, highest + (i << 6)), 0);
    store<u64>(window, number);
  }
  const block = blockAt(window, number);
  store<u64>(block, load<u64>(block) | (<u64> 1 << (number & 63)));
}
