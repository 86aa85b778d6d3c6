/**
 * Mapping of files on Bun, which can do it by itself.
 *
 * @module
 */

import type { Mapping } from "./memory_file.ts";

declare const Bun: {
  mmap(path: string, options: { readonly shared: true }): Uint8Array;
};

/** Maps a file; see `Mapper`. The memory is given back when nobody holds it any more. */
export function map(fd: number): Mapping {
  // By its descriptor: the name may be somebody else's by now.
  const { buffer } = Bun.mmap(`/proc/self/fd/${fd}`, { shared: true });
  return { memory: buffer, unmap() {} };
}
