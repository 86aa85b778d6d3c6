// Plans how a message is cut.

/**
 * How many bytes each fragment of a message carries, the last one perhaps fewer: as few
 * fragments as `room` (at least 1) allows, and all nearly the same size, so
 * that no packet is spent on a crumb.
 */
export function fragmentBytes(total: u32, room: u32): u32 {
  if (total <= room) return total;
  const count = (total - 1) / room + 1;
  return (total - 1) / count + 1;
}
