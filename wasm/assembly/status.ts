// What the packet calls return when they refuse: negative numbers, one per
// reason. src/codec/status.ts gives each its error.

export const STATUS_MAGIC: i32 = -1;
export const STATUS_VERSION: i32 = -2;
export const STATUS_FLAGS: i32 = -3;
export const STATUS_TOO_LARGE: i32 = -4;
export const STATUS_TOO_SHORT: i32 = -5;
export const STATUS_LANE_FLAGS: i32 = -6;
export const STATUS_FORGED: i32 = -7;
export const STATUS_REPLAYED: i32 = -8;
export const STATUS_EPOCH: i32 = -9;
export const STATUS_COMPRESSION: i32 = -10;
export const STATUS_EXHAUSTED: i32 = -11;
