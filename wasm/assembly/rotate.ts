// Rotations of 32-bit lanes to the left.
//
// By 16 and by 8 bits whole bytes move, which one byte shuffle does. Which
// instruction for it is fast depends on the engine: `relaxed_swizzle` where it
// exists; else `shuffle` by 16 bits, which is two instructions of x86, and `swizzle` by 8. The masks
// come from memory, because V8 builds constants anew for each use; they stay in range, where
// `relaxed_swizzle` gives the same result everywhere (WebAssembly relaxed SIMD, i8x16.relaxed_swizzle).

/** The mask that `rotl16` is given. */
export const ROTL16_MASK = memory.data<u8>([2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13], 16);
/** The mask that `rotl8` is given. */
export const ROTL8_MASK = memory.data<u8>([3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14], 16);

// @ts-ignore: decorator
@inline
export function rotl16(value: v128, mask: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(value, mask);
  return i8x16.shuffle(value, value, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

// @ts-ignore: decorator
@inline
export function rotl8(value: v128, mask: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(value, mask);
  return i8x16.swizzle(value, mask);
}

// @ts-ignore: decorator
@inline
export function rotl12(value: v128): v128 {
  return v128.or(i32x4.shl(value, 12), i32x4.shr_u(value, 20));
}

// @ts-ignore: decorator
@inline
export function rotl7(value: v128): v128 {
  return v128.or(i32x4.shl(value, 7), i32x4.shr_u(value, 25));
}
