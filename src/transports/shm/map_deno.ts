/**
 * Mapping of files on Deno: `mmap` of the C library, by FFI.
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
 * @throws {HawserError} `unsupported` without `--allow-ffi`, or where the C library is not glibc
 */
export function loadDenoMapper(): Mapper {
  return loaded ??= load();
}

function load(): Mapper {
  const { mmap, munmap } = symbols();
  return {
    map(fd, bytes) {
      const pointer = mmap(null, BigInt(bytes), PROT_READ_WRITE, MAP_SHARED, fd, 0n);
      if (pointer === null || BigInt(Deno.UnsafePointer.value(pointer)) === MAP_FAILED) {
        throw new HawserError(
          "io",
          "the system maps no more memory; see its limits (ulimit -v, vm.max_map_count)",
        );
      }
      return {
        memory: Deno.UnsafePointerView.getArrayBuffer(pointer, bytes),
        unmap: () => void munmap(pointer, BigInt(bytes)),
      };
    },
  };
}

function symbols() {
  try {
    return Deno.dlopen("libc.so.6", {
      mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
      munmap: { parameters: ["pointer", "usize"], result: "i32" },
    }).symbols;
  } catch (cause) {
    const advice = "Deno needs --allow-ffi and glibc for it; or use unix://";
    throw new HawserError("unsupported", `processes cannot share memory here: ${advice}`, { cause });
  }
}
