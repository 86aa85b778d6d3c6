/**
 * Mapping of files on Node: `mmap` of the C library, by the package `koffi`.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Mapper } from "./memory_file.ts";

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_FAILED = 2n ** 64n - 1n;

let loaded: Mapper | undefined;

/**
 * The mapper; the library stays loaded.
 * @throws {HawserError} `unsupported` without the package `koffi`, or where the C library is not glibc
 */
export async function loadNodeMapper(): Promise<Mapper> {
  return loaded ??= await load();
}

async function load(): Promise<Mapper> {
  try {
    const { default: koffi } = await import("koffi");
    const library = koffi.load("libc.so.6");
    const mmap = library.func("void *mmap(void *, size_t, int, int, int, int64_t)");
    const munmap = library.func("int munmap(void *, size_t)");
    return {
      map(fd, bytes) {
        const pointer: bigint = mmap(null, bytes, PROT_READ_WRITE, MAP_SHARED, fd, 0);
        if (pointer === MAP_FAILED) {
          throw new HawserError(
            "io",
            "the system maps no more memory; see its limits (ulimit -v, vm.max_map_count)",
          );
        }
        return { memory: koffi.view(pointer, bytes), unmap: () => void munmap(pointer, bytes) };
      },
    };
  } catch (cause) {
    const advice = "Node needs a package and glibc for it: npm install koffi; or use unix://";
    throw new HawserError("unsupported", `processes cannot share memory here: ${advice}`, { cause });
  }
}
